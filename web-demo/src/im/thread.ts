import type { Message } from '@hongyan/client-sdk'
import { nextTick, onScopeDispose, shallowReactive, shallowReadonly } from 'vue'
import { chat, EVENT, listen } from './chat.ts'
import { codeOf } from './failure.ts'
import { typingOf } from './peers-typing.ts'
import {
  fetchAround,
  fetchListed,
  fetchNewer,
  fetchNewest,
  fetchOlder,
  fetchUpTo,
  findFirstUnread,
  type FirstUnread,
  type Page,
} from './thread-pages.ts'
import { isStored, joined, keepNewest, keepOldest, newestStored, oldestStored } from './thread-window.ts'

/** Fills a large window at once. */
const OPENING_MESSAGES = 30

/** A message by its ID, or by its number in the conversation. */
export type Place = { readonly ID: string } | { readonly sequence: number }

/** What the view is to bring into sight; a new object each time. */
export type Aim = { readonly at: 'end' } | { readonly at: 'message'; readonly ID: string; readonly isLit: boolean }

/** A window on the messages of one conversation, oldest first. */
export interface Thread {
  /** Copies: the SDK changes its objects in place, and a new object is what makes Vue draw a message again. */
  messages: readonly Message[]
  /** On which side the last change was: the view holds still what is on the other. */
  changedAt: 'start' | 'end'
  /** Grows when the window has moved elsewhere altogether. */
  generation: number
  hasOlder: boolean
  hasNewer: boolean
  isOpened: boolean
  isLoading: boolean
  /** TIM's code why it could not be opened. */
  failure: number | undefined
  /** Where the reading had ended when the conversation was opened. */
  firstUnread: FirstUnread | undefined
  aim: Aim | undefined
  /** Others' messages that came while the reader was not at the end. */
  newBelow: number
  /** TIM's codes of messages that could not be sent, by their IDs. */
  failures: ReadonlyMap<string, number>
}

/** Opens the conversation and follows it until the component that asked is gone. */
export function useThread(conversationID: string) {
  const state = shallowReactive<Thread>({
    messages: [],
    changedAt: 'end',
    generation: 0,
    hasOlder: false,
    hasNewer: false,
    isOpened: false,
    isLoading: false,
    failure: undefined,
    firstUnread: undefined,
    aim: undefined,
    newBelow: 0,
    failures: new Map(),
  })
  /** Where `getMessageList` goes on; empty where the window's beginning was reached by other ways. */
  let next = ''
  /** The reader is at the end, and new messages push the oldest ones out. */
  let isFollowing = true

  async function open(): Promise<void> {
    await exclusively(async () => {
      const { conversation } = (await chat.getConversationProfile(conversationID)).data
      const count = conversation.unreadCount
      const page = await fetchNewest(conversationID, OPENING_MESSAGES)
      const upTo = (sequence: number): Promise<Page> => fetchUpTo(conversationID, sequence)
      state.firstUnread = await findFirstUnread(page, { count, upTo })
      showNewest(page)
      state.aim = openingAim(state, state.firstUnread)
      state.isOpened = true
      state.failure = undefined
    }).catch((error: unknown) => (state.failure = codeOf(error)))
  }

  async function toLatest(): Promise<void> {
    // A page that is on its way to the old place finds another generation and is dropped.
    if (state.hasNewer) showNewest(await fetchNewest(conversationID, OPENING_MESSAGES))
    isFollowing = true
    state.newBelow = 0
    state.aim = { at: 'end' }
  }

  async function loadOlder(): Promise<void> {
    const oldest = oldestStored(state.messages)
    if (!state.hasOlder || !oldest) return
    await exclusively(async (isCurrent) => {
      const listed = next === '' ? undefined : await fetchListed(conversationID, next)
      const page = listed ?? (await fetchOlder(oldest))
      if (!isCurrent()) return
      next = listed?.next ?? ''
      change(joined(page.messages.map(copy), state.messages), 'start')
      state.hasOlder = !page.isLast
      await nextTick()
      const kept = keepOldest(state.messages)
      if (kept === state.messages) return
      change(kept, 'end')
      state.hasNewer = true
    })
  }

  async function loadNewer(): Promise<void> {
    const newest = newestStored(state.messages)
    if (!state.hasNewer || !newest) return
    await exclusively(async (isCurrent) => {
      const page = await fetchNewer(newest)
      if (!isCurrent()) return
      change(joined(state.messages, page.messages.map(copy)), 'end')
      state.hasNewer = !page.isLast
      await dropOldest()
    })
  }

  async function jumpTo(place: Place): Promise<boolean> {
    const here = find(place)
    if (here) return aimAt(here)
    const sequence = 'sequence' in place ? place.sequence : chat.findMessage(place.ID)?.sequence
    if (sequence === undefined) return false
    const { older, newer } = await fetchAround(conversationID, sequence)
    const messages = joined(older.messages, newer.messages)
    const found = messages.find((message) => message.sequence === sequence)
    if (!found) return false
    replace(messages, { hasOlder: !older.isLast, hasNewer: !newer.isLast })
    next = ''
    isFollowing = false
    return aimAt(found)
  }

  /** The first one with this number or a higher one: what was the first may have been deleted. */
  async function jumpToUnread(): Promise<void> {
    const { firstUnread } = state
    if (!firstUnread) return
    const isFrom = (message: Message): boolean => isStored(message) && message.sequence >= firstUnread.sequence
    const [oldest] = state.messages
    if (state.hasOlder && (!oldest || oldest.sequence >= firstUnread.sequence)) {
      const { older, newer } = await fetchAround(conversationID, firstUnread.sequence)
      replace(joined(older.messages, newer.messages), { hasOlder: !older.isLast, hasNewer: !newer.isLast })
      next = ''
    }
    isFollowing = false
    const first = state.messages.find(isFrom)
    if (first) aimAt(first)
  }

  async function send(message: Message): Promise<void> {
    if (state.hasNewer) await toLatest().catch(() => undefined)
    add([message])
    isFollowing = true
    state.aim = { at: 'end' }
    await settled(message, () => chat.sendMessage(message))
  }

  async function resend(ID: string): Promise<void> {
    const message = original(ID)
    if (!message) return
    const sending = chat.resendMessage(message)
    renew([message])
    await settled(message, () => sending)
  }

  async function settled(message: Message, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
      state.failures = new Map([...state.failures].filter(([ID]) => ID !== message.ID))
    } catch (error) {
      state.failures = new Map([...state.failures, [message.ID, codeOf(error)]])
    }
    originals.set(message.ID, message)
    renew([message])
  }

  async function revoke(ID: string): Promise<void> {
    const message = original(ID)
    if (!message) return
    await chat.revokeMessage(message)
    renew([message])
  }

  async function remove(IDs: readonly string[]): Promise<void> {
    const messages = IDs.flatMap((ID) => original(ID) ?? [])
    // As many as TIM takes at once.
    for (let from = 0; from < messages.length; from += 30) await chat.deleteMessage(messages.slice(from, from + 30))
    const gone = new Set(IDs)
    change(
      state.messages.filter(({ ID }) => !gone.has(ID)),
      'end',
    )
  }

  async function clear(): Promise<void> {
    await chat.clearHistoryMessage(conversationID)
    replace([], { hasOlder: false, hasNewer: false })
    next = ''
  }

  /** Messages the page shows although the SDK no longer keeps them. */
  const originals = new Map<string, Message>()

  function original(ID: string): Message | undefined {
    return chat.findMessage(ID) ?? originals.get(ID)
  }

  function add(messages: readonly Message[]): void {
    const own = messages.filter(
      (message) => message.conversationID === conversationID && typingOf(message) === undefined,
    )
    if (!isFollowing) state.newBelow += own.filter(({ flow }) => flow === 'in').length
    if (own.length === 0 || state.hasNewer) return
    change(joined(state.messages, own.map(copy)), 'end')
    if (isFollowing) return void dropOldest()
    const kept = keepOldest(state.messages)
    if (kept === state.messages) return
    change(kept, 'end')
    state.hasNewer = true
  }

  function renew(messages: readonly { readonly ID?: string; readonly sequence?: number }[]): void {
    const ids = new Set(messages.map(({ ID }) => ID))
    const isMeant = (message: Message): boolean =>
      ids.has(message.ID) ||
      messages.some(({ ID, sequence }) => ID === undefined && isStored(message) && sequence === message.sequence)
    if (!state.messages.some(isMeant)) return
    const renewed = state.messages.map((message) =>
      isMeant(message) ? copy(original(message.ID) ?? message) : message,
    )
    change(joined(renewed, []), 'end')
  }

  /** A message that the SDK no longer keeps is told by its number alone. */
  function takeRevoked(messages: readonly Message[]): void {
    for (const news of messages.filter((one) => one.conversationID === conversationID)) {
      const kept = state.messages.find((one) => one.ID === news.ID || (isStored(one) && one.sequence === news.sequence))
      const own = kept && original(kept.ID)
      const { isRevoked, revoker, revokerInfo, revokeReason } = news
      if (own && !own.isRevoked) Object.assign(own, { isRevoked, revoker, revokerInfo, revokeReason })
      if (kept) renew([kept])
    }
  }

  /** What was missed while the page was cut off for longer than the server follows up message by message. */
  async function catchUp(): Promise<void> {
    if (!state.isOpened) return open()
    if (state.hasNewer || !newestStored(state.messages)) return
    state.hasNewer = true
    await loadNewer()
  }

  async function dropOldest(): Promise<void> {
    const { generation } = state
    await nextTick()
    const kept = keepNewest(state.messages)
    if (kept === state.messages || generation !== state.generation) return
    change(kept, 'start')
    state.hasOlder = true
    next = ''
  }

  function change(messages: readonly Message[], at: Thread['changedAt']): void {
    state.changedAt = at
    state.messages = messages
    const here = new Set(messages.map(({ ID }) => ID))
    for (const ID of originals.keys()) if (!here.has(ID)) originals.delete(ID)
    for (const ID of here) remember(ID)
  }

  function remember(ID: string): void {
    const kept = chat.findMessage(ID)
    if (kept) originals.set(ID, kept)
  }

  /** With what came, or was sent, while the page was on its way. */
  function showNewest(page: Page & { readonly next: string }): void {
    const newest = newestStored(page.messages)?.sequence ?? 0
    const later = state.messages.filter((message) => !isStored(message) || message.sequence > newest)
    replace(joined(page.messages, later), { hasOlder: !page.isLast, hasNewer: false })
    next = page.next
  }

  function replace(messages: readonly Message[], edges: Pick<Thread, 'hasOlder' | 'hasNewer'>): void {
    Object.assign(state, edges)
    state.generation++
    change(joined(messages.map(copy), []), 'end')
  }

  function find(place: Place): Message | undefined {
    const isMeant = (message: Message): boolean =>
      'ID' in place ? message.ID === place.ID : isStored(message) && message.sequence === place.sequence
    // The oldest one is not drawn as long as there are older ones.
    return state.messages.slice(state.hasOlder ? 1 : 0).find(isMeant)
  }

  function aimAt({ ID }: Message): true {
    state.aim = { at: 'message', ID, isLit: true }
    return true
  }

  /** One at a time; what is asked for meanwhile is left out, the view asks again as it scrolls. */
  async function exclusively(work: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    if (state.isLoading) return
    state.isLoading = true
    const { generation } = state
    try {
      await work(() => generation === state.generation)
    } finally {
      state.isLoading = false
    }
  }

  const endings = [
    listen(EVENT.MESSAGE_RECEIVED, add),
    listen(EVENT.MESSAGE_MODIFIED, renew),
    listen(EVENT.MESSAGE_REVOKED, takeRevoked),
    listen(EVENT.MESSAGE_READ_BY_PEER, renew),
    listen(EVENT.MESSAGE_READ_RECEIPT_RECEIVED, (news) => renew(news.map(({ messageID }) => ({ ID: messageID })))),
    listen(EVENT.NET_STATE_CHANGE, ({ state: net }) => net === 'connected' && void catchUp().catch(() => undefined)),
    listen(EVENT.SDK_READY, () => void catchUp().catch(() => undefined)),
  ]
  onScopeDispose(() => endings.forEach((end) => end()))
  if (chat.isReady()) void open()

  return {
    thread: shallowReadonly(state) as Readonly<Thread>,
    reopen: open,
    send,
    resend,
    revoke,
    remove,
    clear,
    jumpTo,
    jumpToUnread,
    original,
    renew,
    loadOlder: () => loadOlder().catch(() => undefined),
    loadNewer: () => loadNewer().catch(() => undefined),
    toLatest: () => toLatest().catch(() => undefined),
    /** Whether the reader is at the end. */
    follow(isAtEnd: boolean): void {
      isFollowing = isAtEnd
      if (isAtEnd) state.newBelow = 0
    },
  }
}

/** At what is unread where it is here, else at the end. */
function openingAim({ messages, hasOlder }: Thread, firstUnread: FirstUnread | undefined): Aim {
  const first = firstUnread && messages.find((message) => isStored(message) && message.sequence >= firstUnread.sequence)
  const isHere = first && !(hasOlder && first === messages[0])
  return isHere ? { at: 'message', ID: first.ID, isLit: false } : { at: 'end' }
}

function copy(message: Message): Message {
  return { ...message, readReceiptInfo: { ...message.readReceiptInfo } }
}
