import type { Store } from './store.ts'

/** A conversation put there by SQL. */
export interface SeededConversation {
  readonly conversationId: string
  readonly key: number
}

const BODY = `'{"elements":[{"type":"text","text":"' || n || ' 你好,明天家长会三点开始。.........................."}]}'`
const START_MS = 1_700_000_000_000
/** Time between two seeded messages. */
export const STEP_MS = 1_000

/** Users `<prefix>0` … with their own timelines. */
export async function seedUsers(store: Store, prefix: string, count: number): Promise<void> {
  const users = `(SELECT $1::text || n AS id FROM generate_series(0, $2::bigint - 1) n)`
  await store.run(`INSERT INTO account (id, nick) SELECT id, 'Nick of ' || id FROM ${users} u ON CONFLICT DO NOTHING`, [
    prefix,
    count,
  ])
  await store.run(`INSERT INTO timeline (id) SELECT 'u:' || id FROM ${users} u ON CONFLICT DO NOTHING`, [prefix, count])
}

/** A public group of `owner` and the users `<prefix>0` … */
export async function seedGroup(
  store: Store,
  group: { readonly id: string; readonly owner: string; readonly prefix: string; readonly members: number },
): Promise<SeededConversation> {
  const conversationId = `group:${group.id}`
  const key = await seedTimeline(store, conversationId)
  await store.run(
    `INSERT INTO chat_group (timeline_key, id, type, name, avatar, introduction, notice, founder_key, request_id, owner_key,
                             max_members, member_count, join_option, invite_option, created_at_ms, changed_at_ms)
     SELECT $1, $2, 'public', '三年二班 ' || $2, 'https://school.example/avatars/' || $2 || '.png', '家校沟通',
            '周五下午三点开家长会', a.key, 'bench-' || $2, a.key, 100000, $4::integer + 1, 'approval', 'free', ${START_MS},
            ${START_MS} FROM account a WHERE a.id = $3`,
    [key, group.id, group.owner, group.members],
  )
  await store.run(
    `INSERT INTO member (timeline_key, account_key, role, joined_at_ms)
     SELECT $1::bigint, key, 0, ${START_MS} FROM account WHERE id = $2
      UNION ALL
     SELECT $1::bigint, a.key, 2, ${START_MS} FROM generate_series(0, $4::bigint - 1) n JOIN account a ON a.id = $3 || n`,
    [key, group.owner, group.prefix, group.members],
  )
  return { conversationId, key }
}

/** A one-to-one conversation. */
export async function seedPair(store: Store, one: string, other: string): Promise<SeededConversation> {
  const conversationId = `c2c:${[one, other].sort().join(':')}`
  const key = await seedTimeline(store, conversationId)
  await store.run(
    `INSERT INTO member (timeline_key, account_key) SELECT $1::bigint, key FROM account WHERE id IN ($2, $3)`,
    [key, one, other],
  )
  return { conversationId, key }
}

/** So many messages, one a second, by the members in turn; each 40th mentions `mentioned` or everybody, each 50th is revoked. */
export async function seedMessages(store: Store, key: number, count: number, mentioned?: string): Promise<void> {
  const mentions = `CASE WHEN n % 40 <> 0 THEN '' WHEN n % 80 = 0 THEN ',"mentions":{"userIds":[],"all":true}'
                         ELSE ',"mentions":{"userIds":["' || $3::text || '"],"all":false}' END`
  const body = mentioned === undefined ? BODY : `left(${BODY}, -1) || ${mentions} || '}'`
  await store.run(
    `WITH people AS (SELECT array_agg(account_key ORDER BY account_key) AS keys
                       FROM (SELECT account_key FROM member WHERE timeline_key = $1::bigint ORDER BY account_key LIMIT 50) AS m)
     INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable, flags,
                          body, revoked_by_key, revoked_at_ms)
     SELECT $1::bigint, n, n, keys[1 + n % array_length(keys, 1)], 'seed-' || $1::bigint || '-' || n, n, ${START_MS} + n * ${STEP_MS}, n,
            CASE WHEN $3::text IS NOT NULL AND n % 40 = 0 THEN 8 ELSE 0 END,
            CASE WHEN $3::text IS NOT NULL AND n % 50 = 49 THEN '{"elements":[]}'::json ELSE (${body})::json END,
            CASE WHEN $3::text IS NOT NULL AND n % 50 = 49 THEN keys[1] END,
            CASE WHEN $3::text IS NOT NULL AND n % 50 = 49 THEN ${START_MS} END
       FROM people, generate_series(1, $2::bigint) n`,
    [key, count, mentioned ?? null],
  )
  await store.run(
    `UPDATE timeline SET last_offset = $2, last_seq = $2, last_countable = $2,
            last_sent_at_ms = ${START_MS} + $2::bigint * ${STEP_MS} WHERE key = $1`,
    [key, count],
  )
  await store.run(
    `UPDATE member m SET own = s.own
       FROM (SELECT sender_key, count(*) AS own FROM message WHERE timeline_key = $1 GROUP BY sender_key) AS s
      WHERE m.timeline_key = $1 AND m.account_key = s.sender_key`,
    [key],
  )
}

/** The member has read up to there. */
export async function seedRead(store: Store, key: number, user: string, seq: number): Promise<void> {
  await store.run(
    `UPDATE member m SET read_seq = $3, base_seq = $3, base_countable = $3,
            base_own = (SELECT count(*) FROM message WHERE timeline_key = $1 AND sender_key = m.account_key AND seq <= $3)
       FROM account a WHERE m.timeline_key = $1 AND m.account_key = a.key AND a.id = $2`,
    [key, user, seq],
  )
}

/** When a seeded message was sent. */
export function sentAtMs(seq: number): number {
  return START_MS + seq * STEP_MS
}

async function seedTimeline(store: Store, conversationId: string): Promise<number> {
  const [row] = await store.run<{ key: number }>('INSERT INTO timeline (id) VALUES ($1) RETURNING key', [
    `c:${conversationId}`,
  ])
  if (!row) throw new Error('no row')
  return row.key
}
