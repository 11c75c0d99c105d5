import type { ConversationId } from '@hongyan/protocol'
import type { Draft } from '../../client-sdk/src/core/client-api.ts'
import { canaryOf } from '../record/canary.ts'
import type { AckLine } from '../record/lines.ts'
import type { PlannedGroup } from '../rig/population.ts'
import { Seeded } from '../rig/seeded.ts'
import { pause } from '../rig/waiting.ts'
import type { Composed, RiggedDevice } from './device.ts'
import type { Gate } from './gate.ts'
import { askPatiently, failureOf } from './patience.ts'
import { onceAt, type PlantedBug } from './planted-bug.ts'
import type { Tally } from './tally.ts'

export interface LifeDeps {
  readonly device: RiggedDevice
  readonly pairs: readonly ConversationId[]
  readonly groups: readonly ConversationId[]
  /** Groups in which he comes and goes, and those which he owns, out of which he removes others. */
  readonly wanders: readonly PlannedGroup[]
  readonly groupShare: number
  readonly gate: Gate
  readonly tally: Tally
  readonly seed: number
  /** Written to the file before it returns. */
  readonly append: (line: AckLine) => void
  readonly bugs: ReadonlySet<PlantedBug>
}

interface Own {
  readonly conversation: ConversationId
  /** Undefined where it was sent by TIM's words. */
  readonly draft: Draft | undefined
  readonly seq: number
  readonly canary: string
  readonly sentAtMs: number
  /** In another store its number means another message. */
  readonly epoch: string
  version: number
  isRecalled: boolean
}

/** What is remembered of a device's own messages, to change some and take some back. */
const MAX_REMEMBERED = 40
/** The server lets a sender take back for two minutes; the rig's clock and the server's are one. */
const RECALL_WITHIN_MS = 60_000
const FILLER = '老师好，今天的作业是第三课的生字，请在周五之前交。'.repeat(3)

/** What somebody does on one device, until he is told to stop. */
export class Life {
  readonly #deps: LifeDeps
  readonly #random: Seeded
  readonly #own: Own[] = []
  readonly #orders = new Map<ConversationId, number>()
  readonly #isPhantomDue = onceAt(5)
  #number = 0
  #isStopped = false
  #isBusy = false

  constructor(deps: LifeDeps) {
    this.#deps = deps
    this.#random = new Seeded(deps.seed)
  }

  /** Nothing of his is under way. */
  get isAtRest(): boolean {
    return !this.#isBusy
  }

  stop(): void {
    this.#isStopped = true
  }

  /** One thing after the other, each when the gate lets him. */
  async live(): Promise<void> {
    if (this.#deps.pairs.length + this.#deps.groups.length === 0) return
    for (;;) {
      await this.#deps.gate.turn()
      if (this.#isStopped || this.#deps.device.isEnded) return
      this.#isBusy = true
      try {
        await this.#doSomething()
      } catch (err) {
        this.#deps.tally.noteError(`${this.#deps.device.name}: ${failureOf(err)}`)
      } finally {
        this.#isBusy = false
      }
    }
  }

  async #doSomething(): Promise<void> {
    const burst = this.#random.isChance(0.5) ? this.#random.whole(2, 8) : 1
    const conversation = this.#choose()
    this.#deps.gate.spend(burst - 1)
    await Promise.all(Array.from({ length: burst }, () => this.#send(conversation)))
    const dice = this.#random.next()
    if (dice < 0.12) await this.#read()
    else if (dice < 0.135) await this.#recall()
    else if (dice < 0.155) await this.#edit()
    else if (dice < 0.163) await this.#sendAgain()
    else if (dice < 0.166) await this.#twist()
    else if (dice < 0.175) await this.#look()
    else if (dice < 0.178) await this.#rearrange()
    else if (dice < 0.188) await this.#wander()
    if (this.#deps.bugs.has('phantom-ack') && this.#isPhantomDue()) this.#acknowledgeNothing(conversation)
  }

  #choose(): ConversationId {
    const { pairs, groups, groupShare } = this.#deps
    const isToGroup = pairs.length === 0 || (groups.length > 0 && this.#random.isChance(groupShare))
    return this.#random.pick(isToGroup ? groups : pairs)
  }

  async #send(conversation: ConversationId): Promise<void> {
    const { device } = this.#deps
    const canary = canaryOf(device.name, ++this.#number)
    const order = (this.#orders.get(conversation) ?? 0) + 1
    this.#orders.set(conversation, order)
    const text = `${canary} ${FILLER.slice(0, this.#random.whole(0, FILLER.length))}`
    const composed = device.compose(conversation, text)
    const own = await this.#ask(composed, { conversation, order, canary })
    if (own === undefined) return
    this.#own.push(own)
    if (this.#own.length > MAX_REMEMBERED) this.#own.shift()
  }

  async #ask(
    { id, draft, send }: Composed,
    {
      conversation,
      order,
      canary,
    }: { readonly conversation: ConversationId; readonly order: number; readonly canary: string },
  ): Promise<Own | undefined> {
    const { device, tally, append } = this.#deps
    const askedAtMs = Date.now()
    const answered = tally.ask()
    const answer = await askPatiently(device, send, () => tally.retried++)
    answered()
    if (answer.kind === 'refused') {
      append({ kind: 'refused', device: device.name, id, failure: answer.failure })
      return undefined
    }
    if (answer.kind === 'unanswered') {
      append({ kind: 'unanswered', device: device.name, what: `send ${id}`, failure: answer.failure })
      return undefined
    }
    const { seq, sentAtMs } = answer.value
    const atMs = Date.now()
    const { attempts } = answer
    const { epoch } = device
    const sent = { kind: 'sent', device: device.name, conversation, order, attempts, id, seq, sentAtMs } as const
    append({ ...sent, epoch, askedAtMs, atMs, canary })
    tally.answered(atMs - askedAtMs)
    return { conversation, draft, seq, canary, sentAtMs, epoch, version: 0, isRecalled: false }
  }

  /** As an application that did not keep the answer. */
  async #sendAgain(): Promise<void> {
    const { client } = this.#deps.device
    const { draft, conversation, canary } = this.#remembered() ?? {}
    if (draft === undefined || conversation === undefined || canary === undefined) return
    // What was taken back or changed keeps its first answer, too.
    const composed = { id: draft.clientMsgId, draft, send: () => client.send(draft) }
    await this.#ask(composed, { conversation, order: 0, canary })
  }

  /** Another message under an id that is taken. */
  async #twist(): Promise<void> {
    const { device, append } = this.#deps
    const first = this.#remembered()?.draft
    if (first === undefined) return
    const canary = canaryOf(device.name, 0)
    const draft: Draft = { ...first, elements: [{ type: 'text', text: `${canary} another` }] }
    const { clientMsgId: id, conversationId: conversation } = draft
    const askedAtMs = Date.now()
    const answer = await askPatiently(device, () => device.client.send(draft))
    const outcome = answer.kind === 'done' ? 'done' : answer.failure
    append({ kind: 'twisted', device: device.name, id, outcome })
    // A store that was put back may not know the first of the two; then this one is a message like any other.
    if (answer.kind === 'done') {
      const sent = { kind: 'sent', device: device.name, conversation, order: 0, attempts: answer.attempts } as const
      append({ ...sent, id, ...answer.value, epoch: device.epoch, askedAtMs, atMs: Date.now(), canary })
    }
  }

  async #recall(): Promise<void> {
    const { device, append } = this.#deps
    const own = this.#remembered()
    if (own === undefined || Date.now() - own.sentAtMs > RECALL_WITHIN_MS) return
    own.isRecalled = true
    const answer = await askPatiently(device, () => device.client.revoke(own.conversation, own.seq))
    const line = { device: device.name, conversation: own.conversation, seq: own.seq, epoch: device.epoch }
    if (answer.kind === 'done') append({ kind: 'recall', ...line, canaries: canariesOf(own, device), atMs: Date.now() })
    else if (answer.kind === 'unanswered') {
      append({ kind: 'unanswered', device: device.name, what: `recall ${own.seq}`, failure: answer.failure })
    }
  }

  /** Now and then somebody takes back at the same moment what he changes. */
  async #edit(): Promise<void> {
    const own = this.#remembered()
    if (own === undefined) return
    if (this.#random.isChance(0.2)) await Promise.all([this.#change(own), this.#recallOnly(own)])
    else await this.#change(own)
  }

  async #recallOnly(own: Own): Promise<void> {
    const { device, append } = this.#deps
    own.isRecalled = true
    const answer = await askPatiently(device, () => device.client.revoke(own.conversation, own.seq))
    if (answer.kind !== 'done') return
    const { conversation, seq } = own
    const { epoch } = device
    const canaries = [...canariesOf(own, device), canaryOf(device.name, numberOf(own.canary), own.version + 1)]
    append({ kind: 'recall', device: device.name, conversation, seq, canaries, epoch, atMs: Date.now() })
  }

  async #change(own: Own): Promise<void> {
    const { device, append } = this.#deps
    const { conversation, seq, version } = own
    const canary = canaryOf(device.name, numberOf(own.canary), version + 1)
    const elements = [{ type: 'text' as const, text: `${canary} better` }]
    const answer = await askPatiently(device, () =>
      device.client.modify({ conversationId: conversation, seq, version, elements }),
    )
    if (answer.kind !== 'done') return
    own.version = answer.value.version
    const { epoch } = device
    append({
      kind: 'edit',
      device: device.name,
      conversation,
      seq,
      version: own.version,
      canary,
      epoch,
      atMs: Date.now(),
    })
  }

  async #read(): Promise<void> {
    const { device, pairs, groups } = this.#deps
    const conversation = this.#random.pick([...pairs, ...groups])
    await askPatiently(device, () => device.client.read(conversation))
  }

  async #look(): Promise<void> {
    const { device } = this.#deps
    const conversationId = this.#choose()
    await askPatiently(device, () => device.client.history(conversationId, { direction: 'older', limit: 15 }))
  }

  async #rearrange(): Promise<void> {
    const { device } = this.#deps
    const conversation = this.#choose()
    const dice = this.#random.next()
    if (dice < 0.5) await askPatiently(device, () => device.client.pin(conversation, dice < 0.3))
    else if (dice < 0.7) await askPatiently(device, () => device.client.clear(conversation))
    else if (dice < 0.85) await askPatiently(device, () => device.client.hide([conversation], { clears: false }))
    else {
      const own = this.#remembered()
      if (own) await askPatiently(device, () => device.client.deleteMessages(own.conversation, [own.seq]))
    }
  }

  /** Comes into a group and goes; or removes somebody from the one that he owns. */
  async #wander(): Promise<void> {
    const { device, wanders } = this.#deps
    if (wanders.length === 0) return
    const { groupId, conversationId, wanderer, owner } = this.#random.pick(wanders)
    const { client } = device
    if (device.planned.userId === owner) {
      await askPatiently(device, () => client.ask('group.kick', { groupId, userIds: [wanderer] }))
      return
    }
    const isMember = client.conversation(conversationId) !== undefined
    if (isMember) await askPatiently(device, () => client.ask('group.quit', { groupId }))
    else await askPatiently(device, () => client.ask('group.join', { groupId }))
    await pause(this.#random.whole(0, 50))
  }

  #remembered(): Own | undefined {
    const can = this.#own.filter(({ isRecalled, epoch }) => !isRecalled && epoch === this.#deps.device.epoch)
    return can.length === 0 ? undefined : this.#random.pick(can)
  }

  #acknowledgeNothing(conversation: ConversationId): void {
    const { device, append } = this.#deps
    const now = Date.now()
    const told = { order: 0, attempts: 1, id: '0-phantom', seq: 1_000_000, sentAtMs: now, epoch: device.epoch }
    const canary = canaryOf(device.name, 999_999)
    append({ kind: 'sent', device: device.name, conversation, ...told, askedAtMs: now, atMs: now, canary })
  }
}

/** Everything it may ever have said. */
function canariesOf(own: Own, device: RiggedDevice): readonly string[] {
  const number = numberOf(own.canary)
  return Array.from({ length: own.version + 1 }, (_, version) => canaryOf(device.name, number, version))
}

function numberOf(canary: string): number {
  return Number(/\.(\d+)~$/.exec(canary)?.[1])
}
