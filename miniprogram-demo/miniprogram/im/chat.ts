import { readConfig } from '../config'
import { EVENT, TIM, type Conversation, type Group, type TimInstance } from './sdk'
import { createStore } from './store'

/** The SDK's connection, as it tells it. */
export type NetState = 'connected' | 'connecting' | 'disconnected'

export const netState = createStore<NetState>('connected')
export const conversations = createStore<readonly Conversation[]>([])
export const groups = createStore<readonly Group[]>([])
export const totalUnread = createStore(0)
/** Whether the SDK has its lists: until then an empty list means nothing. */
export const isReady = createStore(false)

let instance: TimInstance | undefined

/** The application's one instance. Only after `openChat`: pages that need it are shown to signed-in users alone. */
export function chat(): TimInstance {
  if (instance === undefined) throw new Error('nobody has signed in')
  return instance
}

/** Makes the instance and connects the stores; later calls give the same one, and its listeners outlive every login. */
export function openChat(sdkAppID: number, onKicked: (reason: string) => void): TimInstance {
  if (instance !== undefined) return instance
  const made = TIM.create({ SDKAppID: sdkAppID, endpoint: readConfig().endpoint })
  made.on(EVENT.NET_STATE_CHANGE, ({ data }) => netState.set(data.state))
  // The SDK changes its objects in place and hands out its own list: a copy makes a store see the change.
  made.on(EVENT.CONVERSATION_LIST_UPDATED, ({ data }) => conversations.set([...data]))
  made.on(EVENT.GROUP_LIST_UPDATED, ({ data }) => groups.set([...data]))
  made.on(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, ({ data }) => totalUnread.set(data))
  made.on(EVENT.SDK_READY, () => void fill(made))
  made.on(EVENT.SDK_NOT_READY, empty)
  made.on(EVENT.KICKED_OUT, ({ data }) => onKicked(data.type))
  instance = made
  return made
}

/** Events tell of changes only: what there is already has to be asked for. */
async function fill(made: TimInstance): Promise<void> {
  try {
    const [{ data: list }, { data: classes }] = await Promise.all([made.getConversationList(), made.getGroupList()])
    conversations.set([...list.conversationList])
    groups.set([...classes.groupList])
    totalUnread.set(made.getTotalUnreadMessageCount())
  } finally {
    isReady.set(made.isReady())
  }
}

function empty(): void {
  isReady.set(false)
  netState.set('connected')
  conversations.set([])
  groups.set([])
  totalUnread.set(0)
}
