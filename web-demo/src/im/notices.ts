import type { Message } from '@hongyan/client-sdk'
import { onScopeDispose, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'
import { codeOf } from './failure.ts'

/** What the system told this user of his groups, newest first. */
export interface Notices {
  list: readonly Message[]
  hasOlder: boolean
  isLoading: boolean
}

const CONVERSATION_ID = TYPES.CONV_SYSTEM

/** Reads the notices, marks them as read, and follows new ones until the component that asked is gone. */
export function useNotices() {
  const state = shallowReactive<Notices>({ list: [], hasOlder: true, isLoading: false })
  let nextReqMessageID = ''

  async function loadOlder(): Promise<void> {
    if (state.isLoading || !state.hasOlder) return
    state.isLoading = true
    try {
      const options = { conversationID: CONVERSATION_ID, ...(nextReqMessageID && { nextReqMessageID }) }
      const { data } = await chat.getMessageList(options)
      nextReqMessageID = data.nextReqMessageID
      state.hasOlder = !data.isCompleted
      state.list = [...state.list, ...data.messageList.toReversed().map(copy)]
    } finally {
      state.isLoading = false
    }
  }

  /** Rejects with TIM's code; 10024 when somebody else has decided. */
  async function decide({ ID }: Message, answer: 'Agree' | 'Reject'): Promise<void> {
    const message = chat.findMessage(ID)
    if (!message) return
    await chat.handleGroupApplication({ handleAction: answer, message })
  }

  const end = listen(EVENT.MESSAGE_RECEIVED, (messages) => {
    const own = messages.filter(({ conversationID }) => conversationID === CONVERSATION_ID)
    if (own.length === 0) return
    state.list = [...own.toReversed().map(copy), ...state.list]
    void markRead()
  })
  onScopeDispose(end)
  return { notices: state as Readonly<Notices>, loadOlder, decide, markRead }
}

export function isAlreadyDecided(error: unknown): boolean {
  return codeOf(error) === 10_024
}

async function markRead(): Promise<void> {
  await chat.setMessageRead({ conversationID: CONVERSATION_ID }).catch(() => undefined)
}

function copy(message: Message): Message {
  return { ...message }
}
