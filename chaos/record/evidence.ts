import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ConversationId } from '@hongyan/protocol'
import type { AckLine, EventLine, FaultLine, RunFacts, SendAck, StoreLine } from './lines.ts'

type StoreKind<Kind extends StoreLine['kind']> = Extract<StoreLine, { kind: Kind }>
type AckKind<Kind extends AckLine['kind']> = Extract<AckLine, { kind: Kind }>
type FaultKind<Kind extends FaultLine['kind']> = Extract<FaultLine, { kind: Kind }>
export type StoredMessage = StoreKind<'message'>

/** Everything the checkers judge, but for what devices saw: that is too much to be held, and passes by line by line. */
export interface Evidence {
  readonly run: RunFacts
  readonly sent: readonly SendAck[]
  readonly recalls: readonly AckKind<'recall'>[]
  readonly edits: readonly AckKind<'edit'>[]
  readonly twisted: readonly AckKind<'twisted'>[]
  readonly refused: readonly AckKind<'refused'>[]
  readonly unanswered: readonly AckKind<'unanswered'>[]
  readonly faults: readonly FaultKind<'fault'>[]
  readonly caughtUp: readonly FaultKind<'caught-up'>[]
  readonly rewinds: readonly FaultKind<'rewind'>[]
  readonly incidents: readonly FaultKind<'incident'>[]
  readonly checkpoints: readonly FaultKind<'checkpoint'>[]
  readonly store: StoreEvidence
}

export interface StoreEvidence {
  readonly epoch: string
  readonly timelines: ReadonlyMap<ConversationId, StoreKind<'timeline'>>
  /** In the order of their seqs. */
  readonly messages: ReadonlyMap<ConversationId, readonly StoredMessage[]>
  readonly members: readonly StoreKind<'member'>[]
  readonly stays: readonly StoreKind<'stay'>[]
  readonly traces: readonly StoreKind<'trace'>[]
  readonly wrongs: readonly string[]
  /** By `<checkpoint> <user>`. */
  readonly truths: ReadonlyMap<string, string>
}

/** Reads a run's folder, but for the events. */
export async function readEvidence(folder: string): Promise<Evidence> {
  const acks = await readAll<AckLine>(folder, /^acks-\d+\.jsonl$/)
  const faults = await readAll<FaultLine>(folder, /^faults\.jsonl$/)
  return {
    run: JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunFacts,
    ...sortAcks(acks),
    ...sortFaults(faults),
    store: await readStore(folder),
  }
}

export function sortAcks(acks: readonly AckLine[]) {
  return {
    sent: acks.filter((line) => line.kind === 'sent'),
    recalls: acks.filter((line) => line.kind === 'recall'),
    edits: acks.filter((line) => line.kind === 'edit'),
    twisted: acks.filter((line) => line.kind === 'twisted'),
    refused: acks.filter((line) => line.kind === 'refused'),
    unanswered: acks.filter((line) => line.kind === 'unanswered'),
  }
}

function sortFaults(lines: readonly FaultLine[]) {
  return {
    faults: lines.filter((line) => line.kind === 'fault'),
    caughtUp: lines.filter((line) => line.kind === 'caught-up'),
    rewinds: lines.filter((line) => line.kind === 'rewind'),
    incidents: lines.filter((line) => line.kind === 'incident'),
    checkpoints: lines.filter((line) => line.kind === 'checkpoint'),
  }
}

/** What devices saw, each device's in its order. */
export async function* readEvents(folder: string): AsyncGenerator<EventLine> {
  for (const path of filesOf(folder, /^events-\d+\.jsonl$/)) yield* linesOf<EventLine>(path)
}

async function readStore(folder: string): Promise<StoreEvidence> {
  const lines: StoreLine[] = []
  const messages = new Map<ConversationId, StoredMessage[]>()
  for (const path of filesOf(folder, /^store\.jsonl$/)) {
    for await (const line of linesOf<StoreLine>(path)) {
      if (line.kind !== 'message') lines.push(line)
      else if (!messages.get(line.conversation)?.push(line)) messages.set(line.conversation, [line])
    }
  }
  return storeOf(lines, messages)
}

export function storeOf(
  lines: readonly StoreLine[],
  messages: ReadonlyMap<ConversationId, readonly StoredMessage[]>,
): StoreEvidence {
  const timelines = lines.filter((line) => line.kind === 'timeline')
  const truths = lines.filter((line) => line.kind === 'truth')
  return {
    epoch: lines.findLast((line) => line.kind === 'store')?.epoch ?? '',
    timelines: new Map(timelines.map((line) => [line.conversation, line])),
    messages,
    members: lines.filter((line) => line.kind === 'member'),
    stays: lines.filter((line) => line.kind === 'stay'),
    traces: lines.filter((line) => line.kind === 'trace'),
    wrongs: lines.flatMap((line) => (line.kind === 'wrong' ? [line.what] : [])),
    truths: new Map(truths.map(({ checkpoint, user, digest }) => [`${checkpoint} ${user}`, digest])),
  }
}

async function readAll<Line>(folder: string, name: RegExp): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const path of filesOf(folder, name)) for await (const line of linesOf<Line>(path)) lines.push(line)
  return lines
}

function filesOf(folder: string, name: RegExp): readonly string[] {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  return readdirSync(folder)
    .filter((file) => name.test(file))
    .sort()
    .map((file) => join(folder, file))
}

async function* linesOf<Line>(path: string): AsyncGenerator<Line> {
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (text !== '') yield JSON.parse(text) as Line
  }
}
