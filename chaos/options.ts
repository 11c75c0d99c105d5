import { parseArgs } from 'node:util'
import type { Topology } from './rig/cluster.ts'
import type { Scale } from './rig/population.ts'

/** A command line that cannot be understood; the message says how it is meant. */
export class BadCommand extends Error {}

/** What `npm run chaos` is asked to do. */
export type Task =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'check'; readonly folder: string }
  | { readonly kind: 'faults'; readonly ids: readonly string[]; readonly isBrief: boolean; readonly run: RunOptions }
  | { readonly kind: 'mix'; readonly mix: MixOptions; readonly run: RunOptions }

export interface RunOptions {
  readonly seed: number
  readonly scale: Scale
  readonly workers: number
  readonly topology: Topology
  /** Where the records go; a folder of its own under the system's temporary one if absent. */
  readonly folder: string | undefined
  /** Keep the records of a run in which all was well. */
  readonly keeps: boolean
  /** Where the report page goes; beside the records if absent. */
  readonly report: string | undefined
}

export interface MixOptions {
  readonly name: 'short' | 'long'
  /** Faults that were felt, and acknowledged messages: the run goes on until it has both. */
  readonly faults: number
  readonly messages: number
  readonly faultsPerCheckpoint: number
  readonly deadlineMs: number
}

const MINUTE_MS = 60_000

/** The form for CI: small enough for two cores that others use, too. */
const SHORT_SCALE: Scale = {
  users: 40,
  pairs: 50,
  groups: 6,
  minMembers: 10,
  maxMembers: 24,
  groupShare: 0.05,
  rate: 4_500,
}
/** Load W of the matrix. */
const LONG_SCALE: Scale = {
  users: 200,
  pairs: 200,
  groups: 20,
  minMembers: 10,
  maxMembers: 180,
  groupShare: 0.03,
  rate: 500,
}

const MIXES: Readonly<Record<MixOptions['name'], MixOptions>> = {
  short: { name: 'short', faults: 25, messages: 60_000, faultsPerCheckpoint: 9, deadlineMs: 6 * MINUTE_MS },
  long: { name: 'long', faults: 200, messages: 1_000_000, faultsPerCheckpoint: 20, deadlineMs: 150 * MINUTE_MS },
}

/** The short form of the default topology. */
const ONE_MIX: MixOptions = {
  name: 'short',
  faults: 6,
  messages: 8_000,
  faultsPerCheckpoint: 9,
  deadlineMs: 3 * MINUTE_MS,
}

const OPTIONS = {
  list: { type: 'boolean' },
  short: { type: 'boolean' },
  long: { type: 'boolean' },
  one: { type: 'boolean' },
  brief: { type: 'boolean' },
  keep: { type: 'boolean' },
  help: { type: 'boolean' },
  fault: { type: 'string' },
  check: { type: 'string' },
  folder: { type: 'string' },
  report: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  users: { type: 'string' },
  pairs: { type: 'string' },
  groups: { type: 'string' },
  'max-members': { type: 'string' },
  'group-share': { type: 'string' },
  workers: { type: 'string' },
  faults: { type: 'string' },
  messages: { type: 'string' },
  'per-checkpoint': { type: 'string' },
  minutes: { type: 'string' },
} as const

export const USAGE = `npm run chaos -- [what]
  --list                 the rows of the matrix
  --short                the seeded mix for CI (F-25): ${MIXES.short.faults} faults, ${MIXES.short.messages} messages
  --long                 the same at length: ${MIXES.long.faults} faults, ${MIXES.long.messages} messages
  --one                  one gateway with everything in itself, as npm start runs it: E-01 … E-03
  --fault F-03[,F-07]    these rows, one after the other, at the length of the matrix
  --brief                … at the length they have in the mix
  --check FOLDER         the checkers again, on the files alone
how
  --seed N  --rate N  --users N  --pairs N  --groups N  --max-members N  --group-share N  --workers N
  --faults N  --messages N  --per-checkpoint N  --minutes N
  --folder PATH          where the records go    --keep    keep them also when all was well
  --report PATH          where the report page goes
CHAOS_PLANT=dropped-push,phantom-ack,told-twice,revived (some of them) makes the rig itself break a promise: the run must fail.`

export function parseTask(args: readonly string[]): Task {
  const values = valuesIn(args)
  if (values.help) return { kind: 'help' }
  if (values.list) return { kind: 'list' }
  if (values.check !== undefined) return { kind: 'check', folder: values.check }
  const name = values.long ? 'long' : 'short'
  const base = values.long ? LONG_SCALE : SHORT_SCALE
  const scale: Scale = {
    ...base,
    users: whole(values.users, base.users),
    pairs: whole(values.pairs, base.pairs),
    groups: whole(values.groups, base.groups),
    maxMembers: whole(values['max-members'], base.maxMembers),
    groupShare: Number(values['group-share'] ?? base.groupShare),
    rate: whole(values.rate, base.rate),
  }
  const run: RunOptions = {
    seed: whole(values.seed, Math.floor(Math.random() * 1_000_000)),
    scale,
    workers: whole(values.workers, values.long ? 2 : 1),
    topology: values.one || values.fault?.startsWith('E') ? 'one' : 'three',
    folder: values.folder,
    keeps: values.keep ?? false,
    report: values.report,
  }
  if (values.fault !== undefined) {
    return { kind: 'faults', ids: values.fault.split(','), isBrief: values.brief ?? false, run }
  }
  if (!values.short && !values.long) throw new BadCommand(USAGE)
  const mix = values.one && !values.long ? ONE_MIX : MIXES[name]
  return {
    kind: 'mix',
    run,
    mix: {
      ...mix,
      faults: whole(values.faults, mix.faults),
      messages: whole(values.messages, mix.messages),
      faultsPerCheckpoint: whole(values['per-checkpoint'], mix.faultsPerCheckpoint),
      deadlineMs: whole(values.minutes, mix.deadlineMs / MINUTE_MS) * MINUTE_MS,
    },
  }
}

function valuesIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (err) {
    throw new BadCommand(`${err instanceof Error ? err.message : String(err)}\n\n${USAGE}`)
  }
}

function whole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new BadCommand(`not a whole number: ${text}`)
  return number
}
