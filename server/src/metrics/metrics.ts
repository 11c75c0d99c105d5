import { Counter, Gauge, Registry } from 'prom-client'
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from './catalogue.ts'
import type { HistogramSpec, MetricSpec } from './metric-spec.ts'
import { Tally } from './tally.ts'

/** One value of a metric with labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Where a number comes from at the moment it is asked for: quick, and never throws. */
export type Source = () => number | readonly Sample[]

/** The process's numbers, as the catalogue declares them. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #sources = new Map<MetricName, Source>()
  readonly #counters = new Map<MetricName, Counter>()
  readonly #tallies = new Map<MetricName, { readonly spec: HistogramSpec; readonly tally: Tally }>()

  constructor() {
    for (const [key, spec] of Object.entries<MetricSpec>(METRICS)) this.#declare(key as MetricName, spec)
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.inc(labels, by)
  }

  /** In the metric's own unit: seconds, messages … */
  observe(name: HistogramName, value: number): void {
    this.#tallies.get(name)?.tally.observe(value)
  }

  /** Has the number read when it is asked for. A counter's source must only grow. */
  read(name: CounterName | GaugeName, source: Source): void {
    this.#sources.set(name, source)
  }

  /** In Prometheus' text form. */
  async text(): Promise<string> {
    const tallies = [...this.#tallies.values()].map(({ spec, tally }) => tally.text(spec))
    return [await this.#registry.metrics(), ...tallies].join('\n')
  }

  #declare(key: MetricName, spec: MetricSpec): void {
    const common = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [this.#registry] }
    if (spec.kind === 'histogram') {
      this.#tallies.set(key, { spec, tally: new Tally(spec) })
    } else if (spec.kind === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...common,
        collect: () => this.#collect(key, ({ labels, value }) => gauge.set(labels, value)),
      })
    } else {
      const counter: Counter = new Counter({
        ...common,
        collect: () => {
          if (this.#sources.has(key)) counter.reset()
          this.#collect(key, ({ labels, value }) => counter.inc(labels, value))
        },
      })
      this.#counters.set(key, counter)
    }
  }

  #collect(key: MetricName, take: (sample: Sample) => void): void {
    const values = this.#sources.get(key)?.() ?? []
    for (const sample of typeof values === 'number' ? [{ labels: {}, value: values }] : values) take(sample)
  }
}
