import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sumBooks, type Books } from '../ledger/books.ts'
import { distributionOf, merge, type Measures, type Timed } from '../measure/meter.ts'
import type { FromPlayer, Orders, Result, Second, ToPlayer } from './orders.ts'
import { Player } from './player.ts'
import { wallClock } from './timers.ts'

export type Phase = 'found' | 'gather' | 'play' | 'finish' | 'balance'

/** One second of a run, of all processes together. */
export interface Row {
  /** Since the play began; before that it is not known when it will, and this is -1 until the end. */
  readonly second: number
  readonly atMs: number
  readonly phase: Phase
  readonly ready: number
  readonly clients: number
  /** In this second. */
  readonly acknowledged: number
  readonly delivered: number
  readonly heard: number
  readonly refused: number
  /** Milliseconds; undefined when there was nothing to time. */
  readonly p50: Readonly<Partial<Record<Timed, number>>>
  readonly p99: Readonly<Partial<Record<Timed, number>>>
  readonly rssBytes: number
  /** Cores that the load generator used. */
  readonly cpu: number
  readonly serverRssBytes: number
  readonly faults: number
}

export interface RunResult {
  readonly startedAtMs: number
  readonly rows: readonly Row[]
  readonly measures: Measures
  readonly books: Books
  readonly parts: readonly Result[]
  /** Messages whose authors were told of another number of readers than there were receipts. */
  readonly wrongReceipts: number
  readonly receiptsSent: number
}

export interface ConductorPorts {
  readonly onRow: (row: Row) => void
  /** Resident memory of the server, when it is known. */
  readonly serverRss: () => number
  readonly signal: AbortSignal
}

/** A process of the run, or this one itself. */
interface Seat {
  tell(message: ToPlayer): void
  end(): void
}

const PREPARE_DEADLINE_MS = 300_000
/** How long after its own deadline a part may still say nothing. */
const GRACE_MS = 30_000
const LEAD_MS = 300

/** Leads the parts of a run through its phases, passes on what they have to know of each other, and puts it together. */
export class Conductor {
  readonly #orders: Orders
  readonly #ports: ConductorPorts
  readonly #seats: Seat[] = []
  readonly #latest: (Second | undefined)[] = []
  readonly #results: (Result | undefined)[] = []
  readonly #rows: Row[] = []
  #recent: Measures[] = []
  #before: Books | undefined
  #refusedBefore = 0
  #phase: Phase = 'found'
  #playMs = 0
  #arrived = 0
  #playing: NodeJS.Timeout | undefined
  #waiting: NodeJS.Timeout | undefined
  #onArrival: () => void = () => {}
  #fail: (err: Error) => void = () => {}

  constructor(orders: Orders, ports: ConductorPorts) {
    this.#orders = orders
    this.#ports = ports
  }

  /** Plays the scenario to its end. Rejects when a part fails, does not answer in time, or the signal says so. */
  async run(): Promise<RunResult> {
    const startedAtMs = wallClock()
    const failed = new Promise<never>((_resolve, reject) => (this.#fail = reject))
    const abort = (): void => {
      const reason: unknown = this.#ports.signal.reason
      this.#fail(reason instanceof Error ? reason : new Error(String(reason)))
    }
    this.#ports.signal.addEventListener('abort', abort)
    const rows = setInterval(() => this.#addRow(), 1000)
    try {
      await Promise.race([this.#play(), failed])
      this.#addRow()
      return this.#result(startedAtMs)
    } finally {
      clearInterval(rows)
      clearTimeout(this.#playing)
      clearTimeout(this.#waiting)
      this.#ports.signal.removeEventListener('abort', abort)
      failed.catch(() => {})
      for (const seat of this.#seats) seat.end()
    }
  }

  async #play(): Promise<void> {
    const { scenario, processes } = this.#orders
    for (let part = 0; part < processes; part++) this.#seats.push(this.#seat(part))
    await this.#all('found', PREPARE_DEADLINE_MS, (part) => ({ kind: 'prepare', orders: this.#orders, part }))
    const { rampSeconds, seconds, settleSeconds } = scenario
    const gatherMs = wallClock() + LEAD_MS
    await this.#all('gather', rampSeconds * 1000 + 120_000 + GRACE_MS, () => ({ kind: 'gather', startMs: gatherMs }))
    this.#playMs = wallClock() + LEAD_MS
    this.#phase = 'play'
    this.#tellAll(() => ({ kind: 'play', startMs: this.#playMs }))
    await new Promise((resolve) => (this.#playing = setTimeout(resolve, LEAD_MS + seconds * 1000)))
    const finishMs = wallClock() + settleSeconds * 1000
    await this.#all('finish', settleSeconds * 1000 + GRACE_MS, () => ({ kind: 'finish', untilMs: finishMs }))
    const balanceMs = wallClock() + settleSeconds * 1000
    await this.#all('balance', settleSeconds * 1000 + GRACE_MS, () => ({ kind: 'balance', untilMs: balanceMs }))
  }

  /** Tells all parts, and waits until each has said that it is done. */
  async #all(phase: Phase, deadlineMs: number, message: (part: number) => ToPlayer): Promise<void> {
    this.#phase = phase
    this.#arrived = 0
    const done = new Promise<void>((resolve, reject) => {
      this.#onArrival = () => {
        if (this.#arrived === this.#seats.length) resolve()
      }
      this.#waiting = setTimeout(() => reject(new Error(`the load generator itself got stuck (${phase})`)), deadlineMs)
    })
    this.#tellAll(message)
    await done.finally(() => clearTimeout(this.#waiting))
  }

  #tellAll(message: (part: number) => ToPlayer): void {
    this.#seats.forEach((seat, part) => seat.tell(message(part)))
  }

  #seat(part: number): Seat {
    const hear = (message: FromPlayer): void => this.#hear(part, message)
    if (this.#orders.processes === 1) {
      const player = new Player(hear)
      return { tell: (message) => player.take(message), end: () => player.take({ kind: 'leave' }) }
    }
    const child = forkPlayer()
    child.on('message', hear)
    child.once('exit', (code) => this.#fail(new Error(`process ${part + 1} of the load generator ended with ${code}`)))
    return {
      tell: (message) => void child.send(message),
      end: () => {
        child.removeAllListeners('exit')
        child.disconnect()
      },
    }
  }

  #hear(part: number, message: FromPlayer): void {
    switch (message.kind) {
      case 'second':
        this.#latest[part] = message.second
        this.#recent.push({ timed: message.second.recent.timed, counts: {} })
        return
      case 'told':
        this.#seats.forEach((seat, other) => {
          if (other !== part) seat.tell(message)
        })
        return
      case 'failed':
        return this.#fail(new Error(message.reason))
      case 'balanced':
        this.#results[part] = message.result
        break
      case 'prepared':
      case 'gathered':
      case 'finished':
    }
    this.#arrived++
    this.#onArrival()
  }

  #addRow(): void {
    const seconds = this.#latest.filter((second) => second !== undefined)
    if (seconds.length < this.#orders.processes) return
    const books = sumBooks(seconds.map((second) => second.books))
    const before = this.#before ?? books
    const { timed } = merge(this.#recent)
    this.#recent = []
    const refused = seconds.reduce((sum, { recent }) => sum + refusedIn(recent.counts), 0)
    const sum = (of: (second: Second) => number): number => seconds.reduce((all, second) => all + of(second), 0)
    const at = (of: 'p50Ms' | 'p99Ms'): Partial<Record<Timed, number>> =>
      Object.fromEntries(
        Object.entries(timed).flatMap(([what, text]) => {
          const distribution = distributionOf(text)
          return distribution ? [[what, distribution[of]]] : []
        }),
      )
    const atMs = wallClock()
    const row: Row = {
      second: this.#playMs === 0 ? -1 : this.#secondOf(atMs),
      atMs,
      phase: this.#phase,
      ready: sum(({ ready }) => ready),
      clients: sum(({ clients }) => clients),
      acknowledged: books.acknowledged + books.said - before.acknowledged - before.said,
      delivered: books.delivered - before.delivered,
      heard: books.heard - before.heard,
      refused: refused - this.#refusedBefore,
      p50: at('p50Ms'),
      p99: at('p99Ms'),
      rssBytes: sum(({ rssBytes }) => rssBytes),
      cpu: sum(({ cpu }) => cpu),
      serverRssBytes: this.#ports.serverRss(),
      faults: faultsIn(books),
    }
    this.#before = books
    this.#refusedBefore = refused
    this.#rows.push(row)
    this.#ports.onRow(row)
  }

  #secondOf(atMs: number): number {
    return Math.round((atMs - this.#playMs) / 1000)
  }

  #result(startedAtMs: number): RunResult {
    const parts = this.#results.filter((result) => result !== undefined)
    const sent = new Map<string, number>()
    for (const { receipts } of parts) {
      for (const { conversation, seq, sent: count } of receipts) {
        const key = `${conversation} ${seq}`
        sent.set(key, (sent.get(key) ?? 0) + count)
      }
    }
    const counted = parts.flatMap((part) => part.counted)
    const wrong = counted.filter(({ conversation, seq, read }) => read !== (sent.get(`${conversation} ${seq}`) ?? 0))
    return {
      startedAtMs,
      rows: this.#rows.map((row) => ({ ...row, second: this.#secondOf(row.atMs) })),
      measures: merge(parts.map(({ measures }) => measures)),
      books: sumBooks(parts.map(({ books }) => books)),
      parts,
      wrongReceipts: wrong.length,
      receiptsSent: [...sent.values()].reduce((sum, count) => sum + count, 0),
    }
  }
}

function refusedIn(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [name, value]) => sum + (name.startsWith('refused ') ? value : 0), 0)
}

/** All that is wrong so far. */
export function faultsIn({ lost, doubled, reordered, diverged, gaps }: Books): number {
  return lost + doubled + reordered + diverged + gaps
}

function forkPlayer(): ChildProcess {
  // From the sources as well as from what is built of them.
  const file = import.meta.url.endsWith('.ts') ? './player-process.ts' : './player-process.js'
  return fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: 'advanced' })
}
