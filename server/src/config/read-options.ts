import type { Option } from './option.ts'
import { OPTIONS, type OptionValues } from './options.ts'

const MAX_SHOWN_CHARS = 60

/** The environment cannot be used; `problems` are one-line texts without any secret, all there are. */
export class ConfigInvalid extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigInvalid'
    this.problems = problems
  }
}

/** Each option's value, from its text or its default; an empty text is as good as none. Throws ConfigInvalid. */
export function readOptions(env: Readonly<Record<string, string | undefined>>): OptionValues {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS)) {
    const written = env[name]?.trim() || option.default
    const parsed = option.parse(written)
    if ('value' in parsed) values[name] = parsed.value
    else problems.push(`${name} must be ${parsed.wanted}${shown(option, written)}`)
  }
  problems.push(...contradictions(values))
  if (problems.length > 0) throw new ConfigInvalid(problems)
  return values as OptionValues
}

function contradictions(values: Partial<OptionValues>): readonly string[] {
  const { SECRETKEY: signing, SECRETKEY_PREVIOUS: previous = [] } = values
  const isTwice = signing !== undefined && previous.some((secret) => secret.reveal() === signing.reveal())
  return [...(isTwice ? ['SECRETKEY_PREVIOUS must not hold SECRETKEY itself'] : []), ...missingForS3(values)]
}

/** A store for files is named in full or not at all. */
function missingForS3(values: Partial<OptionValues>): readonly string[] {
  if (values.S3_ENDPOINT === undefined) return []
  const missing = (['S3_BUCKET', 'S3_ACCESS_KEY'] as const).filter((name) => values[name] === undefined)
  const secrets = [values.S3_SECRET_KEY, values.S3_SECRET_KEY_FILE].filter((secret) => secret !== undefined)
  return [
    ...missing.map((name) => `${name} must be set, too, where S3_ENDPOINT is`),
    ...(secrets.length === 1 ? [] : ['one of S3_SECRET_KEY and S3_SECRET_KEY_FILE must be set where S3_ENDPOINT is']),
  ]
}

function shown(option: Option<unknown>, written: string): string {
  if (option.isSecret) return ''
  const text = written.length > MAX_SHOWN_CHARS ? `${written.slice(0, MAX_SHOWN_CHARS)}…` : written
  return `, not ${JSON.stringify(text)}`
}
