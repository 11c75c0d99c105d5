import { cpus, totalmem } from 'node:os'

/** One line of the table. */
export interface Figure {
  readonly name: string
  readonly relay?: number
  /** The prototype that only stores and passes on: what is possible on this machine; see bare.ts. */
  readonly bare?: number
  readonly hongyan: number
  readonly unit: string
  /** What is to be reached, as a sentence. */
  readonly goal: string
}

export function median(values: readonly number[]): number {
  return share(values, 0.5)
}

/** The value that this share of all values does not pass. */
export function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

/** What this was measured on, as a phrase. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
}

export function print(figures: readonly Figure[]): void {
  console.log(`\n${machine()}\n`)
  console.log('| figure | relay | bare | Hongyan | of relay | of bare | to reach |\n|---|---:|---:|---:|---:|---:|---|')
  const shown = (value: number | undefined): string => value?.toFixed(1) ?? ''
  const ratio = (value: number, base: number | undefined): string =>
    base === undefined ? '' : (value / base).toFixed(2)
  for (const { name, relay, bare, hongyan, unit, goal } of figures) {
    const figure = [shown(relay), shown(bare), shown(hongyan), ratio(hongyan, relay), ratio(hongyan, bare)]
    console.log(`| ${name}, ${unit} | ${figure.join(' | ')} | ${goal} |`)
  }
  console.log('')
  for (const figure of figures) console.log(JSON.stringify(figure))
}
