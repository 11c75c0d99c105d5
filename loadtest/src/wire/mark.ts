/** What a message of the load says of itself, in its clientMsgId, so that whoever gets it knows what it is and when it was due. */
export interface Mark {
  /** The client who sent it. */
  readonly sender: number
  /** The sender's messages in this conversation, counted from 1. */
  readonly number: number
  /** When it was to be sent, in milliseconds since the epoch; 0 for what was there before the run. */
  readonly dueMs: number
  /** `r` wants receipts, `f` shows a file, `s` was there before the run. */
  readonly flags: string
}

/** Names of runs: part of user ids, group ids and message ids. */
export const RUN_PATTERN = /^[a-z0-9]{1,10}$/

const START_MS = 1_700_000_000_000
/** Dues are told in tenths of a millisecond. */
const PER_MS = 10

/** The clientMsgId of a message. */
export function markOf(run: string, { sender, number, dueMs, flags }: Mark): string {
  const due = dueMs === 0 ? 0 : Math.round((dueMs - START_MS) * PER_MS)
  return `lt_${run}_${flags}_${sender.toString(36)}_${number.toString(36)}_${due.toString(36)}`
}

/** The mark in a clientMsgId of this run, or undefined for another's. */
export function parseMark(run: string, clientMsgId: string): Mark | undefined {
  const [lt, ofRun, flags = '', sender = '', number = '', due = ''] = clientMsgId.split('_')
  if (lt !== 'lt' || ofRun !== run) return undefined
  const tenths = Number.parseInt(due, 36)
  return {
    flags,
    sender: Number.parseInt(sender, 36),
    number: Number.parseInt(number, 36),
    dueMs: tenths === 0 ? 0 : START_MS + tenths / PER_MS,
  }
}

/** The identity of a message of this run: its sender and his number, in one number that doubles hold exactly. */
export function identityOf({ sender, number }: Pick<Mark, 'sender' | 'number'>): number {
  return sender * 2 ** 28 + number
}

export function senderOf(identity: number): number {
  return Math.floor(identity / 2 ** 28)
}

export function numberOf(identity: number): number {
  return identity % 2 ** 28
}
