import {
  parseConversationId,
  peerOf,
  Refused,
  userTimeline,
  type ConversationId,
  type ConversationState,
  type Entry,
  type UnreadBase,
} from '@hongyan/protocol'
import { profileOf } from '../accounts/account-reader.ts'
import type { AccountsService } from '../accounts/accounts-service.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { assertNotForeign, type ConversationDirectory, type ConversationPlace } from './conversation-directory.ts'
import { readStates, unbegunState } from './conversation-reader.ts'
import { raiseMarks, updatePin } from './conversation-writer.ts'
import { readMarks, type MemberMarks } from './member-reader.ts'

/** Whose list of conversations is changed, and under which login. */
export type ListOwner = Pick<Actor, 'userId' | 'accountKey' | 'loginKey' | 'epoch'>

interface Raise {
  readonly isHidden: boolean
  readonly isCleared: boolean
  readonly entryOf: (conversationId: ConversationId, base: UnreadBase) => Entry
}

export interface ConversationsDeps {
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly accounts: AccountsService
  readonly announcer: Announcer
  readonly clock: Clock
}

/** What a user does to his own view of conversations. His other devices hear of it on his own timeline. */
export class ConversationsService {
  readonly #deps: ConversationsDeps

  constructor(deps: ConversationsDeps) {
    this.#deps = deps
  }

  /** One conversation as the user sees it, also before it has begun. Refuses NO_SUCH_USER for a peer that does not exist. */
  async get(owner: ListOwner, conversationId: ConversationId): Promise<ConversationState> {
    assertNotForeign(conversationId, owner.userId)
    const place = await this.#deps.directory.find(conversationId)
    if (!place) return this.#unbegun(owner, conversationId)
    const { states } = await readStates(this.#deps.db, owner.accountKey, [place.timelineKey])
    const [found] = states
    if (!found) throw new Refused('NOT_A_MEMBER')
    return found.state
  }

  /** Pins the conversation, or unpins it. A conversation that has not begun is begun, so that the pin has a place. */
  async pin(owner: ListOwner, conversationId: ConversationId, isPinned: boolean): Promise<void> {
    assertNotForeign(conversationId, owner.userId)
    const place = await this.#deps.directory.findOrBegin(conversationId, owner.userId)
    const pinnedAtMs = isPinned ? this.#deps.clock.now() : null
    await this.#change(owner, [place], async (tx, { own, timelines }) => {
      const marks = await mustReadMarks(tx, timelines[0], owner)
      if ((marks.pinnedAtMs !== null) === isPinned) return []
      await updatePin(tx, place.timelineKey, owner.accountKey, pinnedAtMs)
      return [{ timeline: own, entry: { kind: 'pinned', conversationId, pinnedAtMs } }]
    })
  }

  /** Removes conversations from the user's list, and empties their history for him if asked. Unknown ones are passed over. */
  async hide(owner: ListOwner, conversationIds: readonly ConversationId[], clears: boolean): Promise<void> {
    for (const conversationId of conversationIds) assertNotForeign(conversationId, owner.userId)
    const places = await this.#deps.directory.findAll([...new Set(conversationIds)])
    await this.#raiseToHead(owner, places, {
      isHidden: true,
      isCleared: clears,
      entryOf: (conversationId, base) => ({ kind: 'hidden', conversationId, base, cleared: clears }),
    })
  }

  /** Empties the user's history of a conversation; it stays in his list. */
  async clear(owner: ListOwner, conversationId: ConversationId): Promise<void> {
    assertNotForeign(conversationId, owner.userId)
    const place = await this.#deps.directory.find(conversationId)
    if (!place) return
    await this.#raiseToHead(owner, [place], {
      isHidden: false,
      isCleared: true,
      entryOf: (id, base) => ({ kind: 'cleared', conversationId: id, base }),
    })
  }

  async #unbegun(owner: ListOwner, conversationId: ConversationId): Promise<ConversationState> {
    const parts = parseConversationId(conversationId)
    const peerId = parts?.type === 'c2c' ? peerOf(parts, owner.userId) : undefined
    if (peerId === undefined) throw new Refused('NOT_A_MEMBER')
    const [peer] = await this.#deps.accounts.ensure([peerId])
    if (!peer) throw new Refused('NO_SUCH_USER')
    return unbegunState(conversationId, profileOf(peer))
  }

  /** Raises the owner's marks to the conversations' heads; his unread counting starts there. */
  async #raiseToHead(owner: ListOwner, places: readonly ConversationPlace[], raise: Raise): Promise<void> {
    if (places.length === 0) return
    const timelineOf = new Map(places.map((place) => [place.timeline, place.id]))
    await this.#change(owner, places, async (tx, { own, timelines }) => {
      const raised = await raiseMarks(tx, owner.accountKey, timelines, raise)
      return timelines.flatMap((timeline) => {
        const id = timelineOf.get(timeline.id)
        const base = raised.get(timeline.key)
        return id && base ? [{ timeline: own, entry: raise.entryOf(id, base) }] : []
      })
    })
  }

  /** Runs the change under the locks of the conversations and of the owner's own timeline; announces what it appended. */
  async #change(
    owner: ListOwner,
    places: readonly ConversationPlace[],
    change: (
      tx: Tx,
      locked: { readonly own: LockedTimeline; readonly timelines: readonly LockedTimeline[] },
    ) => Promise<Parameters<typeof appendEntries>[1]>,
  ): Promise<void> {
    const ownId = userTimeline(owner.userId)
    const appended = await this.#deps.db.transaction(
      async (tx): Promise<readonly AppendedEntry[]> => {
        const [, locked] = await Promise.all([
          holdLogin(tx, owner),
          lockTimelines(tx, [...places.map((place) => place.timeline), ownId]),
        ])
        const own = locked.get(ownId)
        if (!own) throw new Refused('NO_SUCH_USER')
        const timelines = places.flatMap((place) => locked.get(place.timeline) ?? [])
        const appends = await change(tx, { own, timelines })
        return appends.length === 0 ? [] : appendEntries(tx, appends)
      },
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
  }
}

async function mustReadMarks(tx: Tx, timeline: LockedTimeline | undefined, owner: ListOwner): Promise<MemberMarks> {
  const marks = timeline && (await readMarks(tx, timeline.key, owner.accountKey))
  if (!marks) throw new Refused('NOT_A_MEMBER')
  return marks
}
