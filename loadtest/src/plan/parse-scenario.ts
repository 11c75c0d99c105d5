import type { Activity, ConversationSet, Every, Follow, Range, Scenario, Words } from './scenario.ts'

/** A scenario file that is none, with the place of the fault. */
export class BadScenario extends Error {}

/** Reads a scenario from the text of its file. Throws BadScenario with the place of the first fault. */
export function parseScenario(text: string, name: string): Scenario {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (err) {
    throw new BadScenario(`${name}: no JSON: ${err instanceof Error ? err.message : String(err)}`)
  }
  const field = new Field(value, name)
  field.allowOnly(
    'title',
    'about',
    'clients',
    'rampSeconds',
    'seconds',
    'settleSeconds',
    'isLossy',
    'conversations',
    'activities',
  )
  const conversations = field
    .at('conversations')
    .entries()
    .map(([key, set]) => [key, setOf(set)] as const)
  const scenario: Scenario = {
    name,
    title: wordsOf(field.at('title')),
    about: wordsOf(field.at('about')),
    clients: field.at('clients').whole(2),
    rampSeconds: field.at('rampSeconds').number(0),
    seconds: field.at('seconds').number(1),
    settleSeconds: field.has('settleSeconds') ? field.at('settleSeconds').number(1) : 30,
    isLossy: field.has('isLossy') && field.at('isLossy').flag(),
    conversations: Object.fromEntries(conversations),
    activities: field.at('activities').items().map(activityOf),
  }
  scenario.activities.forEach((activity, index) => {
    if ('in' in activity && !(activity.in in scenario.conversations))
      throw new BadScenario(`${name}.activities.${index}.in: no such conversations: ${activity.in}`)
  })
  return scenario
}

function wordsOf(field: Field): Words {
  field.allowOnly('zh', 'en')
  return { zh: field.at('zh').text(), en: field.at('en').text() }
}

function setOf(field: Field): ConversationSet {
  const kind = field.at('kind').oneOf('pairs', 'groups', 'rooms')
  if (kind === 'pairs') return { kind }
  const sizes = field.at('sizes').range(2)
  if (kind === 'rooms') return { kind, sizes }
  field.allowOnly('kind', 'type', 'sizes', 'seeded')
  const seeded = field.has('seeded') ? { seeded: field.at('seeded').whole(0) } : {}
  return { kind, type: field.at('type').oneOf('work', 'public', 'meeting'), sizes, ...seeded }
}

function everyOf(field: Field): Every {
  field.allowOnly('seconds', 'per')
  return { seconds: field.at('seconds').number(0.001), per: field.at('per').oneOf('client', 'conversation') }
}

function followOf(field: Field): Follow {
  field.allowOnly('share', 'afterSeconds')
  return { share: field.at('share').number(0, 1), afterSeconds: field.at('afterSeconds').range(0) }
}

function followsOf(field: Field): { readonly reads?: Follow; readonly answers?: Follow } {
  return {
    ...(field.has('reads') ? { reads: followOf(field.at('reads')) } : {}),
    ...(field.has('answers') ? { answers: followOf(field.at('answers')) } : {}),
  }
}

const FIELDS: Readonly<Record<Activity['do'], readonly string[]>> = {
  talk: ['in', 'by', 'every', 'chars', 'from', 'until', 'receipts', 'answers', 'reads'],
  notice: ['in', 'at', 'chars', 'reads', 'answers'],
  storm: ['at', 'awaySeconds', 'spreadSeconds', 'share', 'by'],
  visit: ['in', 'staySeconds', 'awaySeconds'],
  browse: ['in', 'every', 'pages', 'thinkSeconds'],
  share: ['in', 'every', 'kinds', 'bytes', 'opens'],
}

function activityOf(field: Field): Activity {
  const what = field.at('do').oneOf('talk', 'notice', 'storm', 'visit', 'browse', 'share')
  field.allowOnly('do', ...FIELDS[what])
  switch (what) {
    case 'talk':
      return {
        do: what,
        in: field.at('in').text(),
        by: field.at('by').oneOf('first', 'others', 'anyone'),
        every: everyOf(field.at('every')),
        chars: field.at('chars').range(1),
        ...(field.has('from') ? { from: field.at('from').number(0) } : {}),
        ...(field.has('until') ? { until: field.at('until').number(0) } : {}),
        ...(field.has('receipts') ? { receipts: field.at('receipts').flag() } : {}),
        ...followsOf(field),
      }
    case 'notice':
      return {
        do: what,
        in: field.at('in').text(),
        at: field.at('at').number(0),
        chars: field.at('chars').range(1),
        ...followsOf(field),
      }
    case 'storm':
      return {
        do: what,
        at: field.at('at').number(0),
        awaySeconds: field.at('awaySeconds').number(0),
        spreadSeconds: field.at('spreadSeconds').number(0),
        share: field.at('share').number(0, 1),
        by: field.at('by').oneOf('first', 'others', 'anyone'),
      }
    case 'visit':
      return {
        do: what,
        in: field.at('in').text(),
        staySeconds: field.at('staySeconds').range(0.1),
        awaySeconds: field.at('awaySeconds').range(0.1),
      }
    case 'browse':
      return {
        do: what,
        in: field.at('in').text(),
        every: everyOf(field.at('every')),
        pages: field.at('pages').range(1),
        thinkSeconds: field.at('thinkSeconds').range(0),
      }
    case 'share':
      return {
        do: what,
        in: field.at('in').text(),
        every: everyOf(field.at('every')),
        kinds: field
          .at('kinds')
          .items()
          .map((kind) => kind.oneOf('image', 'file')),
        bytes: field.at('bytes').range(100),
        opens: followOf(field.at('opens')),
      }
  }
}

/** A value of the file, with its place for what is said about it. */
class Field {
  readonly #value: unknown
  readonly #path: string

  constructor(value: unknown, path: string) {
    this.#value = value
    this.#path = path
  }

  at(name: string): Field {
    return new Field(this.#object()[name], `${this.#path}.${name}`)
  }

  has(name: string): boolean {
    return this.#object()[name] !== undefined
  }

  /** A misspelt name would be silently ignored. */
  allowOnly(...names: readonly string[]): void {
    for (const name of Object.keys(this.#object())) if (!names.includes(name)) this.#fail(`"${name}" is not known here`)
  }

  entries(): readonly (readonly [string, Field])[] {
    return Object.keys(this.#object()).map((name) => [name, this.at(name)])
  }

  items(): readonly Field[] {
    if (!Array.isArray(this.#value)) return this.#fail('a list is needed')
    return this.#value.map((item, index) => new Field(item, `${this.#path}.${index}`))
  }

  text(): string {
    return typeof this.#value === 'string' && this.#value !== '' ? this.#value : this.#fail('a text is needed')
  }

  flag(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.#fail('true or false is needed')
  }

  number(least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value
    const isOne = typeof value === 'number' && value >= least && value <= most
    return isOne ? value : this.#fail(`a number from ${least} on is needed`)
  }

  whole(least: number): number {
    const value = this.number(least)
    return Number.isInteger(value) ? value : this.#fail('a whole number is needed')
  }

  range(least: number): Range {
    const [from, to, ...rest] = this.items().map((item) => item.number(least))
    if (from === undefined || to === undefined || rest.length > 0 || from > to)
      return this.#fail('[from, to] is needed')
    return [from, to]
  }

  oneOf<const Choice extends string>(...choices: readonly Choice[]): Choice {
    return choices.find((choice) => choice === this.#value) ?? this.#fail(`one of ${choices.join(', ')} is needed`)
  }

  #object(): Readonly<Record<string, unknown>> {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#fail('an object is needed')
    return value as Readonly<Record<string, unknown>>
  }

  #fail(what: string): never {
    throw new BadScenario(`${this.#path}: ${what}`)
  }
}
