import {
  c2cConversationId,
  systemConversationId,
  type ConversationId,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { Platform } from '../../../client-sdk/src/core/client-api.ts'
import { createKeyRing } from '../../src/auth/key-ring.ts'
import { signJwtUserSig } from '../../src/auth/jwt-user-sig.ts'
import { Chance } from './chance.ts'
import type { Operation, Plan } from './operations.ts'
import { GroupOperations } from './group-operations.ts'
import { MessageOperations } from './message-operations.ts'
import { NO_BROKER_FAULTS, SimBus } from './sim-broker.ts'
import { SimApp, type AppDeps } from './sim-app.ts'
import { SDK_APP_ID, SimNode } from './sim-node.ts'
import { SimPostgres, type Backup } from './sim-postgres.ts'
import type { StoreFlaws } from './sim-transaction.ts'
import { STARTED_AT_MS, VirtualTime } from './virtual-time.ts'
import { Witness } from './witness.ts'

const NAMES = ['ann', 'bob', 'eve', 'zoë'] as UserId[]
const DEVICES: readonly Platform['device'][] = ['web', 'wx', 'node']
const KEYS = createKeyRing(['a secret of thirty-two characters'.replaceAll(' ', '-')])
const SIGNATURES = new Map<UserId, string>()
const YEAR_S = 365 * 86_400
/** In a calm world a ready device has what was committed within this time. The sweeper would take two seconds. */
const PROMPT_MS = 1_500
const DAY_MS = 86_400_000

/** A place to log in: a user's device of one class, with the application that runs on it now. */
export interface Slot {
  readonly userId: UserId
  readonly device: Platform['device']
  app: SimApp
}

export interface WorldOptions {
  readonly flaws: StoreFlaws
  readonly trace?: (text: string) => void
}

/** Users with their devices, nodes, a broker, a database and a network, in one thread and one time. */
export class World {
  readonly plan: Plan
  readonly time = new VirtualTime()
  readonly postgres: SimPostgres
  readonly bus: SimBus
  readonly nodes: SimNode[] = []
  readonly slots: Slot[] = []
  readonly apps: SimApp[] = []
  readonly witness: Witness
  readonly users: readonly UserId[]
  readonly seen = { cuts: 0, kills: 0, crashes: 0, rivals: 0, duplicates: 0, sleeps: 0 }
  readonly #groups: GroupOperations
  readonly #messages: MessageOperations
  readonly #chance: Chance
  readonly #trace: (text: string) => void
  #backups: { readonly backup: Backup; readonly entries: number }[] = []
  #made = 0
  #isHealing = false
  hash = 0

  constructor(plan: Plan, options: WorldOptions) {
    this.plan = plan
    this.#chance = new Chance(plan.seed).fork('world')
    const write = options.trace
    this.#trace = (text) => {
      this.hash = hashOf(this.hash, `${this.time.nowMs} ${text}`)
      write?.(`${String(this.time.nowMs).padStart(7)} ${text}`)
    }
    this.postgres = new SimPostgres(this.time, this.#chance.fork('postgres'), options.flaws)
    this.bus = new SimBus(this.time, this.#chance.fork('bus'))
    this.witness = new Witness(this.postgres, {
      trace: this.#trace,
      onCommitted: (timeline, offset) => this.#expectPrompt(timeline, offset),
    })
    this.users = NAMES.slice(0, plan.users)
    this.#groups = new GroupOperations(this.users)
    this.#messages = new MessageOperations({
      users: this.users,
      witness: this.witness,
      trace: this.#trace,
      apps: () => this.slots.map(({ app }) => app),
    })
    for (let i = 0; i < plan.nodes; i++) this.nodes.push(this.#startNode())
    for (const userId of this.users) {
      for (const device of DEVICES.slice(0, plan.devicesEach)) {
        this.slots.push({ userId, device, app: this.#makeApp(userId, device) })
      }
    }
  }

  async start(): Promise<void> {
    while (this.nodes.some((node) => !node.isListening)) await this.time.pass(1)
    for (const { app } of this.slots) app.login()
    await this.time.pass(this.#chance.pick([20, 300, 3_000]))
  }

  async take(operation: Operation): Promise<void> {
    this.#trace(`* ${operation.kind} ${operation.who} ${operation.to} ${operation.n}`)
    this.#act(operation)
    await this.time.pass(operation.waitMs)
  }

  /** Ends every fault. What is dark stays dark: it is for the two ends to notice. */
  heal(): void {
    this.#trace('* heal')
    this.#isHealing = true
    this.bus.faults = { ...NO_BROKER_FAULTS }
    this.bus.confirmMs = 3
    this.bus.comeUp()
    this.postgres.ambiguous = 0
    for (const [index, node] of this.nodes.entries()) if (!node.isAlive) this.nodes[index] = this.#startNode()
    for (const app of this.apps) {
      if (!app.isAlive) continue
      app.comeBack()
      app.line?.goOnReading()
      if (this.plan.seed % 2 === 0) app.wake()
    }
  }

  /** Whoever ought to be logged in and is not tries again, as a person would. */
  logInAgain(): void {
    for (const { app } of this.slots) {
      if (app.client.self === undefined && app.loggingIn === 0) app.login()
    }
  }

  #act({ kind, who, to, n }: Operation): void {
    const slot = this.slots[who % this.slots.length]
    if (!slot) return
    const { app } = slot
    const conversation = this.#conversationOf(slot.userId, to, kind)
    const { client } = app
    const lastSeq = client.conversation(conversation)?.lastSeq ?? 0
    switch (kind) {
      case 'send':
        return this.#messages.send(app, conversation, n)
      case 'retrySame':
        return this.#messages.sendSame(app, n)
      case 'modify':
        return this.#messages.modify(app, conversation, n)
      case 'receipt':
        return this.#messages.sendReceipts(app, conversation, n)
      case 'pull':
        // What our SDK asks only where it has a gap, and of what it is in; somebody else may ask anything at any time.
        if (app.isReady) app.line?.ask(3_000_000_000 + n, 'sync.pull', { timeline: `c:${conversation}`, after: n % 15 })
        return
      case 'duplicateFrame':
        if (app.line?.sendAgain(1_000_000_000 + n)) this.seen.duplicates++
        return
      case 'read':
        return ignore(client.read(conversation))
      case 'readUpTo':
        // Not what our SDK asks; another client, or an old answer of a person, may well.
        if (lastSeq > 0 && app.isReady)
          app.line?.ask(2_000_000_000 + n, 'receipt.read', { conversationId: conversation, seq: 1 + (n % lastSeq) })
        return
      case 'revoke':
        if (lastSeq > 0) ignore(client.revoke(conversation, Math.max(1, lastSeq - (n % 3))))
        return
      case 'remind':
        return ignore(
          client.ask('conversation.remind', {
            conversationIds: [conversation],
            remind: n % 3 === 0 ? 'discard' : 'notify',
          }),
        )
      case 'delete':
        if (lastSeq > 0) ignore(client.deleteMessages(conversation, [Math.max(1, lastSeq - (n % 4))]))
        return
      case 'clear':
        return ignore(client.clear(conversation))
      case 'hide':
        return ignore(client.hide([conversation], { clears: n % 2 === 0 }))
      case 'pin':
        return ignore(client.pin(conversation, n % 2 === 0))
      case 'look':
        return ignore(client.fetchConversation(conversation))
      case 'history':
        return ignore(client.history(conversation, { direction: 'older', limit: 5 }))
      case 'rival':
        this.seen.rivals++
        slot.app = this.#makeApp(slot.userId, slot.device)
        return slot.app.login()
      case 'again':
        void client.logout()
        return app.login()
      case 'logout':
        void client.logout()
        return
      case 'login':
        if (client.self === undefined && app.loggingIn === 0) app.login()
        return
      case 'cut':
        this.seen.cuts++
        return app.line?.cut()
      case 'finish':
        this.seen.cuts++
        return app.line?.finish(n % 2 === 0 ? 1000 : 1001)
      case 'dark':
        return app.line?.goDark(n % 3 === 0 ? 'up' : n % 3 === 1 ? 'down' : 'both')
      case 'wake':
        return app.wake()
      case 'crash':
        this.seen.crashes++
        app.crash()
        slot.app = this.#makeApp(slot.userId, slot.device)
        return slot.app.login()
      case 'sleep':
        return this.#sleep(app, n)
      case 'slow':
        app.line?.stopReading()
        return this.#later(n * 4, () => app.line?.goOnReading())
      case 'found':
      case 'invite':
      case 'kick':
      case 'join':
      case 'quit':
      case 'mute':
      case 'muteAll':
      case 'rename':
      case 'setRole':
      case 'transfer':
      case 'card':
      case 'swap':
        return this.#groups.act(kind, app, to, n)
      case 'dismiss':
        this.#groups.act(kind, app, to, n)
        // Who does not know of it yet goes on speaking.
        for (const [index, slot] of this.slots.entries()) {
          if (this.#groups.hasAny)
            this.#later(index * 5, () => this.#messages.send(slot.app, this.#groups.conversation(to), n + index))
        }
        return
      default:
        this.#breakSomething({ kind, who, to, n })
    }
  }

  /** Half of everything happens in groups, where there are any; a little in what the server says to a user. */
  #conversationOf(userId: UserId, to: number, kind: Operation['kind']): ConversationId {
    if (to % 10 === 9 && kind !== 'send') return systemConversationId(userId)
    if (to >= 30 && this.#groups.hasAny) return this.#groups.conversation(to)
    return c2cConversationId(userId, this.users[to % this.users.length] ?? userId)
  }

  #breakSomething({ kind, who, to, n }: Omit<Operation, 'waitMs'>): void {
    const { postgres, bus } = this
    switch (kind) {
      case 'killNode':
        return this.#killNode(who % this.nodes.length, n * 5)
      case 'busDown':
        bus.goDown()
        return this.#later(n * 8, () => bus.comeUp())
      case 'busFaults':
        bus.faults = { lose: 100, double: 100, late: 200, lateMs: 300 }
        return this.#later(n * 8, () => {
          bus.faults = { ...NO_BROKER_FAULTS }
        })
      case 'busSlow':
        bus.confirmMs = 200
        return this.#later(n * 8, () => {
          bus.confirmMs = 3
        })
      case 'dbStall':
        return postgres.stall(n * 6)
      case 'dbRestart':
        return postgres.restart(n * 3)
      case 'dbAmbiguous':
        postgres.ambiguous += 1 + (n % 3)
        return
      case 'skew':
        return this.#skew(who, to, n)
      case 'skewStore':
        postgres.skewMs = skewOf(to, n)
        return
      case 'backUp':
        this.#backups.push({ backup: postgres.backUp(), entries: this.witness.oracle.entries.length })
        return
      case 'rewind': {
        const taken = this.#backups[n % Math.max(1, this.#backups.length)]
        if (!taken || this.#isHealing) return
        // A backup of a later past than the one restored does not exist any more.
        this.#backups = this.#backups.filter(({ entries }) => entries <= taken.entries)
        postgres.rewind(taken.backup, 500 + n * 2)
        return this.witness.onRewind(taken.entries)
      }
      default:
    }
  }

  #later(delayMs: number, run: () => void): void {
    this.time.after(delayMs, run)
  }

  #sleep(app: SimApp, n: number): void {
    this.seen.sleeps++
    const { line } = app
    app.sleep()
    // WeChat ends a mini-program's socket after some seconds in the background, with 1000.
    this.#later(5_000, () => {
      if (app.isAsleep) line?.finish(1000)
    })
    this.#later(n * 20, () => app.comeBack())
  }

  #killNode(index: number, downMs: number): void {
    const node = this.nodes[index]
    if (!node?.isAlive) return
    this.seen.kills++
    node.kill()
    this.#later(downMs, () => {
      if (this.nodes[index] === node) this.nodes[index] = this.#startNode()
    })
  }

  #skew(who: number, to: number, n: number): void {
    const skewMs = skewOf(to, n)
    const app = this.slots[who % this.slots.length]?.app
    const node = this.nodes[who % this.nodes.length]
    if (who % 2 === 0 && app) app.skewMs = skewMs
    else if (node) node.machine.skewMs = skewMs
  }

  /** In a calm world whoever is ready now and stays so has it soon, without the sweeper's help. */
  #expectPrompt(timeline: TimelineId, offset: number): void {
    if (this.plan.profile !== 'calm') return
    const { oracle } = this.witness
    for (const { app } of this.slots) {
      if (!app.isReady || !oracle.isHisNow(app.userId, timeline, offset)) continue
      const { line, inside } = app
      this.#later(PROMPT_MS, () => {
        if (app.line !== line || app.inside !== inside || !inside || !app.isReady || !line?.isAlive) return
        if (!oracle.isHisNow(app.userId, timeline, offset)) return
        const cursor = inside.store.cursorOf(timeline)
        if (cursor >= offset) return
        this.witness.blame('prompt', `${app.instanceId} stands at ${cursor} of ${timeline}, not at ${offset}`)
      })
    }
  }

  #makeApp(userId: UserId, device: Platform['device']): SimApp {
    const instanceId = `${userId === 'zoë' ? 'zoe' : userId}-${device}-${++this.#made}`
    const deps: AppDeps = {
      time: this.time,
      chance: this.#chance.fork(instanceId),
      watch: {
        onClientFrame: (line, text) => this.witness.onClientFrame(line, text),
        onServerFrame: (line, text) => this.witness.onServerFrame(line, text),
      },
      latencyMs: this.plan.latencyMs,
      pickNode: () => this.#pickNode(),
      userSigOf,
      onDial: (line, app) => this.witness.onDial(line, app),
      onChange: (app, change) => this.witness.onChange(app, change),
      onError: (app, error) => this.witness.blame('client', `${app.instanceId}: ${String(error)}`),
    }
    const app = new SimApp(userId, device, instanceId, deps)
    this.apps.push(app)
    return app
  }

  #pickNode(): SimNode | undefined {
    const listening = this.nodes.filter((node) => node.isListening)
    return listening.length === 0 ? undefined : this.#chance.pick(listening)
  }

  #startNode(): SimNode {
    return new SimNode({
      time: this.time,
      chance: this.#chance.fork(`node ${++this.#made}`),
      postgres: this.postgres,
      bus: this.bus,
      keys: KEYS,
      onInternalError: (error) => {
        // What the broker says when it is away, in the words of the real one.
        if (error instanceof Error && /^(unsubscribed|the log lacks|the connection is closed)/.test(error.message))
          return
        this.witness.blame('INTERNAL', error instanceof Error ? (error.stack ?? error.message) : String(error))
      },
    })
  }
}

function userSigOf(userId: UserId): string {
  const known = SIGNATURES.get(userId)
  if (known !== undefined) return known
  const order = { userId, sdkAppId: SDK_APP_ID, lifetimeS: 2 * YEAR_S, issuedAtMs: STARTED_AT_MS - YEAR_S * 1000 }
  const made = signJwtUserSig(KEYS, order)
  SIGNATURES.set(userId, made)
  return made
}

/** Up to a minute wrong, now and then a day. */
function skewOf(to: number, n: number): number {
  return Math.floor(((n - 500) / 500) * (to % 3 === 0 ? DAY_MS : 60_000))
}

function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {})
}

function hashOf(hash: number, text: string): number {
  let mixed = hash
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193)
  return mixed >>> 0
}
