import TIM from './sdk/esm/index.mjs'

// All that the page does with Hongyan: TIM's API, as in any application written for Tencent IM.

export const { EVENT, TYPES } = TIM

const TYPING = { businessID: 'user_typing_status', version: 1, userAction: 14, actionParam: 'EIMAMSG_InputStatus_Ing' }

let chat

/** Signs in; `listeners` has a function per event name, called with the event's data. SDK_READY follows. */
export async function login(userID, listeners) {
  const { sdkAppID, userSig } = await fetchUserSig(userID)
  if (!chat) {
    chat = TIM.create({ SDKAppID: sdkAppID })
    for (const [name, listener] of Object.entries(listeners)) chat.on(name, (event) => listener(event.data))
  }
  await chat.login({ userID, userSig })
}

export async function logout() {
  await chat.logout()
}

/** In an application of your own the back end signs, for the user it has authenticated. */
async function fetchUserSig(userID) {
  const response = await fetch(`im/usersig?userID=${encodeURIComponent(userID)}`)
  if (response.status === 400) throw Object.assign(new Error('not a user id'), { code: 'BAD_USER_ID' })
  if (!response.ok) throw Object.assign(new Error('no userSig'), { code: response.status })
  return response.json()
}

export async function myProfile() {
  return (await chat.getMyProfile()).data
}

export async function conversations() {
  return (await chat.getConversationList()).data.conversationList
}

export function totalUnread() {
  return chat.getTotalUnreadMessageCount()
}

/** The conversation with a user, made when there is none. */
export async function conversationWith(userID) {
  return (await chat.getConversationProfile(`${TYPES.CONV_C2C}${userID}`)).data.conversation
}

/** Up to 15 messages, oldest first; without `nextReqMessageID` the newest ones. */
export async function history(conversationID, nextReqMessageID) {
  return (await chat.getMessageList({ conversationID, nextReqMessageID, count: 15 })).data
}

export function textMessage(userID, text) {
  return chat.createTextMessage({ to: userID, conversationType: TYPES.CONV_C2C, payload: { text } })
}

export function faceMessage(userID, index, data) {
  return chat.createFaceMessage({ to: userID, conversationType: TYPES.CONV_C2C, payload: { index, data } })
}

export function locationMessage(userID, payload) {
  return chat.createLocationMessage({ to: userID, conversationType: TYPES.CONV_C2C, payload })
}

/** Changes the message's status to 'success' or 'fail'. */
export async function send(message) {
  await chat.sendMessage(message)
}

export async function resend(message) {
  await chat.resendMessage(message)
}

/** Tells the peer, if online, whether I am typing. Not stored; written as Tencent's UI kits do. */
export async function sendTyping(userID, isTyping) {
  const data = JSON.stringify({ ...TYPING, typingStatus: isTyping ? 1 : 0 })
  const payload = { data, description: '', extension: '' }
  const message = chat.createCustomMessage({ to: userID, conversationType: TYPES.CONV_C2C, payload })
  await chat.sendMessage(message, { onlineUserOnly: true })
}

/** Whether this message says that its sender is typing (true) or stopped (false); undefined for any other message. */
export function typingOf(message) {
  if (message.type !== TYPES.MSG_CUSTOM) return undefined
  try {
    const data = JSON.parse(message.payload.data)
    return data.businessID === TYPING.businessID ? data.typingStatus === 1 : undefined
  } catch {
    return undefined
  }
}

export async function revoke(message) {
  await chat.revokeMessage(message)
}

export async function deleteForMe(message) {
  await chat.deleteMessage([message])
}

export async function markRead(conversationID) {
  await chat.setMessageRead({ conversationID })
}

export async function pin(conversationID, isPinned) {
  await chat.pinConversation({ conversationID, isPinned })
}

export async function deleteConversation(conversationID) {
  await chat.deleteConversation(conversationID)
}

export async function setDraft(conversationID, draftText) {
  await chat.setConversationDraft({ conversationID, draftText })
}

/** Milliseconds, by the server's clock. */
export function serverTimeMs() {
  return chat.getServerTime()
}
