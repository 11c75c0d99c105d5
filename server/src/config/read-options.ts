import { fileVariableOf, type Option } from './option.ts'
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

type Variables = Readonly<Record<string, string | undefined>>

/** The text of a file with a secret in it. Throws when it cannot be read. */
export type ReadSecretFile = (path: string) => string

/**
 * Each option's value, from its text, for a secret from the file its `…_FILE` names, or from its default; an empty text
 * is as good as none. Throws ConfigInvalid.
 */
export function readOptions(env: Variables, readSecret: ReadSecretFile): OptionValues {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS)) {
    const found = textOf(name, option, env, readSecret)
    if ('problem' in found) {
      problems.push(found.problem)
      continue
    }
    const written = found.text || option.default
    const parsed = option.parse(written)
    if ('value' in parsed) values[name] = parsed.value
    else problems.push(`${found.variable} must be ${parsed.wanted}${shown(option, written)}`)
  }
  problems.push(...contradictions(values))
  if (problems.length > 0) throw new ConfigInvalid(problems)
  return values as OptionValues
}

type Found = { readonly variable: string; readonly text: string } | { readonly problem: string }

function textOf(name: string, option: Option<unknown>, env: Variables, readSecret: ReadSecretFile): Found {
  const text = env[name]?.trim() ?? ''
  const variable = fileVariableOf(name)
  const path = option.isSecret ? (env[variable]?.trim() ?? '') : ''
  if (path === '') return { variable: name, text }
  if (text !== '') return { problem: `${name} and ${variable} must not both be set` }
  try {
    const content = readSecret(path).trim()
    return content === '' ? { problem: `${variable} names a file with nothing in it` } : { variable, text: content }
  } catch (err) {
    // Not the path: somebody may have written the secret itself there.
    return { problem: `${variable} names a file that cannot be read (${codeOf(err)})` }
  }
}

function codeOf(err: unknown): string {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : 'unreadable'
}

function contradictions(values: Partial<OptionValues>): readonly string[] {
  const { SECRETKEY: signing, SECRETKEY_PREVIOUS: previous = [] } = values
  const isTwice = signing !== undefined && previous.some((secret) => secret.reveal() === signing.reveal())
  return [
    ...(isTwice ? ['SECRETKEY_PREVIOUS must not hold SECRETKEY itself'] : []),
    ...missingForS3(values),
    ...redisFaults(values),
  ]
}

/** A store for files is named in full or not at all. */
function missingForS3(values: Partial<OptionValues>): readonly string[] {
  if (values.S3_ENDPOINT === undefined) return []
  const needed = ['S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const
  const missing = needed.filter((name) => values[name] === undefined)
  return missing.map((name) => `${name} must be set, too, where S3_ENDPOINT is`)
}

/** Several addresses are a cluster, and a cluster's servers are all reached in the same way. */
function redisFaults({ REDIS_URL: secrets = [], REDIS_MODE: mode }: Partial<OptionValues>): readonly string[] {
  if (mode === undefined) return []
  if (mode === 'single')
    return secrets.length > 1 ? ['REDIS_URL must be one address where REDIS_MODE is not cluster'] : []
  if (secrets.length === 0) return ['REDIS_URL must be set, too, where REDIS_MODE is cluster']
  const urls = secrets.map((secret) => new URL(secret.reveal()))
  const ways = new Set(urls.map(({ protocol, username, password }) => [protocol, username, password].join(' ')))
  return [
    ...(ways.size > 1 ? ['REDIS_URL must have the same scheme, user and password in all addresses of a cluster'] : []),
    ...(urls.every(({ pathname }) => /^(\/?|\/0)$/.test(pathname))
      ? []
      : ['REDIS_URL must name no database other than 0 where REDIS_MODE is cluster']),
  ]
}

function shown(option: Option<unknown>, written: string): string {
  if (option.isSecret) return ''
  const text = written.length > MAX_SHOWN_CHARS ? `${written.slice(0, MAX_SHOWN_CHARS)}…` : written
  return `, not ${JSON.stringify(text)}`
}
