import type { Message } from '@hongyan/client-sdk'
import { onScopeDispose } from 'vue'
import { addressOf } from '../conversations/address.ts'
import { messageLine } from '../chat/message-line.ts'
import { EVENT, listen, TYPES } from '../im/chat.ts'
import { conversationOf, nameOf, pictureOf } from '../im/conversations.ts'
import { router } from '../router.ts'
import { preferences } from '../settings/preferences.ts'
import { showNote } from './desktop.ts'
import { isWorthTelling } from './policy.ts'
import { allowTones, playTone } from './tone.ts'
import { notifyWords as words } from './words.ts'

/** A sound and a notification for what comes where the reader is not looking; ends with the component that asked. */
export function useNotifications(): void {
  allowTones()
  const end = listen(EVENT.MESSAGE_RECEIVED, (messages) => {
    const told = messages.filter((message) =>
      isWorthTelling({
        message,
        conversation: conversationOf(message.conversationID),
        isBeingRead: isBeingRead(message.conversationID),
      }),
    )
    const last = told.at(-1)
    if (!last) return
    if (preferences.sound) playTone()
    if (preferences.notifications) showNote(noteOf(last))
  })
  onScopeDispose(end)
}

function isBeingRead(conversationID: string): boolean {
  const { name, params } = router.currentRoute.value
  const isOpen = conversationID === TYPES.CONV_SYSTEM ? name === 'notices' : params['conversationID'] === conversationID
  return isOpen && document.visibilityState === 'visible' && document.hasFocus()
}

function noteOf(message: Message) {
  const { conversationID, conversationType, nameCard, nick, from } = message
  const conversation = conversationOf(conversationID)
  const said = messageLine(message)
  const isGroup = conversationType === TYPES.CONV_GROUP
  const name = (conversation && nameOf(conversation)) || (isGroup ? '' : nick || from)
  return {
    title: conversationID === TYPES.CONV_SYSTEM ? words.value.notices : name,
    body: preferences.previews ? (isGroup ? `${nameCard || nick || from}: ${said}` : said) : words.value.newMessage,
    icon: (conversation && pictureOf(conversation)) || undefined,
    conversationID,
    open: () => void router.push(addressOf(conversationID)),
  }
}
