/** What the page shows while nobody is signed in. */
export const SIGNED_OUT = {
  /** 'signed-out' · 'signing-in' · 'ready' */
  phase: 'signed-out',
  loginError: undefined,
  userID: undefined,
  nick: '',
  /** A NET_STATE_ value. */
  net: 'connected',
  /** The device says that it has no network; the SDK may not have noticed yet. */
  isOffline: false,
  /** A KICKED_OUT_ value after the login was ended from outside. */
  kicked: undefined,
  conversations: [],
  isListLoaded: false,
  totalUnread: 0,
  openID: undefined,
  /** The open conversation while it is too new to be in the list. */
  begun: undefined,
  thread: undefined,
  /** conversationID → own messages that are on their way or failed. */
  unsent: new Map(),
  /** Whether the peer of the open conversation is typing. */
  isPeerTyping: false,
  toast: undefined,
}

/** One state, replaced as a whole; listeners are called once per turn, however often it changed. */
export function createStore(initial) {
  const listeners = new Set()
  let state = initial
  let isScheduled = false
  function notify() {
    isScheduled = false
    for (const listener of listeners) listener(state)
  }
  return {
    get: () => state,
    set(changes) {
      state = { ...state, ...changes }
      if (isScheduled) return
      isScheduled = true
      queueMicrotask(notify)
    },
    subscribe(listener) {
      listeners.add(listener)
      listener(state)
    },
  }
}

export function openConversation(state) {
  return state.conversations.find(({ conversationID }) => conversationID === state.openID) ?? state.begun
}

export function peerOf(conversation) {
  return conversation.userProfile?.userID ?? conversation.conversationID.replace(/^C2C/, '')
}

export function nameOf(conversation) {
  return conversation.remark || conversation.userProfile?.nick || peerOf(conversation)
}
