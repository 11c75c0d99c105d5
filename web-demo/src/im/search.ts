import type { Message, Profile } from '@hongyan/client-sdk'
import { chat, TYPES } from './chat.ts'

/** Messages found in one conversation. */
export interface FoundMessages {
  readonly conversationID: string
  readonly count: number
  /** Empty when a search through all conversations found several here: search in this one to see them. */
  readonly messages: readonly Message[]
}

const MAX_PEOPLE = 10
const MAX_MESSAGES = 20
const MAX_WORDS = 5
const SEARCHABLE = [TYPES.MSG_TEXT, TYPES.MSG_FILE, TYPES.MSG_LOCATION, TYPES.MSG_MERGER]

/** The user with exactly this id, then those whose name fits; never oneself. */
export async function searchPeople(query: string): Promise<readonly Profile[]> {
  const [exact, named] = await Promise.all([findUser(query), searchUsers(query)])
  const all = exact ? [exact, ...named.filter(({ userID }) => userID !== exact.userID)] : named
  return all.filter(({ userID }) => userID !== chat.getLoginUser())
}

/** Through all conversations. The number is that of all of them together. */
export async function searchMessages(
  words: readonly string[],
): Promise<{ readonly total: number; readonly found: readonly FoundMessages[] }> {
  const { searchResultList, totalCount } = (
    await chat.searchCloudMessages({
      keywordList: words.slice(0, MAX_WORDS),
      keywordListMatchType: 'and',
      messageTypeList: SEARCHABLE,
      count: MAX_MESSAGES,
    })
  ).data
  const found = searchResultList.map(({ conversationID, messageCount, messageList }) => ({
    conversationID,
    count: messageCount,
    messages: messageList,
  }))
  return { total: totalCount, found }
}

async function findUser(userID: string): Promise<Profile | undefined> {
  return (await chat.getUserProfile({ userIDList: [userID] })).data[0]
}

async function searchUsers(query: string): Promise<readonly Profile[]> {
  return (await chat.searchCloudUsers({ keywordList: [query], count: MAX_PEOPLE })).data.searchResultList
}
