import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

/** What is timed. All but `connect` and `late` begin when the thing was due, however late it was begun. */
export const TIMED = [
  /** From the dial to the open WebSocket. */
  'connect',
  /** From the moment the client was to come until it is up to date, first time. */
  'login',
  /** The same after a lost connection. */
  'resume',
  /** Until the sender is told that his message is stored. */
  'acknowledged',
  /** Until each other client who is there has the message. */
  'delivered',
  /** The same in a live room. */
  'heard',
  'read',
  'receipt',
  'history',
  'join',
  'upload',
  'download',
  /** How late the load generator itself was: what it is slow in must not be blamed on the server. */
  'late',
] as const
export type Timed = (typeof TIMED)[number]

/** Those whose course over time is shown. */
const WATCHED: ReadonlySet<Timed> = new Set<Timed>(['acknowledged', 'delivered', 'heard', 'login', 'resume'])

/** One hour; what takes longer counts as this. */
const MOST_MICROSECONDS = 3_600_000_000

/** Numbers of one process, or of several put together: histograms that know each value to a thousandth, and counts. */
export interface Measures {
  /** Compressed HDR histograms of microseconds. */
  readonly timed: Readonly<Partial<Record<Timed, string>>>
  readonly counts: Readonly<Record<string, number>>
}

/** Takes measures. */
export class Meter {
  readonly #timed = new Map<Timed, Histogram>()
  #recent = new Map<Timed, Histogram>()
  readonly #counts = new Map<string, number>()

  time(what: Timed, ms: number): void {
    const microseconds = Math.min(MOST_MICROSECONDS, Math.max(1, Math.round(ms * 1000)))
    histogramIn(this.#timed, what, 3).recordValue(microseconds)
    if (WATCHED.has(what)) histogramIn(this.#recent, what, 2).recordValue(microseconds)
  }

  count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by)
  }

  countOf(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  /** Everything so far. */
  all(): Measures {
    return { timed: encoded(this.#timed), counts: Object.fromEntries(this.#counts) }
  }

  /** What was timed since this was last asked, and all counts so far. */
  takeRecent(): Measures {
    const timed = encoded(this.#recent)
    for (const histogram of this.#recent.values()) histogram.reset()
    return { timed, counts: Object.fromEntries(this.#counts) }
  }
}

/** Puts the measures of several processes together. */
export function merge(parts: readonly Measures[]): Measures {
  const timed = new Map<Timed, Histogram>()
  const counts: Record<string, number> = {}
  for (const part of parts) {
    for (const what of TIMED) {
      const text = part.timed[what]
      if (text === undefined) continue
      const histogram = decodeFromCompressedBase64(text)
      const known = timed.get(what)
      if (known) known.add(histogram)
      else timed.set(what, histogram)
    }
    for (const [name, value] of Object.entries(part.counts)) counts[name] = (counts[name] ?? 0) + value
  }
  return { timed: encoded(timed), counts }
}

/** What is told of one histogram; milliseconds. */
export interface Distribution {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** How many fell between `fromMs` and `toMs`; ever wider, about eight to each doubling. */
  readonly bars: readonly { readonly fromMs: number; readonly toMs: number; readonly count: number }[]
}

const BARS_PER_DOUBLING = 4

/** Undefined for one that has nothing in it. */
export function distributionOf(text: string | undefined): Distribution | undefined {
  if (text === undefined) return undefined
  const histogram = decodeFromCompressedBase64(text)
  if (histogram.totalCount === 0) return undefined
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000
  return {
    count: histogram.totalCount,
    meanMs: histogram.mean / 1000,
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.maxValue / 1000,
    bars: barsOf(histogram),
  }
}

/** Walks up the percentiles: the bars are for the eye, the numbers above are exact. */
function barsOf(histogram: Histogram): Distribution['bars'] {
  const bars: { fromMs: number; toMs: number; count: number }[] = []
  const growth = 2 ** (1 / BARS_PER_DOUBLING)
  const leastUs = Math.max(1, histogram.minNonZeroValue)
  let fromUs = growth ** Math.floor(Math.log(leastUs) / Math.log(growth))
  let below = 0
  while (below < histogram.totalCount && bars.length < 200) {
    const toUs = fromUs * growth
    const upTo = countUpTo(histogram, toUs)
    bars.push({ fromMs: fromUs / 1000, toMs: toUs / 1000, count: upTo - below })
    below = upTo
    fromUs = toUs
  }
  return bars
}

/** How many values are at most this, by halving the percentiles. */
function countUpTo(histogram: Histogram, value: number): number {
  const total = histogram.totalCount
  if (value >= histogram.maxValue) return total
  let low = 0
  let high = total
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (histogram.getValueAtPercentile((middle / total) * 100) <= value) low = middle
    else high = middle - 1
  }
  return low
}

function histogramIn(all: Map<Timed, Histogram>, what: Timed, digits: 2 | 3): Histogram {
  const known = all.get(what)
  if (known) return known
  const made = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_MICROSECONDS,
    numberOfSignificantValueDigits: digits,
  })
  all.set(what, made)
  return made
}

function encoded(timed: ReadonlyMap<Timed, Histogram>): Partial<Record<Timed, string>> {
  return Object.fromEntries([...timed].map(([what, histogram]) => [what, encodeIntoCompressedBase64(histogram)]))
}
