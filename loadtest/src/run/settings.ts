import { parseArgs } from 'node:util'
import { RUN_PATTERN } from '../wire/mark.ts'
import { endpointOf } from './addresses.ts'

/** What was asked for. */
export interface Settings {
  readonly lists: boolean
  readonly helps: boolean
  readonly scenarios: readonly string[]
  /** Empty: a server of one's own. */
  readonly endpoints: readonly string[]
  readonly clients: number | undefined
  readonly processes: number | undefined
  readonly rampSeconds: number | undefined
  readonly seconds: number | undefined
  readonly settleSeconds: number | undefined
  readonly rate: number
  readonly think: number
  readonly seed: number
  /** Undefined: made of the time. */
  readonly run: string | undefined
  readonly reportDir: string
  readonly usersFile: string | undefined
  readonly localAddresses: readonly string[] | undefined
  readonly sdkAppId: number
  readonly secret: string | undefined
  readonly secretFile: string | undefined
  /** Settings for a server of one's own. */
  readonly serverEnv: Readonly<Record<string, string>>
}

/** A setting that makes no sense. */
export class BadSetting extends Error {}

interface Option {
  readonly flag: string
  readonly value: string
  readonly help: string
}

/** Each is a flag and, with LOADTEST_ before it, a variable of the environment: `--ramp`, LOADTEST_RAMP. */
const OPTIONS: readonly Option[] = [
  { flag: 'scenario', value: 'NAME,…', help: 'what is played: names of `--list`, or files; one after the other' },
  { flag: 'endpoint', value: 'URL,…', help: 'the servers to drive; without it one is started, with an empty database' },
  { flag: 'clients', value: 'N', help: 'how many clients; else as the scenario says' },
  {
    flag: 'processes',
    value: 'N',
    help: 'how many processes the clients are divided among; 1 unless open files are short',
  },
  { flag: 'ramp', value: 'SECONDS', help: 'within which all clients come' },
  { flag: 'duration', value: 'SECONDS', help: 'how long the scenario is played' },
  { flag: 'settle', value: 'SECONDS', help: 'how long may be waited in the end for what is on its way' },
  { flag: 'rate', value: 'FACTOR', help: 'what is regular happens so many times as often (1)' },
  { flag: 'think', value: 'FACTOR', help: 'people take so many times as long to answer, to read, to come back (1)' },
  { flag: 'seed', value: 'N', help: 'decides who does what and when (1)' },
  { flag: 'run', value: 'NAME', help: 'part of all ids, at most 10 of a-z0-9; made of the time unless given' },
  { flag: 'report', value: 'DIR', help: 'where the reports go (data/loadtest)' },
  {
    flag: 'users',
    value: 'FILE',
    help: 'JSON: [{"userId": …, "userSig": …}]; userSig may be left out when there is a SECRETKEY',
  },
  {
    flag: 'source-addresses',
    value: 'IP,…',
    help: 'addresses of this machine to connect from; each is good for 20,000 clients',
  },
  { flag: 'sdkappid', value: 'N', help: 'the application (SDKAPPID, 1400000000)' },
  { flag: 'server-env', value: 'A=B,…', help: 'settings for the server that is started' },
]

/** The text of `--help`. */
export const HELP = `npm run loadtest -- --scenario school-morning --clients 2000

  --list                        the scenarios
${OPTIONS.map(({ flag, value, help }) => `  ${`--${flag} ${value}`.padEnd(29)} ${help}`).join('\n')}

Each flag is also a variable: LOADTEST_SCENARIO, LOADTEST_CLIENTS … SECRETKEY or SECRETKEY_FILE signs the clients in where
the server is not started here. The exit code is 1 when something was lost, doubled or out of order, or a client was refused.`

/** Reads flags and environment. Throws BadSetting. */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Settings {
  const flags = flagsOf(argv)
  const given = (flag: string, ...others: readonly string[]): string | undefined => {
    const names = [`LOADTEST_${flag.toUpperCase().replaceAll('-', '_')}`, ...others]
    const values = [flags[flag], ...names.map((name) => env[name])]
    return values.find((value) => value !== undefined && value !== '')
  }
  const number = (flag: string, least: number, ...others: readonly string[]): number | undefined => {
    const text = given(flag, ...others)
    return text === undefined ? undefined : numberOf(flag, text, least)
  }
  const whole = (flag: string, least: number, ...others: readonly string[]): number | undefined => {
    const value = number(flag, least, ...others)
    if (value !== undefined && !Number.isSafeInteger(value)) throw new BadSetting(`--${flag} is a whole number`)
    return value
  }
  const list = (flag: string): readonly string[] =>
    (given(flag) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const addresses = list('source-addresses')
  return {
    lists: flags['list'] !== undefined,
    helps: flags['help'] !== undefined,
    scenarios: list('scenario'),
    endpoints: list('endpoint').map(endpointOrThrow),
    clients: whole('clients', 2),
    processes: whole('processes', 1),
    rampSeconds: number('ramp', 0),
    seconds: number('duration', 1),
    settleSeconds: number('settle', 1),
    rate: number('rate', 0.001) ?? 1,
    think: number('think', 0) ?? 1,
    seed: whole('seed', 0) ?? 1,
    run: runOf(given('run')),
    reportDir: given('report') ?? 'data/loadtest',
    usersFile: given('users'),
    localAddresses: addresses.length === 0 ? undefined : addresses,
    sdkAppId: whole('sdkappid', 1, 'SDKAPPID') ?? 1_400_000_000,
    secret: env['SECRETKEY'] || undefined,
    secretFile: env['SECRETKEY_FILE'] || undefined,
    serverEnv: Object.fromEntries(list('server-env').map(pairOf)),
  }
}

function flagsOf(argv: readonly string[]): Readonly<Record<string, string>> {
  const strings = Object.fromEntries(OPTIONS.map(({ flag }) => [flag, { type: 'string' as const }]))
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...strings, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
  } catch (err) {
    throw new BadSetting(String(err instanceof Error ? err.message : err).split('\n', 1)[0])
  }
}

function numberOf(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < least)
    throw new BadSetting(`--${flag} is a number from ${least} on, not "${text}"`)
  return value
}

function endpointOrThrow(text: string): string {
  try {
    return endpointOf(text)
  } catch {
    throw new BadSetting(`--endpoint is an address such as http://127.0.0.1:3000, not "${text}"`)
  }
}

function runOf(text: string | undefined): string | undefined {
  if (text !== undefined && !RUN_PATTERN.test(text)) throw new BadSetting('--run is at most 10 characters of a-z0-9')
  return text
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new BadSetting(`--server-env is NAME=VALUE, not "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}
