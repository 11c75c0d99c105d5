import * as api from './api.js'
import { EVENT, TYPES } from './api.js'
import { createTyping } from './typing.js'
import { openConversation, peerOf, SIGNED_OUT } from './state.js'
import { newThread, withMessages, withNewestPage, withOlderPage, withoutMessage } from './thread.js'
import { explain } from './wording.js'

const TOAST_MS = 4_000

/** What a person can do, and what the server tells; both change the store and nothing else. */
export function createActions(store) {
  const typing = createTyping({
    tell: (userID, isTyping) => api.sendTyping(userID, isTyping).catch(() => {}),
    show: (isPeerTyping) => store.set({ isPeerTyping }),
  })
  let toastTimer

  function toast(text) {
    clearTimeout(toastTimer)
    store.set({ toast: text })
    toastTimer = setTimeout(() => store.set({ toast: undefined }), TOAST_MS)
  }

  /** Runs what a person asked for; a failure is told, not thrown. */
  async function attempt(work) {
    try {
      return await work()
    } catch (error) {
      toast(explain(error))
      return undefined
    }
  }

  function changeThread(conversationID, change) {
    const { thread } = store.get()
    if (thread?.conversationID === conversationID) store.set({ thread: change(thread) })
  }

  const listeners = {
    [EVENT.SDK_READY]: async () => {
      const { userID } = store.get()
      const [profile, list] = await Promise.all([attempt(api.myProfile), attempt(api.conversations)])
      // While they were read somebody else may have signed in.
      if (store.get().userID !== userID) return
      const lists = list && { conversations: list, isListLoaded: true }
      store.set({ phase: 'ready', nick: profile?.nick ?? '', totalUnread: api.totalUnread(), ...lists })
    },
    [EVENT.CONVERSATION_LIST_UPDATED]: (list) => store.set({ conversations: [...list] }),
    [EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED]: (totalUnread) => store.set({ totalUnread }),
    [EVENT.MESSAGE_RECEIVED]: (messages) => messages.forEach(receive),
    [EVENT.MESSAGE_REVOKED]: (messages) => messages.forEach(change),
    [EVENT.MESSAGE_READ_BY_PEER]: (messages) => messages.forEach(change),
    [EVENT.MESSAGE_MODIFIED]: (messages) => messages.forEach(change),
    [EVENT.NET_STATE_CHANGE]: ({ state }) => {
      store.set({ net: state })
      // What was missed is delivered, but after a long absence only as a page of history.
      if (state === TYPES.NET_STATE_CONNECTED) void readNewest()
    },
    [EVENT.KICKED_OUT]: ({ type }) => store.set({ kicked: type }),
  }

  function receive(message) {
    const isTyping = api.typingOf(message)
    const isFromPeer = message.flow === 'in' && message.conversationID === store.get().openID
    if (isFromPeer) typing.heard(isTyping === true)
    if (isTyping === undefined) changeThread(message.conversationID, (thread) => withMessages(thread, [message]))
  }

  /** A revoked message may come without its body: what is shown keeps it, so that it can be edited again. */
  function change({ ID, conversationID, ...changes }) {
    changeThread(conversationID, (thread) => {
      const known = thread.messages.find((message) => message.ID === ID)
      return known ? withMessages(thread, [Object.assign(known, changes)]) : thread
    })
  }

  async function readNewest() {
    const { openID } = store.get()
    if (!openID) return
    const page = await attempt(() => api.history(openID))
    if (page) changeThread(openID, (thread) => withNewestPage(thread, page))
  }

  async function readOlder() {
    const { thread } = store.get()
    if (!thread || thread.isLoading || thread.isCompleted) return
    const { conversationID, nextReqMessageID } = thread
    changeThread(conversationID, (current) => ({ ...current, isLoading: true }))
    const page = await attempt(() => api.history(conversationID, nextReqMessageID))
    changeThread(conversationID, (current) => ({
      ...(page ? withOlderPage(current, page) : current),
      isLoading: false,
    }))
  }

  function setUnsent(message, isUnsent) {
    const { conversationID, ID } = message
    const others = (store.get().unsent.get(conversationID) ?? []).filter((one) => one.ID !== ID)
    store.set({
      unsent: new Map(store.get().unsent).set(conversationID, isUnsent ? [...others, message] : others),
    })
  }

  async function deliver(message, sending) {
    setUnsent(message, true)
    try {
      await sending(message)
      setUnsent(message, false)
      changeThread(message.conversationID, (thread) => withMessages(thread, [message]))
    } catch (error) {
      message.status = 'fail'
      setUnsent(message, true)
      toast(explain(error))
    }
  }

  function send(create) {
    const conversation = openConversation(store.get())
    if (!conversation) return
    const peer = peerOf(conversation)
    typing.stopped(peer)
    void deliver(create(peer), api.send)
  }

  const actions = {
    toast,
    async signIn(userID) {
      store.set({ ...SIGNED_OUT, phase: 'signing-in', userID })
      try {
        await api.login(userID, listeners)
      } catch (error) {
        store.set({ ...SIGNED_OUT, userID, loginError: explain(error) })
      }
    },
    async signOut() {
      if (!store.get().kicked) await attempt(() => api.logout())
      store.set(SIGNED_OUT)
    },

    /** Shows a conversation, or none. One that is not in the list is begun; false when that cannot be. */
    async open(conversationID) {
      if (store.get().openID === conversationID) return true
      typing.heard(false)
      store.set({ openID: conversationID, thread: conversationID && newThread(conversationID), begun: undefined })
      if (!conversationID) return true
      if (!openConversation(store.get())) {
        const begun = await attempt(() => api.conversationWith(conversationID.replace(/^C2C/, '')))
        if (store.get().openID !== conversationID) return true
        if (!begun) return false
        store.set({ begun })
      }
      await readNewest()
      return true
    },
    readOlder,
    /** The newest message is on the screen. */
    async seen() {
      const { openID } = store.get()
      if (openID) await api.markRead(openID).catch(() => {})
    },

    sendText: (text) => send((peer) => api.textMessage(peer, text)),
    sendFace: (index, data) => send((peer) => api.faceMessage(peer, index, data)),
    sendLocation: (payload) => send((peer) => api.locationMessage(peer, payload)),
    resend: (message) => deliver(Object.assign(message, { status: 'unSend' }), api.resend),
    typed(text) {
      const conversation = openConversation(store.get())
      if (conversation) typing.typed(peerOf(conversation), text)
    },
    revoke: (message) =>
      attempt(async () => {
        await api.revoke(message)
        changeThread(message.conversationID, (thread) => withMessages(thread, [message]))
      }),
    remove: (message) =>
      attempt(async () => {
        if (message.status === 'success') await api.deleteForMe(message)
        setUnsent(message, false)
        changeThread(message.conversationID, (thread) => withoutMessage(thread, message.ID))
      }),

    pin: (conversation) => attempt(() => api.pin(conversation.conversationID, !conversation.isPinned)),
    deleteConversation: (conversation) => attempt(() => api.deleteConversation(conversation.conversationID)),
    setDraft: (conversationID, text) => attempt(() => api.setDraft(conversationID, text)),
  }
  return actions
}
