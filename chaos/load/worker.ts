import { join } from 'node:path'
import type { ConversationId } from '@hongyan/protocol'
import { Journal } from '../record/journal.ts'
import type { AckLine, EventLine } from '../record/lines.ts'
import { devicesOf, planPopulation, type Population } from '../rig/population.ts'
import { pause, until } from '../rig/waiting.ts'
import { RiggedDevice } from './device.ts'
import { Gate } from './gate.ts'
import { Life } from './life.ts'
import type { CaughtUp, Head, Order, Report, WorkerPlan } from './orders.ts'
import { failureOf } from './patience.ts'
import { plantedBugs } from './planted-bug.ts'
import { Tally } from './tally.ts'

// A process full of devices. It is told what to do over the channel to the process that forked it, and ends with that.

const COUNTS_EVERY_MS = 250
const LOGINS_AT_ONCE = 10
const REST_DEADLINE_MS = 200_000
const CATCH_UP_EVERY_MS = 25

class Worker {
  readonly #plan: WorkerPlan
  readonly #population: Population
  readonly #acks: Journal<AckLine>
  readonly #events: Journal<EventLine>
  readonly #tally = new Tally()
  readonly #gate: Gate
  readonly #devices: readonly RiggedDevice[]
  readonly #lives: readonly Life[]
  readonly #narrow = new Map<string, number>()
  #ports: readonly number[]
  #dialled = 0

  constructor(plan: WorkerPlan, ports: readonly number[]) {
    this.#plan = plan
    this.#ports = ports
    this.#population = planPopulation(plan.scale, plan.seed)
    this.#acks = new Journal(join(plan.folder, `acks-${plan.index}.jsonl`))
    this.#events = new Journal(join(plan.folder, `events-${plan.index}.jsonl`))
    this.#gate = new Gate(plan.scale.rate / plan.workers)
    this.#devices = this.#makeDevices()
    this.#lives = this.#devices.map((device, index) => this.#makeLife(device, index))
    setInterval(() => tell({ kind: 'counts', counts: this.#tally.take() }), COUNTS_EVERY_MS).unref()
  }

  setPorts(ports: readonly number[]): void {
    this.#ports = ports
  }

  async login(): Promise<void> {
    const waiting = [...this.#devices]
    const lane = async (): Promise<void> => {
      for (let device = waiting.pop(); device; device = waiting.pop()) await device.login()
    }
    await Promise.all(Array.from({ length: LOGINS_AT_ONCE }, lane))
    // Lives begin at the shut gate.
    for (const life of this.#lives) void life.live()
  }

  open(rate: number): void {
    this.#gate.setRate(rate / this.#plan.workers)
    this.#gate.open()
  }

  async shut(): Promise<void> {
    this.#gate.shut()
    await until('everybody is at rest', () => this.#lives.every(({ isAtRest }) => isAtRest), {
      deadlineMs: REST_DEADLINE_MS,
    })
    this.#acks.flush()
    this.#events.flush()
  }

  /** A device has caught up when it stands at the heads of all its conversations, or beyond. */
  async catchUp(heads: readonly Head[], deadlineMs: number): Promise<CaughtUp> {
    const startedMs = performance.now()
    const of = new Map<string, Head[]>()
    for (const head of heads) {
      for (const user of head.members) of.set(user, [...(of.get(user) ?? []), head])
    }
    const waiting = new Set(this.#devices)
    const tookMs: number[] = []
    while (waiting.size > 0 && performance.now() - startedMs < deadlineMs) {
      for (const device of waiting) {
        if (missing(device, of.get(device.planned.userId) ?? []) !== undefined) continue
        waiting.delete(device)
        tookMs.push(Math.round(performance.now() - startedMs))
      }
      if (waiting.size > 0) await pause(CATCH_UP_EVERY_MS)
    }
    const behind = [...waiting].map((device) => {
      return `${device.name} ${missing(device, of.get(device.planned.userId) ?? [])}`
    })
    return { tookMs, behind }
  }

  digests(): readonly (readonly [string, string])[] {
    return this.#devices.map(({ planned, client }) => [planned.userId, client.stateDigest()] as const)
  }

  view(checkpoint: number): void {
    for (const { name, client } of this.#devices) {
      this.#events.note({ kind: 'view', device: name, checkpoint, digest: client.stateDigest() })
    }
    this.#events.flush()
  }

  /** Asks on one device of each member who is here: whatever it kept, the server must show nothing. */
  async tombstones(of: readonly { readonly conversation: ConversationId; readonly seq: number }[]): Promise<void> {
    for (const { conversation, seq } of of) {
      const device = this.#devices.find(({ client }) => client.conversation(conversation) !== undefined)
      if (device === undefined) continue
      const query = { direction: 'older', from: { seq: seq + 1 }, limit: 1 } as const
      const { messages } = await device.client.history(conversation, query)
      const isEmpty = messages.every((message) => message.seq !== seq || message.elements.length === 0)
      this.#events.note({ kind: 'tombstone', device: device.name, conversation, seq, isEmpty })
    }
    this.#events.flush()
  }

  async doze(share: number, forMs: number): Promise<void> {
    await Promise.all(this.#some(share).map((device) => device.doze(forMs)))
  }

  flap(share: number): void {
    for (const device of this.#some(share)) device.wake()
  }

  interrupt(share: number): void {
    for (const device of this.#some(share)) device.interrupt()
  }

  narrow(share: number, port: number): void {
    this.#narrow.clear()
    for (const device of this.#devices) device.giveBack()
    for (const device of port === 0 ? [] : this.#some(share)) {
      device.cutOff()
      this.#narrow.set(device.name, port)
      device.interrupt()
    }
  }

  async stop(): Promise<void> {
    for (const life of this.#lives) life.stop()
    this.#gate.setRate(1e6)
    this.#gate.open()
    await Promise.all(this.#devices.map(({ client }) => client.logout()))
    this.#acks.close()
    this.#events.close()
  }

  #some(share: number): readonly RiggedDevice[] {
    const count = Math.max(1, Math.round(this.#devices.length * share))
    return this.#devices.filter((_, index) => (index * 7919) % this.#devices.length < count)
  }

  #makeDevices(): readonly RiggedDevice[] {
    const mine = devicesOf(this.#population).filter((_, index) => {
      return Math.floor(index / 2) % this.#plan.workers === this.#plan.index
    })
    const { groups } = this.#population
    return mine.map((planned, index) => {
      const wandersIn = groups.filter(({ wanderer }) => wanderer === planned.userId)
      return new RiggedDevice({
        planned,
        note: (line) => this.#events.note(line),
        tally: this.#tally,
        port: () => this.#portOf(planned.name),
        wanders: new Set(wandersIn.map(({ conversationId }) => conversationId)),
        bugs: this.#bugsOf(index),
      })
    })
  }

  #makeLife(device: RiggedDevice, index: number): Life {
    const { userId } = device.planned
    const { pairs, groups } = this.#population
    return new Life({
      device,
      pairs: pairs.filter((pair) => pair.split(':').slice(1).includes(userId)),
      groups: groups.filter(({ members }) => members.includes(userId)).map(({ conversationId }) => conversationId),
      wanders: groups.filter(({ wanderer, owner }) => wanderer === userId || owner === userId),
      groupShare: this.#plan.scale.groupShare,
      gate: this.#gate,
      tally: this.#tally,
      seed: this.#plan.seed * 1_000 + this.#plan.index * 100 + index,
      append: (line) => this.#acks.append(line),
      bugs: this.#bugsOf(index),
    })
  }

  /** One device breaks promises, if the rig is to be tested. */
  #bugsOf(index: number): ReturnType<typeof plantedBugs> {
    return index === 3 && this.#plan.index === 0 ? plantedBugs(process.env) : new Set()
  }

  /** One node after the other; the rig takes those out of the list that do not answer. */
  #portOf(name: string): number {
    return this.#narrow.get(name) ?? this.#ports[this.#dialled++ % this.#ports.length] ?? 1
  }
}

/** What a device lacks of these heads; undefined when nothing. */
function missing({ client, isOnline }: RiggedDevice, heads: readonly Head[]): string | undefined {
  if (!isOnline) return 'has no connection'
  for (const { conversation, offset } of heads) {
    const at = client.conversation(conversation)?.offset
    if (at === undefined || at < offset) return `has ${conversation} up to ${at}, its head is ${offset}`
  }
  return undefined
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report)
}

let worker: Worker | undefined

async function obey(order: Order): Promise<unknown> {
  if (order.kind === 'plan') {
    worker = new Worker(order.plan, order.ports)
    return undefined
  }
  if (worker === undefined) throw new Error('nothing is planned yet')
  switch (order.kind) {
    case 'ports':
      return worker.setPorts(order.ports)
    case 'login':
      return worker.login()
    case 'open':
      return worker.open(order.rate)
    case 'shut':
      return worker.shut()
    case 'catch-up':
      return worker.catchUp(order.heads, order.deadlineMs)
    case 'digests':
      return worker.digests()
    case 'view':
      return worker.view(order.checkpoint)
    case 'tombstones':
      return worker.tombstones(order.of)
    case 'doze':
      return worker.doze(order.share, order.forMs)
    case 'flap':
      return worker.flap(order.share)
    case 'interrupt':
      return worker.interrupt(order.share)
    case 'narrow':
      return worker.narrow(order.share, order.port)
    case 'stop':
      return worker.stop()
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (result) => {
      if ('number' in order) tell({ kind: 'done', number: order.number, result })
      if (order.kind === 'stop') process.disconnect()
    },
    (err: unknown) => {
      if ('number' in order) tell({ kind: 'failed', number: order.number, why: failureOf(err) })
    },
  )
})
// Whoever forked us is gone: nobody needs us.
process.on('disconnect', () => setTimeout(() => process.exit(0), 100))
// Ctrl-C goes to the whole group; the rig says when.
process.on('SIGINT', () => {})
tell({ kind: 'up' })
