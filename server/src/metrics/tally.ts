import type { HistogramSpec } from './metric-spec.ts'

/** How values are spread over buckets. Observing costs a few comparisons and no memory: it is done for every message. */
export class Tally {
  readonly #bounds: readonly number[]
  /** Values in each bucket, and those above the last bound. */
  readonly #counts: number[]
  #sum = 0

  constructor({ buckets }: Pick<HistogramSpec, 'buckets'>) {
    this.#bounds = buckets
    this.#counts = Array.from({ length: buckets.length + 1 }, () => 0)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  /** As Prometheus has it: each bucket holds those below it, too. */
  text({ name, help }: Pick<HistogramSpec, 'name' | 'help'>): string {
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
    let total = 0
    for (const [index, count] of this.#counts.entries()) {
      total += count
      lines.push(`${name}_bucket{le="${this.#bounds[index] ?? '+Inf'}"} ${total}`)
    }
    return [...lines, `${name}_sum ${this.#sum}`, `${name}_count ${total}`, ''].join('\n')
  }
}
