import type { ConversationId } from '@hongyan/protocol'
import type { Lane } from '../../server/src/db/lane.ts'
import { canariesIn } from './canary.ts'
import type { Journal } from './journal.ts'
import type { StoreLine } from './lines.ts'
import { readTruths } from './truth.ts'
import { findWrongCounters, readStays } from './books.ts'

const PAGE = 20_000

/** Writes down what the database says about conversations, messages and members: everything the checkers ask. */
export async function dumpStore(lane: Lane, journal: Journal<StoreLine>): Promise<void> {
  journal.note({ kind: 'store', epoch: await readEpoch(lane) })
  await dumpTimelines(lane, journal)
  await dumpMessages(lane, journal)
  await dumpMembers(lane, journal)
  await dumpTraces(lane, journal)
  for (const stay of await readStays(lane)) journal.note({ kind: 'stay', ...stay })
  for (const what of await findWrongCounters(lane)) journal.note({ kind: 'wrong', what })
  journal.flush()
}

/** What everybody should see now. */
export async function dumpTruths(lane: Lane, checkpoint: number, journal: Journal<StoreLine>): Promise<void> {
  for (const [user, digest] of await readTruths(lane)) journal.note({ kind: 'truth', user, checkpoint, digest })
  journal.flush()
}

export async function readEpoch(lane: Lane): Promise<string> {
  return (await lane.run<{ epoch: string }>('SELECT epoch FROM store')).rows[0]?.epoch ?? ''
}

async function dumpTimelines(lane: Lane, journal: Journal<StoreLine>): Promise<void> {
  const { rows } = await lane.run<{ conversation: ConversationId; lastSeq: number; lastOffset: number }>(
    `SELECT substr(id, 3) AS conversation, last_seq AS "lastSeq", last_offset AS "lastOffset"
       FROM timeline WHERE id LIKE 'c:%'`,
  )
  for (const row of rows) journal.note({ kind: 'timeline', ...row })
}

interface MessageRow {
  readonly key: number
  readonly conversation: ConversationId
  readonly seq: number
  readonly offset: number
  readonly sender: string
  readonly id: string
  readonly sentAtMs: number
  readonly body: string
  readonly isRevoked: boolean
  readonly version: number
}

async function dumpMessages(lane: Lane, journal: Journal<StoreLine>): Promise<void> {
  let [key, seq] = [0, 0]
  for (;;) {
    const { rows } = await lane.run<MessageRow>(
      `SELECT t.key, substr(t.id, 3) AS conversation, m.seq, m."offset", a.id AS sender, m.client_msg_id AS id,
              m.sent_at_ms AS "sentAtMs", m.body::text AS body, m.revoked_at_ms IS NOT NULL AS "isRevoked", m.version
         FROM message m JOIN timeline t ON t.key = m.timeline_key JOIN account a ON a.key = m.sender_key
        WHERE (m.timeline_key, m.seq) > ($1, $2) ORDER BY m.timeline_key, m.seq LIMIT ${PAGE}`,
      [key, seq],
    )
    for (const { key: _key, body, ...row } of rows) {
      journal.note({ kind: 'message', ...row, canary: canariesIn(body)[0] ?? null })
    }
    const last = rows.at(-1)
    if (last === undefined) return
    ;[key, seq] = [last.key, last.seq]
  }
}

async function dumpMembers(lane: Lane, journal: Journal<StoreLine>): Promise<void> {
  const { rows } = await lane.run<{ conversation: ConversationId; user: string }>(
    `SELECT substr(t.id, 3) AS conversation, a.id AS user
       FROM member m JOIN timeline t ON t.key = m.timeline_key JOIN account a ON a.key = m.account_key`,
  )
  for (const row of rows) journal.note({ kind: 'member', ...row })
}

/** Canaries in the log beside the messages: changes carry content, too. */
async function dumpTraces(lane: Lane, journal: Journal<StoreLine>): Promise<void> {
  const { rows } = await lane.run<{ place: string; body: string }>(
    `SELECT t.id || ' ' || e."offset" AS place, e.body::text AS body
       FROM entry e JOIN timeline t ON t.key = e.timeline_key WHERE e.body::text LIKE '%~c%'`,
  )
  for (const { place, body } of rows) journal.note({ kind: 'trace', place, canaries: canariesIn(body) })
}
