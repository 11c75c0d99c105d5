import type { Lane } from '../../src/db/lane.ts'
import type { Answered } from './message-load.ts'

interface Row {
  readonly timelineKey: number
  readonly seq: number
  readonly offset: number
  readonly countable: number
  readonly senderKey: number
  readonly clientMsgId: string
}

interface Head {
  readonly key: number
  readonly lastOffset: number
  readonly lastSeq: number
  readonly lastCountable: number
}

/**
 * Compares what was answered with what is stored, by brute force: I1 (what was answered is there), I2 (once, and every
 * answer the same), I3 (numbers 1 … n), and the counts that unread is derived from. Every message must have got an
 * answer before. Returns what is wrong.
 */
export async function findWrongs(lane: Lane, answers: readonly Answered[]): Promise<readonly string[]> {
  const { rows } = await lane.run<Row>(
    `SELECT timeline_key AS "timelineKey", seq, "offset", countable, sender_key AS "senderKey",
            client_msg_id AS "clientMsgId" FROM message ORDER BY timeline_key, seq`,
  )
  const heads = await lane.run<Head>(
    `SELECT key, last_offset AS "lastOffset", last_seq AS "lastSeq", last_countable AS "lastCountable"
       FROM timeline WHERE id LIKE 'c:%'`,
  )
  const own = await lane.run<{ timelineKey: number; senderKey: number; own: number }>(
    'SELECT timeline_key AS "timelineKey", account_key AS "senderKey", own FROM member',
  )
  return [
    ...wrongRows(rows, answers),
    ...heads.rows.flatMap((head) =>
      wrongNumbers(
        head,
        rows.filter((row) => row.timelineKey === head.key),
      ),
    ),
    ...own.rows.flatMap((member) => {
      const sent = rows.filter(
        (row) => row.timelineKey === member.timelineKey && row.senderKey === member.senderKey,
      ).length
      return sent === member.own ? [] : [`member ${member.senderKey} has sent ${sent}, and counts ${member.own}`]
    }),
  ]
}

function wrongRows(rows: readonly Row[], answers: readonly Answered[]): readonly string[] {
  const wrongs: string[] = []
  const stored = new Map<string, Row>()
  for (const row of rows) {
    const name = `${row.senderKey} ${row.clientMsgId}`
    if (stored.has(name)) wrongs.push(`${name} is stored twice`)
    stored.set(name, row)
  }
  const answered = new Set<string>()
  for (const { talk, clientMsgId, stored: answer } of answers) {
    const name = `${talk.senderKey} ${clientMsgId}`
    answered.add(name)
    const row = stored.get(name)
    if (!row) wrongs.push(`${name} was answered, and is not stored`)
    else if (row.seq !== answer.seq || row.offset !== answer.offset || row.timelineKey !== talk.timelineKey)
      wrongs.push(`${name} was answered with number ${answer.seq}, and is stored as ${row.seq}`)
  }
  for (const name of stored.keys()) if (!answered.has(name)) wrongs.push(`${name} is stored, and was never answered`)
  return wrongs
}

function wrongNumbers(head: Head, rows: readonly Row[]): readonly string[] {
  const isInOrder = rows.every(({ seq, offset, countable }, index) =>
    [seq, offset, countable].every((number) => number === index + 1),
  )
  const isHead = [head.lastSeq, head.lastOffset, head.lastCountable].every((number) => number === rows.length)
  return [
    ...(isInOrder ? [] : [`the numbers of conversation ${head.key} are not 1 … ${rows.length}`]),
    ...(isHead ? [] : [`the head of conversation ${head.key} is ${head.lastSeq}, not ${rows.length}`]),
  ]
}
