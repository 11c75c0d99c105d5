import type { Chat } from './chat.ts'
import { timError } from './errors.ts'
import { EVENT } from './events.ts'
import { absentMethods, emptyLists } from './methods/absent.ts'
import { connectionMethods } from './methods/connection.ts'
import { conversationChangeMethods } from './methods/conversation-changes.ts'
import { conversationMethods } from './methods/conversations.ts'
import { createMethods } from './methods/create.ts'
import { mediaMethods } from './methods/create-media.ts'
import { extensionMethods } from './methods/extensions.ts'
import { groupAttributeMethods } from './methods/group-attributes.ts'
import { groupChangeMethods } from './methods/group-changes.ts'
import { groupCounterMethods } from './methods/group-counters.ts'
import { groupFoundingMethods } from './methods/group-founding.ts'
import { groupMemberMethods } from './methods/group-members.ts'
import { groupMethods } from './methods/groups.ts'
import { historyMethods } from './methods/history.ts'
import { hoppingMethods } from './methods/hopping.ts'
import { experimentalMethods } from './methods/experimental.ts'
import { joiningMethods } from './methods/joining.ts'
import { loginMethods, type Place } from './methods/login.ts'
import { memberPlaceMethods } from './methods/member-places.ts'
import { membershipMethods } from './methods/membership.ts'
import { mergerMethods } from './methods/merger.ts'
import { modifyMethods } from './methods/modify.ts'
import { messageMaker } from './methods/new-message.ts'
import { pinnedMethods } from './methods/pinned.ts'
import { profileMethods } from './methods/profiles.ts'
import { reactionListMethods } from './methods/reaction-lists.ts'
import { reactionMethods } from './methods/reactions.ts'
import { readingMethods } from './methods/reading.ts'
import { receiptMethods } from './methods/receipts.ts'
import { remindMethods } from './methods/remind.ts'
import { searchMethods } from './methods/search.ts'
import { sendMethods } from './methods/send.ts'
import { takeBackMethods } from './methods/take-back.ts'
import { RateLimit } from './rate-limit.ts'
import { REFUSAL_CODES } from './readiness.ts'

/** Every method of an instance. */
function allMethods(chat: Chat, forget: () => void, place: Place) {
  // Both ways into the past share TIM's limit.
  const historyLimit = new RateLimit(chat.platform.clock, 20, 1_000)
  const make = messageMaker(chat)
  const creating = createMethods(make)
  const sending = sendMethods(chat)
  const joining = joiningMethods(chat)
  return {
    ...absentMethods(),
    ...emptyLists(),
    ...loginMethods(chat, forget, place),
    ...connectionMethods(chat),
    ...experimentalMethods(chat, joining.handleGroupApplication),
    ...creating,
    ...mediaMethods(chat, make),
    ...mergerMethods(chat, make),
    ...sending,
    ...takeBackMethods(chat),
    ...modifyMethods(chat),
    ...pinnedMethods(chat),
    ...reactionMethods(chat),
    ...reactionListMethods(chat),
    ...extensionMethods(chat),
    ...receiptMethods(chat),
    ...historyMethods(chat, historyLimit),
    ...hoppingMethods(chat, historyLimit),
    ...conversationMethods(chat),
    ...conversationChangeMethods(chat),
    ...readingMethods(chat),
    ...remindMethods(chat),
    ...profileMethods(chat),
    ...groupMethods(chat),
    ...groupFoundingMethods(chat, { ...creating, ...sending }),
    ...groupChangeMethods(chat),
    ...joining,
    ...groupMemberMethods(chat),
    ...membershipMethods(chat),
    ...memberPlaceMethods(chat),
    ...groupAttributeMethods(chat),
    ...groupCounterMethods(chat),
    ...searchMethods(chat),
  }
}

/** What an application holds: a plain object of bound functions (tim-semantics §2.1 rule 2). */
export type TimInstance = ReturnType<typeof allMethods>

/** May be called without a login: the union of both versions' lists, and what answers harmlessly (rule 7, 8). */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set<keyof TimInstance>([
  'login',
  'logout',
  'destroy',
  'on',
  'off',
  'once',
  'registerPlugin',
  'setLogLevel',
  'getLoginUser',
  'getLoginStatus',
  'getServerTime',
  'isReady',
  'addSignalingListener',
  'removeSignalingListener',
  'callExperimentalAPI',
  'getTotalUnreadMessageCount',
  // TIM lets a stranger into a live room; here he is told why not, without the ERROR event.
  'joinGroup',
  'quitGroup',
  'getGroupOnlineMemberCount',
])

/** The instance over a chat: every method bound, and refused in TIM's way while nobody is logged in. */
export function createFacade(chat: Chat, forget: () => void, place: Place = {}): TimInstance {
  const facade: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, method] of Object.entries(allMethods(chat, forget, place))) {
    facade[name] = ALWAYS_ALLOWED.has(name) ? method : gated(chat, name, method as AnyMethod)
  }
  return facade as unknown as TimInstance
}

type AnyMethod = (...parameters: readonly unknown[]) => unknown

/** Not ready: the error event and a rejected promise, whatever the method would return (rule 6). */
function gated(chat: Chat, name: string, method: AnyMethod): AnyMethod {
  return (...parameters) => {
    if (chat.readiness === 'ready') return method(...parameters)
    const error = timError(REFUSAL_CODES[chat.readiness], name)
    chat.emitter.emit(EVENT.ERROR, { code: error.code, message: error.message })
    return Promise.reject(error)
  }
}
