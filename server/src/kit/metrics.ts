import { Counter, Gauge, Registry } from 'prom-client'

/** Where a number comes from at the moment it is asked for. */
export type Reading = () => number

/** The process's numbers. Labels are names from our catalogues only, never ids: those belong into the log. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #refused = new Counter({
    name: 'hongyan_refused_total',
    help: 'Requests refused, by the name of the error.',
    labelNames: ['name'],
    registers: [this.#registry],
  })
  readonly #closed = new Counter({
    name: 'hongyan_closed_total',
    help: 'Connections ended, by the name of the close code.',
    labelNames: ['name'],
    registers: [this.#registry],
  })

  countRefused(name: string): void {
    this.#refused.inc({ name })
  }

  countClosed(name: string): void {
    this.#closed.inc({ name })
  }

  /** Adds a number that is read when it is asked for. */
  addReading(name: string, help: string, read: Reading): void {
    const gauge: Gauge = new Gauge({
      name: `hongyan_${name}`,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
