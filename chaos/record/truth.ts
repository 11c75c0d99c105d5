import type { Lane } from '../../server/src/db/lane.ts'

interface TruthRow {
  readonly user: string
  readonly conversation: string
  readonly lastSeq: number
  readonly lastId: string | null
  readonly isLastRevoked: boolean | null
  readonly lastVersion: number | null
  readonly unread: number
  readonly readSeq: number
  readonly peerReadSeq: number
  readonly clearedSeq: number
  readonly hiddenSeq: number
  readonly pinnedAtMs: number | null
  readonly remind: string
  readonly groupName: string | null
  readonly members: number
  readonly role: number
  readonly mutedUntilMs: number
}

const ROLES = ['owner', 'admin', 'member']

/**
 * What every user should see, counted naively from the rows, in the form of the SDK's digest: equal texts are equal
 * views (promise I4). Nobody in the rig mentions anybody, so the mentions are empty.
 */
export async function readTruths(lane: Lane): Promise<ReadonlyMap<string, string>> {
  const { rows } = await lane.run<TruthRow>(TRUTH)
  const views = new Map<string, (readonly [string, ...unknown[]])[]>()
  for (const row of rows) {
    if (row.groupName === null && row.lastSeq === 0 && row.pinnedAtMs === null) continue
    const view = views.get(row.user) ?? []
    view.push(lineOf(row))
    views.set(row.user, view)
  }
  return new Map(
    [...views].map(([user, view]) => [user, JSON.stringify(view.sort((a, b) => (a[0] < b[0] ? -1 : 1)))] as const),
  )
}

function lineOf(row: TruthRow): readonly [string, ...unknown[]] {
  const isC2c = row.conversation.startsWith('c2c:')
  return [
    row.conversation,
    row.lastSeq,
    row.lastId,
    row.isLastRevoked ?? false,
    row.lastVersion ?? 0,
    row.unread,
    row.readSeq,
    isC2c ? row.peerReadSeq : 0,
    row.clearedSeq,
    row.hiddenSeq,
    row.pinnedAtMs,
    row.remind,
    [],
    row.groupName === null ? null : [row.groupName, row.members, ROLES[row.role], row.mutedUntilMs],
  ]
}

const TRUTH = `
  SELECT a.id AS user, substr(t.id, 3) AS conversation, t.last_seq AS "lastSeq", last.id AS "lastId",
         last.revoked AS "isLastRevoked", last.version AS "lastVersion",
         (SELECT count(*) FROM message m
           WHERE m.timeline_key = me.timeline_key AND m.sender_key <> me.account_key AND m.flags & 1 = 0
             AND m.seq > greatest(me.read_seq, me.hidden_seq, me.cleared_seq, me.joined_seq)
             AND m.revoked_at_ms IS NULL
             AND NOT EXISTS (SELECT FROM deleted_message x WHERE x.account_key = me.account_key
                                AND x.timeline_key = me.timeline_key AND x.seq = m.seq)) AS unread,
         me.read_seq AS "readSeq", coalesce(peer.read_seq, me.read_seq) AS "peerReadSeq",
         me.cleared_seq AS "clearedSeq", me.hidden_seq AS "hiddenSeq", me.pinned_at_ms AS "pinnedAtMs", me.remind,
         g.name AS "groupName", CASE WHEN g.id IS NULL THEN 0 ELSE members.count END AS members, me.role,
         me.muted_until_ms AS "mutedUntilMs"
    FROM member me JOIN account a ON a.key = me.account_key JOIN timeline t ON t.key = me.timeline_key
    LEFT JOIN chat_group g ON g.timeline_key = t.key
    LEFT JOIN (SELECT timeline_key, count(*) AS count FROM member GROUP BY 1) AS members
           ON members.timeline_key = t.key
    LEFT JOIN member peer ON g.id IS NULL AND peer.timeline_key = t.key AND peer.account_key <> me.account_key
    LEFT JOIN LATERAL (
      SELECT m.sender_key || '-' || m.client_msg_id AS id, m.revoked_at_ms IS NOT NULL AS revoked, m.version
        FROM message m
       WHERE m.timeline_key = t.key AND m.seq > me.cleared_seq AND m.flags & 2 = 0
         AND NOT EXISTS (SELECT FROM deleted_message d WHERE d.account_key = me.account_key
                            AND d.timeline_key = t.key AND d.seq = m.seq)
       ORDER BY m.seq DESC LIMIT 1) AS last ON true`
