import {
  conversationTimeline,
  groupConversationId,
  groupOf,
  LIMITS,
  Refused,
  type ConversationId,
  type Entry,
  type ErrorName,
  type GroupId,
  type GroupType,
  type RequestOf,
} from '@hongyan/protocol'
import { readAccess, readAnnotated, type Access } from '../annotations/access-reader.ts'
import { lockAsMember } from '../annotations/locked-message.ts'
import type { Db, Tx } from '../db/db.ts'
import { assertMay } from '../groups/group-rules.ts'
import type { Clock } from '../kit/clock.ts'
import { granting } from '../kit/granting.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { findPins, isGroup, readAttributes, readCounters, readPinned, type PinnedMessage } from './group-data-reader.ts'
import { deleteAttributes, setAttributes, setCounters, type AttributesChange } from './group-data-rules.ts'
import { deletePin, insertPin, updateAttributes, updateCounters } from './group-data-writer.ts'

export interface GroupDataDeps {
  readonly db: Db
  readonly announcer: Announcer
  readonly clock: Clock
  /** Somebody's place in a live room, where nobody is a member; undefined when he is not in one of this id. */
  readonly standingInRoom: (
    actor: Actor,
    groupId: GroupId,
  ) => Promise<{ readonly timelineKey: number; readonly isOwner: boolean } | undefined>
}

type RoomPlace = NonNullable<Awaited<ReturnType<GroupDataDeps['standingInRoom']>>>

/** A change's answer, and the entry that tells of it; no entry where nothing changed. */
interface Changed<Answer> {
  readonly answer: Answer
  readonly entry?: Entry
}

/** The refusal that says that a change is done already, and its answer then. */
interface Done<Answer> {
  readonly unless: ErrorName
  readonly answer: Answer
}

type Pinning = RequestOf<'group.pinMessage'>

/** What a group keeps for all its members besides messages: attributes, counters, pinned messages. */
export class GroupDataService {
  readonly #deps: GroupDataDeps

  constructor(deps: GroupDataDeps) {
    this.#deps = deps
  }

  /** Refuses TOO_MANY_ATTRIBUTES. Nothing is told where nothing changes. */
  async setAttributes(actor: Actor, request: RequestOf<'group.setAttributes'>): Promise<void> {
    const wanted = new Map(Object.entries(request.attributes))
    await this.#changeAttributes(actor, request.groupId, (before) => setAttributes(before, wanted, request))
  }

  /** The keys that were there. Refuses NO_SUCH_ATTRIBUTE. */
  async deleteAttributes(actor: Actor, { groupId, keys }: RequestOf<'group.deleteAttributes'>): Promise<string[]> {
    return this.#changeAttributes(actor, groupId, (before) => deleteAttributes(before, keys), {
      unless: 'NO_SUCH_ATTRIBUTE',
      answer: [...keys],
    })
  }

  async attributes(actor: Actor, groupId: GroupId): Promise<ReadonlyMap<string, string>> {
    const { timelineKey } = await this.#mustReadAccess(actor, groupId)
    return readAttributes(this.#deps.db, timelineKey)
  }

  /** The counters named, as they are now. What several add at once is all added. Refuses TOO_MANY_COUNTERS. */
  async setCounters(actor: Actor, request: RequestOf<'group.setCounters'>): Promise<ReadonlyMap<string, number>> {
    const wanted = new Map(Object.entries(request.counters))
    return this.#change(actor, request.groupId, { retry: !request.adds }, async (tx, { timelineKey }) => {
      const before = await readCounters(tx, timelineKey)
      const values = setCounters(before, wanted, request)
      if ([...values].every(([key, value]) => before.get(key) === value)) return { answer: values }
      await updateCounters(tx, timelineKey, values)
      return { answer: values, entry: { kind: 'counters', counters: Object.fromEntries(values) } }
    })
  }

  async counters(actor: Actor, groupId: GroupId): Promise<ReadonlyMap<string, number>> {
    const { timelineKey } = await this.#mustReadAccess(actor, groupId)
    return readCounters(this.#deps.db, timelineKey)
  }

  /**
   * Pins a message for everybody, or no longer. Refuses NOT_PERMITTED, NO_SUCH_MESSAGE, MESSAGE_REVOKED, NOT_FOR_THIS_GROUP
   * (a message that is not for everybody), ALREADY_PINNED, NOT_PINNED, TOO_MANY_PINNED.
   */
  async pinMessage(actor: Actor, request: Pinning): Promise<void> {
    const groupId = groupOf(request.conversationId)
    if (groupId === undefined) throw new Refused('NO_SUCH_GROUP')
    const done = { unless: request.pinned ? 'ALREADY_PINNED' : 'NOT_PINNED', answer: undefined } as const
    await this.#change(actor, groupId, { retry: true, done }, async (tx, access) => {
      assertMay('pin-message', access.groupType, access.role)
      await (request.pinned ? this.#pin(tx, actor, access, request) : unpin(tx, access, request))
      const { userId, nick, avatar } = actor
      const { seq, pinned } = request
      return { answer: undefined, entry: { kind: 'message-pinned', seq, pinned, by: { userId, nick, avatar } } }
    })
  }

  async pinnedMessages(actor: Actor, groupId: GroupId): Promise<readonly PinnedMessage[]> {
    const access = await this.#mustReadAccess(actor, groupId)
    return readPinned(this.#deps.db, { groupId, access, accountKey: actor.accountKey })
  }

  async #pin(tx: Tx, actor: Actor, access: Access, { seq }: Pinning): Promise<void> {
    const { timelineKey } = access
    const message = await readAnnotated(tx, access, actor.accountKey, seq)
    if (!message) throw new Refused('NO_SUCH_MESSAGE')
    if (message.isRevoked) throw new Refused('MESSAGE_REVOKED')
    if (message.receiverIds !== null) throw new Refused('NOT_FOR_THIS_GROUP')
    const { total, isPinned } = await findPins(tx, timelineKey, seq)
    if (isPinned) throw new Refused('ALREADY_PINNED')
    if (total >= LIMITS.pinnedMessages) throw new Refused('TOO_MANY_PINNED')
    await insertPin(tx, { timelineKey, seq, byKey: actor.accountKey, atMs: this.#deps.clock.now() })
  }

  async #changeAttributes(
    actor: Actor,
    groupId: GroupId,
    changeOf: (before: ReadonlyMap<string, string>) => AttributesChange,
    done?: Done<string[]>,
  ): Promise<string[]> {
    return this.#change(actor, groupId, { retry: true, done }, async (tx, { timelineKey }) => {
      const { after, set, deleted } = changeOf(await readAttributes(tx, timelineKey))
      const answer = [...deleted]
      if (set.size === 0 && deleted.length === 0) return { answer }
      await updateAttributes(tx, timelineKey, after)
      return { answer, entry: { kind: 'attributes', set: Object.fromEntries(set), deleted: answer } }
    })
  }

  /** Runs the change under the lock of the group's timeline, and tells its members. */
  async #change<Answer>(
    actor: Actor,
    groupId: GroupId,
    { retry, done }: { readonly retry: boolean; readonly done?: Done<Answer> | undefined },
    change: (tx: Tx, access: Access & { readonly groupType: GroupType }) => Promise<Changed<Answer>>,
  ): Promise<Answer> {
    const room = await this.#deps.standingInRoom(actor, groupId)
    const work = async (tx: Tx): Promise<{ readonly answer: Answer; readonly appended: readonly AppendedEntry[] }> => {
      const { timeline, access } = room ? await lockRoom(tx, actor, groupId, room) : await lockGroup(tx, actor, groupId)
      const { answer, entry } = await change(tx, access)
      return { answer, appended: entry ? await appendEntries(tx, [{ timeline, entry }]) : [] }
    }
    const { answer, appended } = await this.#deps.db.transaction(
      granting(work, (err) =>
        done && err instanceof Refused && err.code === done.unless ? { answer: done.answer, appended: [] } : undefined,
      ),
      { retry },
    )
    this.#deps.announcer.announceAll(appended)
    return answer
  }

  async #mustReadAccess(actor: Actor, groupId: GroupId): Promise<Access> {
    const access = await readAccess(this.#deps.db, groupConversationId(groupId), actor.accountKey)
    if (access) return access
    const room = await this.#deps.standingInRoom(actor, groupId)
    if (room) return accessInRoom(room)
    throw await refusalOf(this.#deps.db, groupId)
  }
}

async function lockGroup(
  tx: Tx,
  actor: Actor,
  groupId: GroupId,
): Promise<{
  readonly timeline: Awaited<ReturnType<typeof lockAsMember>>['timeline']
  readonly access: Access & { readonly groupType: GroupType }
}> {
  const conversationId: ConversationId = groupConversationId(groupId)
  try {
    const { timeline, access } = await lockAsMember(tx, actor, conversationId)
    const { groupType } = access
    if (groupType === null) throw new Error(`a group's conversation without a group: ${conversationId}`)
    return { timeline, access: { ...access, groupType } }
  } catch (err) {
    if (err instanceof Refused && err.code === 'NOT_A_MEMBER') throw await refusalOf(tx, groupId)
    throw err
  }
}

/** A visitor of a live room changes what it keeps, like a member of another group. */
async function lockRoom(
  tx: Tx,
  actor: Actor,
  groupId: GroupId,
  room: RoomPlace,
): Promise<Awaited<ReturnType<typeof lockGroup>>> {
  const id = conversationTimeline(groupConversationId(groupId))
  const [, locked] = await Promise.all([holdLogin(tx, actor), lockTimelines(tx, [id])])
  const timeline = locked.get(id)
  if (!timeline) throw new Refused('NO_SUCH_GROUP')
  return { timeline, access: { ...accessInRoom(room), groupType: 'live' } }
}

function accessInRoom({ timelineKey, isOwner }: RoomPlace): Access {
  return { timelineKey, role: isOwner ? 0 : 2, joinedSeq: 0, clearedSeq: 0, groupType: 'live' }
}

async function refusalOf(db: Parameters<typeof isGroup>[0], groupId: GroupId): Promise<Refused> {
  return new Refused((await isGroup(db, groupId)) ? 'NOT_A_MEMBER' : 'NO_SUCH_GROUP')
}

async function unpin(tx: Tx, { timelineKey }: Access, { seq }: Pinning): Promise<void> {
  if (!(await deletePin(tx, timelineKey, seq))) throw new Refused('NOT_PINNED')
}
