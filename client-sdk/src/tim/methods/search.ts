import { LIMITS } from '@hongyan/protocol/constants'
import type { ReplyOf, RequestOf } from '@hongyan/protocol'
import type { Chat, Result } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import type { GroupMember } from '../mapping/group-member.ts'
import { toConversationId, toGroupId, toTimConversationID } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { toTimProfile, type Profile } from '../mapping/profile.ts'
import { ELEMENT_TYPES, GENDERS, GROUP_TYPES, type Words } from '../mapping/words.ts'
import { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { toTimMember, usersIn } from './group-members.ts'
import { objectsOf, someOf } from './pages.ts'

/** TIM's page, unless another is asked for. */
const PAGE = 20
/** Requests of one call for messages that go on where nothing was found: each looks through a part of what there is. */
const MORE_REQUESTS = 4

export interface SearchOptions {
  keywordList?: string[]
  /** Whether one of the keywords has to be found, which is the default, or all of them. */
  keywordListMatchType?: 'or' | 'and'
  count?: number
  /** The result's, for the page that follows; empty for the first. */
  cursor?: string
}

export interface MessageSearchOptions extends SearchOptions {
  conversationID?: string
  senderUserIDList?: string[]
  messageTypeList?: string[]
  /** Until when, in seconds; 0 for now. */
  timePosition?: number
  /** How long before that, in seconds; 0 for ever. */
  timePeriod?: number
}

export interface UserSearchOptions extends SearchOptions {
  userGenderType?: string
  miniBirthday?: number
  maxBirthday?: number
}

export interface GroupSearchOptions extends SearchOptions {
  groupTypeList?: string[]
}

export interface GroupMemberSearchOptions extends GroupSearchOptions {
  groupIDList?: string[]
}

export interface SearchResult<Item> {
  searchResultList: Item[]
  /** Empty at the end. */
  cursor: string
  totalCount: number
}

export interface MessageSearchItem {
  conversationID: string
  messageCount: number
  messageList: Message[]
}

export interface GroupMemberSearchItem {
  groupInfo: Group
  memberList: GroupMember[]
}

/** Looking for messages, users, groups and members on the server (tim-semantics §2.3 SRCH). */
export function searchMethods(chat: Chat) {
  const limit = new RateLimit(chat.platform.clock, 20, 5_000)

  function search<Options extends SearchOptions, Item>(
    method: string,
    options: Options,
    find: (chat: Chat, options: Options) => Promise<SearchResult<Item>>,
  ): Promise<Result<SearchResult<Item>>> {
    const wanted = '{ keywordList, keywordListMatchType?, count?, cursor?, … }'
    assertParameter(isObject(options) && isSearch(options), method, wanted)
    return chat.run('search', () => {
      limit.take()
      return find(chat, options)
    })
  }

  return {
    searchCloudMessages: (options: MessageSearchOptions) => search('searchCloudMessages', options, findMessages),
    searchCloudUsers: (options: UserSearchOptions) => search('searchCloudUsers', options, findUsers),
    searchCloudGroups: (options: GroupSearchOptions) => search('searchCloudGroups', options, findGroups),
    searchCloudGroupMembers: (options: GroupMemberSearchOptions) =>
      search('searchCloudGroupMembers', options, findMembers),
  }
}

async function findMessages(chat: Chat, options: MessageSearchOptions): Promise<SearchResult<MessageSearchItem>> {
  const { conversationID, senderUserIDList = [], messageTypeList = [], timePosition, timePeriod } = options
  const { userId } = chat.self()
  const sought = {
    ...askedBy(options, senderUserIDList.length + messageTypeList.length > 0),
    senderIds: someOfThem(senderUserIDList, usersIn(senderUserIDList)),
    types: wordsFor(ELEMENT_TYPES, messageTypeList),
    ...(isText(conversationID) && { conversationId: toConversationId(conversationID, userId) }),
    // The second itself is within.
    ...(timePosition && { beforeMs: Math.floor(timePosition) * 1000 + 1000 }),
    ...(timePeriod && { periodMs: Math.floor(timePeriod) * 1000 + 1000 }),
  }
  const reply = await askForMessages(chat, sought, MORE_REQUESTS)
  const list = reply.results.map(({ conversationId, count, messages }) => {
    const messageList = objectsOf(chat, messages)
    chat.messages.keepAside(messageList)
    return { conversationID: toTimConversationID(conversationId, userId), messageCount: count, messageList }
  })
  return resultOf(reply, list)
}

/** Goes on while nothing is found, so that an application does not take an empty page for the end. */
async function askForMessages(
  chat: Chat,
  body: RequestOf<'search.messages'>,
  more: number,
): Promise<ReplyOf<'search.messages'>> {
  const reply = await chat.client.ask('search.messages', body)
  if (reply.results.length > 0 || reply.next === undefined || more === 0) return reply
  return askForMessages(chat, { ...body, after: reply.next }, more - 1)
}

async function findUsers(chat: Chat, options: UserSearchOptions): Promise<SearchResult<Profile>> {
  const { userGenderType, miniBirthday, maxBirthday } = options
  const [gender] = wordsFor(GENDERS, isText(userGenderType) ? [userGenderType] : [])
  const reply = await chat.client.ask('search.users', {
    ...askedBy(options),
    ...(gender && { gender }),
    ...(miniBirthday && { bornFrom: miniBirthday }),
    ...(maxBirthday && { bornTo: maxBirthday }),
  })
  return resultOf(reply, reply.users.map(toTimProfile))
}

async function findGroups(chat: Chat, options: GroupSearchOptions): Promise<SearchResult<Group>> {
  const types = wordsFor(GROUP_TYPES, options.groupTypeList)
  const reply = await chat.client.ask('search.groups', { ...askedBy(options), types })
  return resultOf(
    reply,
    reply.groups.map((group) => chat.groups.adopt(group)),
  )
}

async function findMembers(
  chat: Chat,
  options: GroupMemberSearchOptions,
): Promise<SearchResult<GroupMemberSearchItem>> {
  const { groupTypeList, groupIDList = [] } = options
  const reply = await chat.client.ask('search.members', {
    ...askedBy(options),
    types: wordsFor(GROUP_TYPES, groupTypeList),
    ...(groupIDList.length > 0 && { groupIds: groupIDList.map(toGroupId) }),
  })
  const list = reply.results.map(({ group, members }) => ({
    groupInfo: chat.groups.adopt(group),
    memberList: members.map(toTimMember),
  }))
  return resultOf(reply, list)
}

/** What all searches are asked. Rejects 3153 where nothing is sought. */
function askedBy(options: SearchOptions, isEnough = false) {
  const { keywordList = [], keywordListMatchType, count = PAGE, cursor } = options
  const keywords = keywordList.filter(isText)
  if (keywords.length === 0 && !isEnough) throw timError(3153)
  const match: RequestOf<'search.users'>['match'] = keywordListMatchType === 'and' ? 'all' : 'any'
  return { keywords, match, limit: someOf(count, LIMITS.searchPage), ...(isText(cursor) && { after: cursor }) }
}

function resultOf<Item>(reply: { total: number; next?: string }, searchResultList: Item[]): SearchResult<Item> {
  return { searchResultList, cursor: reply.next ?? '', totalCount: reply.total }
}

function wordsFor<Ours extends string>(words: Words<Ours>, list: readonly string[] = []): Ours[] {
  return someOfThem(
    list,
    list.flatMap((word) => words.toOurs(word) ?? []),
  )
}

/** Of several those that mean something; rejects 27003 where none does, which would be no filter at all. */
function someOfThem<Ours>(list: readonly string[], known: Ours[]): Ours[] {
  if (list.length > 0 && known.length === 0) throw timError(27003)
  return known
}

/** By their names: lists of texts, numbers from 0, texts. */
function isSearch(options: object): boolean {
  return Object.entries(options as Record<string, unknown>).every(([key, value]) => {
    if (value === undefined) return true
    if (key.endsWith('List')) return Array.isArray(value) && value.every((text) => typeof text === 'string')
    if (/^(count|time|mini|max)/.test(key)) return typeof value === 'number' && value >= 0
    if (key.endsWith('MatchType')) return value === 'or' || value === 'and'
    return typeof value === 'string' || !/^(cursor|conversationID|userGenderType)$/.test(key)
  })
}
