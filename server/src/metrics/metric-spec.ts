/** A number the server publishes, declared once: counted, read and documented from here. */
export type MetricSpec = CounterSpec | GaugeSpec | HistogramSpec

interface Named<Label extends string> {
  /** As Prometheus has it, with its unit; a counter ends in `_total`. */
  readonly name: string
  /** One sentence, for the scrape and for the documents. */
  readonly help: string
  /** Names from our own catalogues only. Never an id: those belong into the log. */
  readonly labels: readonly Label[]
}

/** Only grows while the process lives. */
export interface CounterSpec<Label extends string = string> extends Named<Label> {
  readonly kind: 'counter'
}

/** What is so now. */
export interface GaugeSpec<Label extends string = string> extends Named<Label> {
  readonly kind: 'gauge'
}

/** How values are spread. */
export interface HistogramSpec extends Named<never> {
  readonly kind: 'histogram'
  /** Upper bounds, growing. */
  readonly buckets: readonly number[]
}

export function counter<Label extends string = never>(
  name: string,
  help: string,
  labels: readonly Label[] = [],
): CounterSpec<Label> {
  return { kind: 'counter', name, help, labels }
}

export function gauge<Label extends string = never>(
  name: string,
  help: string,
  labels: readonly Label[] = [],
): GaugeSpec<Label> {
  return { kind: 'gauge', name, help, labels }
}

export function histogram(name: string, help: string, buckets: readonly number[]): HistogramSpec {
  return { kind: 'histogram', name, help, labels: [], buckets }
}
