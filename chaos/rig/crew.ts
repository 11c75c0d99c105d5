import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CaughtUp, Head, Order, Report, WorkerPlan } from '../load/orders.ts'
import type { Counts } from '../load/tally.ts'
import type { Latency } from '../record/lines.ts'
import { Measure } from './measure.ts'
import { within } from './waiting.ts'

type Numbered = Extract<Order, { number: number }>
type WithoutNumber<T> = T extends unknown ? Omit<T, 'number'> : never

const ANSWER_MS = 240_000

/** The worker processes and what they count. */
export class Crew {
  readonly #workers: readonly ChildProcess[]
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (err: Error) => void }>()
  readonly #onIncident: (what: string) => void
  readonly measure = new Measure()
  #lastNumber = 0
  #isStopping = false
  #ports = ''

  private constructor(workers: readonly ChildProcess[], onIncident: (what: string) => void) {
    this.#workers = workers
    this.#onIncident = onIncident
    for (const [index, worker] of workers.entries()) {
      worker.on('message', (report: Report) => this.#hear(index, report))
      worker.once('exit', (code, signal) => {
        if (!this.#isStopping) onIncident(`worker ${index} ended with ${code ?? signal}`)
        for (const { reject } of this.#waiting.values()) reject(new Error(`worker ${index} has ended`))
      })
    }
  }

  /** Forks the workers and gives them their plans. */
  static async start(
    plan: Omit<WorkerPlan, 'index'>,
    ports: readonly number[],
    onIncident: (what: string) => void,
  ): Promise<Crew> {
    const program = fileURLToPath(new URL('../load/worker.ts', import.meta.url))
    const workers = Array.from({ length: plan.workers }, () => {
      return fork(program, { execArgv: ['--conditions=source', '--import', 'tsx'], stdio: ['ignore', 2, 2, 'ipc'] })
    })
    const crew = new Crew(workers, onIncident)
    const orders = workers.map((worker, index) => {
      return crew.#askOne(worker, { kind: 'plan', plan: { ...plan, index }, ports })
    })
    await Promise.all(orders)
    return crew
  }

  login(): Promise<unknown> {
    return this.#askAll({ kind: 'login' })
  }

  open(rate: number): void {
    this.#tellAll({ kind: 'open', rate })
  }

  shut(): Promise<unknown> {
    return this.#askAll({ kind: 'shut' })
  }

  async catchUp(heads: readonly Head[], deadlineMs: number): Promise<CaughtUp> {
    const results = (await this.#askAll({ kind: 'catch-up', heads, deadlineMs })) as readonly CaughtUp[]
    return {
      tookMs: results.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b),
      behind: results.flatMap(({ behind }) => behind),
    }
  }

  async digests(): Promise<readonly (readonly [user: string, digest: string])[]> {
    return ((await this.#askAll({ kind: 'digests' })) as (readonly [string, string])[][]).flat()
  }

  view(checkpoint: number): Promise<unknown> {
    return this.#askAll({ kind: 'view', checkpoint })
  }

  tombstones(of: Extract<Order, { kind: 'tombstones' }>['of']): Promise<unknown> {
    return this.#askAll({ kind: 'tombstones', of })
  }

  doze(share: number, forMs: number): Promise<unknown> {
    return this.#askAll({ kind: 'doze', share, forMs }, forMs + ANSWER_MS)
  }

  flap(share: number): void {
    this.#tellAll({ kind: 'flap', share })
  }

  interrupt(share: number): void {
    this.#tellAll({ kind: 'interrupt', share })
  }

  narrow(share: number, port: number): void {
    this.#tellAll({ kind: 'narrow', share, port })
  }

  setPorts(ports: readonly number[]): void {
    // Told only when it changes: health is looked at all the time.
    if (String(ports) === this.#ports) return
    this.#ports = String(ports)
    this.#tellAll({ kind: 'ports', ports })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await within(20_000, 'the workers stop', this.#askAll({ kind: 'stop' })).catch(() => this.endNow())
  }

  /** The last resort. */
  endNow(): void {
    this.#isStopping = true
    for (const worker of this.#workers) worker.kill('SIGKILL')
  }

  /** Latencies since the last time. */
  takeLatency(): Latency {
    return this.measure.takeLatency()
  }

  #hear(worker: number, report: Report): void {
    if (report.kind === 'counts') return this.#count(worker, report.counts)
    if (report.kind === 'up') return
    const waiting = this.#waiting.get(report.number)
    this.#waiting.delete(report.number)
    if (report.kind === 'done') waiting?.resolve(report.result)
    else waiting?.reject(new Error(report.why))
  }

  #count(worker: number, counts: Counts): void {
    this.measure.add(worker, counts)
    for (const error of counts.errors) this.#onIncident(`the SDK tripped: ${error}`)
  }

  #tellAll(order: Order): void {
    for (const worker of this.#workers) if (worker.connected) worker.send(order)
  }

  #askAll(order: WithoutNumber<Numbered>, deadlineMs = ANSWER_MS): Promise<readonly unknown[]> {
    return Promise.all(this.#workers.map((worker) => this.#askOne(worker, order, deadlineMs)))
  }

  #askOne(worker: ChildProcess, order: WithoutNumber<Numbered>, deadlineMs = ANSWER_MS): Promise<unknown> {
    const number = ++this.#lastNumber
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(number, { resolve, reject }))
    worker.send({ ...order, number })
    return within(deadlineMs, `a worker answers to ${order.kind}`, answer)
  }
}
