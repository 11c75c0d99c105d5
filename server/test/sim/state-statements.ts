import { conversationOfTimeline, LIMITS } from '@hongyan/protocol'
import { groupColumns } from './group-statements.ts'
import {
  isDeletedFor,
  isFor,
  memberOf,
  shown,
  userOf,
  type Meaning,
  type Params,
  type Row,
  type StatementContext,
} from './statement-context.ts'
import type { MemberRow, MessageTableRow } from './tables.ts'

/** Conversations as a member sees them, all of one moment. */
export const STATE_STATEMENTS: readonly Meaning[] = [['SELECT store.epoch, s.*', readStates]]

function readStates(context: StatementContext, params: Params): readonly Row[] {
  const epoch = context.flaws.constantEpoch ? 'epoch' : context.epoch
  const states = params.numbers(2).flatMap((key) => stateOf(context, key, params.number(1)))
  return states.length === 0 ? [{ timeline: null, epoch }] : states.map((state) => ({ epoch, ...state }))
}

function stateOf(context: StatementContext, timelineKey: number, accountKey: number): readonly Row[] {
  const { tx } = context
  const timeline = tx.get('timeline', String(timelineKey))
  const me = memberOf(context, timelineKey, accountKey)
  if (!timeline || !me || conversationOfTimeline(timeline.id) === undefined) return []
  const messages = tx.filter('message', (row) => row.timelineKey === timelineKey).sort((a, b) => a.seq - b.seq)
  const last = messages
    .filter((row) => row.seq > me.clearedSeq && (row.flags & 2) === 0 && isFor(context, row, accountKey))
    .filter((row) => !isDeletedFor(context, accountKey, row))
    .at(-1)
  return [
    {
      timeline: timeline.id,
      timelineKey,
      offset: timeline.lastOffset,
      lastSeq: timeline.lastSeq,
      countable: timeline.lastCountable,
      own: me.own,
      baseSeq: me.baseSeq,
      baseCountable: me.baseCountable,
      baseOwn: me.baseOwn,
      readSeq: me.readSeq,
      clearedSeq: me.clearedSeq,
      hiddenSeq: me.hiddenSeq,
      pinnedAtMs: me.pinnedAtMs,
      remind: me.remind,
      ...aboutOf(context, me),
      self: {
        role: me.role,
        nameCard: me.nameCard,
        joinedAtMs: me.joinedAtMs,
        mutedUntilMs: me.mutedUntilMs,
        custom: me.custom,
      },
      uncounted: uncountedOf(context, me, messages),
      mentions: mentionsOf(context, me, messages),
      lastMessage: last ? shown(context, last) : null,
    },
  ]
}

function aboutOf({ tx }: StatementContext, me: MemberRow): Row {
  const group = tx.get('chatGroup', String(me.timelineKey))
  if (group) return { peerReadSeq: 0, peerReadAtMs: 0, peer: null, group: groupColumns(tx, group) }
  const other = tx.find('member', (row) => row.timelineKey === me.timelineKey && row.accountKey !== me.accountKey)
  const peer = other ?? me
  const account = tx.get('account', String(peer.accountKey))
  return {
    peerReadSeq: peer.readSeq,
    peerReadAtMs: peer.readAtMs,
    peer: { userId: account?.id, nick: account?.nick, avatar: account?.avatar },
    group: null,
  }
}

function uncountedOf(
  { tx }: StatementContext,
  { timelineKey, accountKey, baseSeq }: MemberRow,
  messages: readonly MessageTableRow[],
): readonly number[] {
  const revoked = messages.filter(
    (row) => row.seq > baseSeq && row.revokedAtMs !== null && row.senderKey !== accountKey && (row.flags & 1) === 0,
  )
  const deleted = tx.filter(
    'deleted',
    (row) => row.accountKey === accountKey && row.timelineKey === timelineKey && row.seq > baseSeq && row.counted,
  )
  return [...new Set([...revoked, ...deleted].map(({ seq }) => seq))].sort((a, b) => a - b)
}

function mentionsOf(
  { tx }: StatementContext,
  { accountKey, readSeq, clearedSeq }: MemberRow,
  messages: readonly MessageTableRow[],
): readonly Row[] {
  const me = userOf(tx, accountKey)
  return messages
    .flatMap((row) => {
      const { seq, body, senderKey } = row
      if ((row.flags & 8) === 0 || seq <= Math.max(readSeq, clearedSeq) || row.revokedAtMs !== null) return []
      const isMine = me !== undefined && body.mentions?.userIds.includes(me) === true
      const isAll = body.mentions?.all === true
      if (senderKey === accountKey || (!isMine && !isAll)) return []
      return [{ seq, senderId: userOf(tx, senderKey), who: !isAll ? 'me' : isMine ? 'both' : 'all' }]
    })
    .slice(-LIMITS.mentionsKept)
}
