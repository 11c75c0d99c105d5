import type { Access, GroupChange, GroupId, GroupType, TimelineId } from '@hongyan/protocol'
import { numberArray, textArray, type Tx } from '../db/db.ts'
import type { LockedTimeline } from '../timelines/timeline-writer.ts'

export interface NewGroup {
  readonly groupId: GroupId
  readonly type: GroupType
  readonly name: string
  readonly avatar: string
  readonly introduction: string
  readonly notice: string
  readonly ownerKey: number
  readonly maxMembers: number
  readonly joinOption: Access
  readonly inviteOption: Access
  readonly custom: unknown
  /** The founder's own name of the request: tells a request that is sent again. */
  readonly requestId: string
  readonly atMs: number
}

/** Creates the timeline of a group; its key, or undefined when the id is taken. */
export async function insertGroupTimeline(tx: Tx, timeline: TimelineId): Promise<number | undefined> {
  const [created] = await tx.query<{ key: number }>(
    'INSERT INTO timeline (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING key',
    [timeline],
  )
  return created?.key
}

export async function insertGroup(tx: Tx, timelineKey: number, group: NewGroup): Promise<void> {
  await tx.query(
    `INSERT INTO chat_group (timeline_key, id, type, name, avatar, introduction, notice, owner_key, max_members,
                             join_option, invite_option, custom, created_at_ms, changed_at_ms, founder_key, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $13, $8, $14)`,
    [
      timelineKey,
      group.groupId,
      group.type,
      group.name,
      group.avatar,
      group.introduction,
      group.notice,
      group.ownerKey,
      group.maxMembers,
      group.joinOption,
      group.inviteOption,
      JSON.stringify(group.custom),
      group.atMs,
      group.requestId,
    ],
  )
}

export interface NewMember {
  readonly accountKey: number
  readonly role: number
  readonly custom: unknown
}

/**
 * Makes accounts members of a group whose timeline is locked: their counting starts at its head, and what was said before
 * is theirs only where the group shows it. Who was not allowed to speak when he left is not allowed to yet. Counts them.
 */
export async function insertMembers(
  tx: Tx,
  timeline: LockedTimeline,
  members: readonly NewMember[],
  options: { readonly showsHistory: boolean; readonly nowMs: number },
): Promise<void> {
  await Promise.all([
    tx.query(
      `INSERT INTO member (timeline_key, account_key, role, custom, base_seq, base_countable, read_seq, cleared_seq,
                           joined_seq, joined_offset, joined_at_ms, muted_until_ms)
       SELECT $1::bigint, d.account_key, d.role, d.custom, $5::bigint, $6::bigint, $5::bigint, $7::bigint, $5::bigint,
              $8::bigint, $9::bigint,
              CASE WHEN d.role > 0 AND r.muted_until_ms > $9::bigint THEN r.muted_until_ms ELSE 0 END
         FROM unnest($2::bigint[], $3::smallint[], $4::jsonb[]) AS d(account_key, role, custom)
         LEFT JOIN group_restriction r ON r.timeline_key = $1::bigint AND r.account_key = d.account_key`,
      [
        timeline.key,
        numberArray(members.map(({ accountKey }) => accountKey)),
        numberArray(members.map(({ role }) => role)),
        textArray(members.map(({ custom }) => JSON.stringify(custom))),
        timeline.lastSeq,
        timeline.lastCountable,
        options.showsHistory ? 0 : timeline.lastSeq,
        timeline.lastOffset,
        options.nowMs,
      ],
    ),
    countMembers(tx, timeline.key, members.length, options.nowMs),
  ])
}

/** Ends memberships; nothing of the members' marks stays but until when they may not speak. Counts them. */
export async function deleteMembers(
  tx: Tx,
  timelineKey: number,
  accountKeys: readonly number[],
  nowMs: number,
): Promise<void> {
  await Promise.all([
    // A mute that ended early is kept as well: it takes the place of what an earlier leaving has left.
    tx.query(
      `WITH gone AS (DELETE FROM member WHERE timeline_key = $1 AND account_key = ANY($2::bigint[])
                     RETURNING timeline_key, account_key, muted_until_ms)
       INSERT INTO group_restriction (timeline_key, account_key, muted_until_ms)
       SELECT gone.* FROM gone LEFT JOIN group_restriction r USING (timeline_key, account_key)
        WHERE gone.muted_until_ms > $3::bigint OR r.muted_until_ms > $3::bigint
       ON CONFLICT (timeline_key, account_key) DO UPDATE SET muted_until_ms = excluded.muted_until_ms`,
      [timelineKey, numberArray(accountKeys), nowMs],
    ),
    countMembers(tx, timelineKey, -accountKeys.length, nowMs),
  ])
}

function countMembers(tx: Tx, timelineKey: number, change: number, nowMs: number): Promise<unknown> {
  return tx.query(
    'UPDATE chat_group SET member_count = member_count + $2::integer, changed_at_ms = $3 WHERE timeline_key = $1',
    [timelineKey, change, nowMs],
  )
}

/** Sets what is named; null stays as it is. */
export async function updateGroup(tx: Tx, timelineKey: number, changed: GroupChange, nowMs: number): Promise<void> {
  await tx.query(
    `UPDATE chat_group SET name = coalesce($2, name), avatar = coalesce($3, avatar),
            introduction = coalesce($4, introduction), notice = coalesce($5, notice),
            join_option = coalesce($6, join_option), invite_option = coalesce($7, invite_option),
            is_muted = coalesce($8::boolean, is_muted), custom = coalesce($9::jsonb, custom), changed_at_ms = $10
      WHERE timeline_key = $1`,
    [
      timelineKey,
      changed.name ?? null,
      changed.avatar ?? null,
      changed.introduction ?? null,
      changed.notice ?? null,
      changed.joinOption ?? null,
      changed.inviteOption ?? null,
      changed.isMuted ?? null,
      changed.custom === undefined ? null : JSON.stringify(changed.custom),
      nowMs,
    ],
  )
}

/** Makes a member the owner, who may speak from now on; null for a group that loses its owner. */
export async function updateOwner(
  tx: Tx,
  timelineKey: number,
  owner: { readonly from: number | null; readonly to: number | null },
  nowMs: number,
): Promise<void> {
  await Promise.all([
    tx.query('UPDATE chat_group SET owner_key = $2, changed_at_ms = $3 WHERE timeline_key = $1', [
      timelineKey,
      owner.to,
      nowMs,
    ]),
    tx.query(
      `UPDATE member SET role = CASE WHEN account_key = $3 THEN 0 ELSE 2 END,
              muted_until_ms = CASE WHEN account_key = $3 THEN 0 ELSE muted_until_ms END
        WHERE timeline_key = $1 AND account_key IN ($2, $3)`,
      [timelineKey, owner.from, owner.to],
    ),
  ])
}

export async function updateRole(tx: Tx, timelineKey: number, accountKey: number, role: number): Promise<void> {
  await tx.query('UPDATE member SET role = $3 WHERE timeline_key = $1 AND account_key = $2', [
    timelineKey,
    accountKey,
    role,
  ])
}

export async function updateMute(tx: Tx, timelineKey: number, accountKey: number, untilMs: number): Promise<void> {
  await tx.query('UPDATE member SET muted_until_ms = $3 WHERE timeline_key = $1 AND account_key = $2', [
    timelineKey,
    accountKey,
    untilMs,
  ])
}

/** Sets what is named; null stays as it is. */
export async function updateMember(
  tx: Tx,
  timelineKey: number,
  accountKey: number,
  changed: { readonly nameCard: string | undefined; readonly custom: unknown },
): Promise<void> {
  await tx.query(
    `UPDATE member SET name_card = coalesce($3, name_card), custom = coalesce($4::jsonb, custom)
      WHERE timeline_key = $1 AND account_key = $2`,
    [
      timelineKey,
      accountKey,
      changed.nameCard ?? null,
      changed.custom === undefined ? null : JSON.stringify(changed.custom),
    ],
  )
}

/** From now on nobody acts in it; see GroupDisbander for what follows. */
export async function markDismissed(tx: Tx, timelineKey: number, nowMs: number): Promise<void> {
  await tx.query('UPDATE chat_group SET dismissed_at_ms = $2, changed_at_ms = $2 WHERE timeline_key = $1', [
    timelineKey,
    nowMs,
  ])
}

/** Keeps removed members from coming back until then. */
export async function insertBans(
  tx: Tx,
  timelineKey: number,
  accountKeys: readonly number[],
  untilMs: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO group_restriction AS r (timeline_key, account_key, banned_until_ms)
     SELECT $1::bigint, d.key, $3::bigint FROM unnest($2::bigint[]) AS d(key)
     ON CONFLICT (timeline_key, account_key)
     DO UPDATE SET banned_until_ms = greatest(r.banned_until_ms, excluded.banned_until_ms)`,
    [timelineKey, numberArray(accountKeys), untilMs],
  )
}

/** Keeps a visitor of a live room from speaking until then. */
export async function upsertRoomMute(tx: Tx, timelineKey: number, accountKey: number, untilMs: number): Promise<void> {
  await tx.query(
    `INSERT INTO group_restriction (timeline_key, account_key, muted_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (timeline_key, account_key) DO UPDATE SET muted_until_ms = excluded.muted_until_ms`,
    [timelineKey, accountKey, untilMs],
  )
}

/** Writes wishes to be in a group; one that waits already gets the new text. Their keys, by applicant. */
export async function upsertApplications(
  tx: Tx,
  timelineKey: number,
  applications: {
    readonly applicantKeys: readonly number[]
    readonly inviterKey: number | null
    readonly text: string
    readonly atMs: number
  },
): Promise<ReadonlyMap<number, number>> {
  const rows = await tx.query<{ key: number; applicantKey: number }>(
    `INSERT INTO group_application (timeline_key, applicant_key, inviter_key, text, at_ms)
     SELECT $1::bigint, d.key, $3::bigint, $4, $5::bigint FROM unnest($2::bigint[]) AS d(key)
     ON CONFLICT (timeline_key, applicant_key)
     DO UPDATE SET text = excluded.text, at_ms = excluded.at_ms, inviter_key = excluded.inviter_key
     RETURNING key, applicant_key AS "applicantKey"`,
    [
      timelineKey,
      numberArray(applications.applicantKeys),
      applications.inviterKey,
      applications.text,
      applications.atMs,
    ],
  )
  return new Map(rows.map(({ key, applicantKey }) => [applicantKey, key]))
}

/** Whoever has become a member, or was refused, wishes it no more. */
export async function deleteApplications(tx: Tx, timelineKey: number, applicantKeys: readonly number[]): Promise<void> {
  await tx.query('DELETE FROM group_application WHERE timeline_key = $1 AND applicant_key = ANY($2::bigint[])', [
    timelineKey,
    numberArray(applicantKeys),
  ])
}
