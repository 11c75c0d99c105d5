import {
  conversationTimeline,
  groupConversationId,
  parseGroupId,
  parseUserId,
  userTimeline,
  type ConversationId,
  type GroupType,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { readAccounts } from '../../src/accounts/account-reader.ts'
import { createAccounts } from '../../src/accounts/account-writer.ts'
import { numberArray, type Db, type Tx } from '../../src/db/db.ts'
import type { Actor } from '../../src/logins/actor.ts'
import { insertLogins } from '../../src/logins/login-writer.ts'

/** Bits of a message's flags. */
const WANTS_RECEIPTS = 4
const UNCOUNTED = 1

/** Users with their logins, `<prefix>0`, `<prefix>1` … */
export async function makeActors(db: Db, prefix: string, count: number): Promise<readonly Actor[]> {
  const userIds = Array.from({ length: count }, (_, index) => userIdOf(`${prefix}${index}`))
  return db.transaction(async (tx) => {
    await createAccounts(
      tx,
      userIds.map((userId) => ({ userId })),
    )
    const accounts = await readAccounts(tx, userIds)
    const logins = accounts.map(({ key }) => ({ accountKey: key, device: 'test', instanceId: 'test' }))
    const loginKeys = await insertLogins(tx, logins)
    const actors = accounts.map(({ key, id }): Actor => {
      return { userId: id, accountKey: key, loginKey: loginKeys.get(key) ?? 0, nick: '', avatar: '' }
    })
    return actors.sort((a, b) => (a.userId < b.userId ? -1 : 1))
  })
}

export function userIdOf(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error(`${text} is no user id`)
  return userId
}

export interface SaidOptions {
  readonly wantsReceipts?: boolean
  readonly isUncounted?: boolean
  /** Account keys; nothing for everybody. */
  readonly receivers?: readonly number[] | undefined
}

/**
 * A group as rows, written as the services write it but without any of them: for tests that count what is stored, and must
 * not rely on what they test.
 */
export class GroupRows {
  readonly conversationId: ConversationId
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly #db: Db
  #said = 0

  private constructor(db: Db, conversationId: ConversationId, timelineKey: number) {
    this.#db = db
    this.conversationId = conversationId
    this.timeline = conversationTimeline(conversationId)
    this.timelineKey = timelineKey
  }

  static async create(db: Db, id: string, type: GroupType): Promise<GroupRows> {
    const groupId = parseGroupId(id)
    if (groupId === undefined) throw new Error(`${id} is no group id`)
    const conversationId = groupConversationId(groupId)
    const key = await db.transaction(async (tx) => {
      const [row] = await tx.query<{ key: number }>('INSERT INTO timeline (id) VALUES ($1) RETURNING key', [
        conversationTimeline(conversationId),
      ])
      if (!row) throw new Error('no row')
      await tx.query(
        `INSERT INTO chat_group (timeline_key, id, type, name, max_members, join_option, invite_option, founder_key,
                                 request_id, created_at_ms, changed_at_ms)
         VALUES ($1, $2, $3, $2, 5000, 'free', 'free', 1, $2, 0, 0)`,
        [row.key, groupId, type],
      )
      return row.key
    })
    return new GroupRows(db, conversationId, key)
  }

  /** Members from now on: nothing said before waits for them. */
  async join(accountKeys: readonly number[]): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO member (timeline_key, account_key, base_seq, base_countable, read_seq, cleared_seq, joined_seq,
                             joined_offset)
         SELECT t.key, k, t.last_seq, t.last_countable, t.last_seq, t.last_seq, t.last_seq, t.last_offset
           FROM timeline t, unnest($2::bigint[]) AS k WHERE t.key = $1`,
        [this.timelineKey, numberArray(accountKeys)],
      )
      await this.#count(tx)
    })
  }

  async leave(accountKey: number): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await tx.query('DELETE FROM member WHERE timeline_key = $1 AND account_key = $2', [this.timelineKey, accountKey])
      await this.#count(tx)
    })
  }

  /** Says something; its number. */
  async say(senderKey: number, options: SaidOptions = {}): Promise<number> {
    const { wantsReceipts = false, receivers } = options
    const isUncounted = options.isUncounted ?? receivers !== undefined
    const flags = (wantsReceipts ? WANTS_RECEIPTS : 0) | (isUncounted ? UNCOUNTED : 0)
    const counts = isUncounted ? 0 : 1
    return this.#db.transaction(async (tx) => {
      const [head] = await tx.query<{ seq: number; offset: number; countable: number }>(
        `UPDATE timeline SET last_seq = last_seq + 1, last_offset = last_offset + 1,
                last_countable = last_countable + $2 WHERE key = $1
         RETURNING last_seq AS seq, last_offset AS "offset", last_countable AS countable`,
        [this.timelineKey, counts],
      )
      if (!head) throw new Error('no timeline')
      await tx.query(
        `INSERT INTO message (timeline_key, seq, "offset", sender_key, client_msg_id, fingerprint, sent_at_ms, countable,
                              flags, body, receivers)
         VALUES ($1, $2, $3, $4, $5, 0, $2, $6, $7, '{"elements":[]}', $8::text::bigint[])`,
        [
          this.timelineKey,
          head.seq,
          head.offset,
          senderKey,
          `${this.timelineKey}-${++this.#said}`,
          head.countable,
          flags,
          receivers === undefined ? null : numberArray(receivers),
        ],
      )
      await tx.query('UPDATE member SET own = own + $3 WHERE timeline_key = $1 AND account_key = $2', [
        this.timelineKey,
        senderKey,
        counts,
      ])
      return head.seq
    })
  }

  async revoke(seq: number): Promise<void> {
    await this.#db.transaction((tx) =>
      tx.query(
        `UPDATE message SET body = '{"elements":[]}', revoked_by_key = sender_key, revoked_at_ms = 1
          WHERE timeline_key = $1 AND seq = $2`,
        [this.timelineKey, seq],
      ),
    )
  }

  /** How many ranges a reader's receipts are. */
  async rangesOf(accountKey: number): Promise<number> {
    const [row] = await this.#db.query<{ ranges: number }>(
      `SELECT (SELECT count(*) FROM unnest(seqs)) AS ranges FROM receipt WHERE timeline_key = $1 AND account_key = $2`,
      [this.timelineKey, accountKey],
    )
    return row?.ranges ?? 0
  }

  async #count(tx: Tx): Promise<void> {
    await tx.query(
      `UPDATE chat_group SET member_count = (SELECT count(*) FROM member WHERE timeline_key = $1)
        WHERE timeline_key = $1`,
      [this.timelineKey],
    )
  }
}

/** The offset of a user's own timeline. */
export async function ownOffset(db: Db, userId: UserId): Promise<number> {
  const [row] = await db.query<{ offset: number }>('SELECT last_offset AS "offset" FROM timeline WHERE id = $1', [
    userTimeline(userId),
  ])
  return row?.offset ?? 0
}
