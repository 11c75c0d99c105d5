/** What `/metrics` said, read by the rules of Prometheus' text form 0.0.4; throws where the text breaks one. */
export interface Exposition {
  readonly families: ReadonlyMap<string, Family>
  /** The value of one sample; throws when there is none, or more than one. */
  value(name: string, labels?: Readonly<Record<string, string>>): number
  /** Of all samples of this name. */
  sum(name: string): number
}

export interface Family {
  readonly kind: string
  readonly help: string
  readonly samples: readonly Sample[]
}

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([+-]?(?:Inf|NaN|[0-9.]+(?:e[+-]?[0-9]+)?))$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { kind: string; help: string; samples: Sample[] }>()
  let current = ''
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') {
      if (families.has(name)) throw new Error(`${name} appears twice`)
      families.set(name, { kind: '', help: rest, samples: [] })
      current = name
    } else if (word === 'TYPE') {
      const family = families.get(name)
      if (!family || name !== current || family.samples.length > 0) throw new Error(`a type out of place: ${line}`)
      family.kind = rest
    } else {
      families.get(current)?.samples.push(parseSample(line, current, families.get(current)?.kind ?? ''))
    }
  }
  const samples = [...families.values()].flatMap((family) => family.samples)
  for (const [name, { kind, samples: own }] of families) if (kind === 'histogram') checkHistogram(name, own)
  const named = (name: string): readonly Sample[] => samples.filter((sample) => sample.name === name)
  return {
    families,
    sum: (name) => named(name).reduce((total, { value }) => total + value, 0),
    value: (name, labels = {}) => {
      const found = named(name).filter((sample) =>
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )
      if (found.length !== 1) throw new Error(`${name} ${JSON.stringify(labels)} has ${found.length} samples`)
      return found[0]?.value ?? 0
    },
  }
}

function parseSample(line: string, family: string, kind: string): Sample {
  const [, name, labelText = '', valueText = ''] = SAMPLE.exec(line) ?? []
  if (name === undefined) throw new Error(`no line of the text form: ${line}`)
  const suffixes = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  if (!suffixes.some((suffix) => name === family + suffix)) throw new Error(`${name} stands below ${family}`)
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < labelText.length) {
    const [, key, value] = LABEL.exec(labelText) ?? []
    if (key === undefined || value === undefined || key in labels) throw new Error(`wrong labels: ${line}`)
    labels[key] = value
  }
  return { name, labels, value: valueText.endsWith('Inf') ? Number.POSITIVE_INFINITY : Number(valueText) }
}

/** Buckets grow, and the last one is the count. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`).map(({ value }) => value)
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value
  const isGrowing = buckets.every((value, index) => index === 0 || value >= (buckets[index - 1] ?? 0))
  if (!isGrowing || buckets.at(-1) !== count) throw new Error(`the buckets of ${name} do not add up`)
}
