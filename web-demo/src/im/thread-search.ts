import type { Message } from '@hongyan/client-sdk'
import { chat, TYPES } from './chat.ts'

/** One page of what was found. */
export interface FoundPage {
  readonly messages: readonly Message[]
  readonly total: number
  /** Empty when there is no more. */
  readonly cursor: string
}

const PAGE = 20

/** Messages of one conversation, the newest first. Rejects with TIM's code: 3122 where the server cannot search. */
export async function searchThread(conversationID: string, words: string, cursor = ''): Promise<FoundPage> {
  const answer: unknown = await chat.searchCloudMessages({
    keywordList: words.split(/\s+/).filter(Boolean).slice(0, 5),
    keywordListMatchType: 'and',
    messageTypeList: [TYPES.MSG_TEXT, TYPES.MSG_FILE, TYPES.MSG_LOCATION, TYPES.MSG_CUSTOM, TYPES.MSG_MERGER],
    conversationID,
    count: PAGE,
    cursor,
  })
  const { data } = answer as { data: SearchData }
  const messages = (data.searchResultList ?? []).flatMap(({ messageList }) => messageList ?? [])
  return { messages, total: data.totalCount ?? messages.length, cursor: data.cursor ?? '' }
}

interface SearchData {
  readonly totalCount?: number
  readonly cursor?: string
  readonly searchResultList?: readonly { readonly messageList?: readonly Message[] }[]
}
