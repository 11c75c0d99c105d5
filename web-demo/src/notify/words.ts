import { words } from '../words/language.ts'

export const notifyWords = words(
  { newMessage: '发来一条新消息', notices: '系统通知' },
  { newMessage: 'New message', notices: 'System notices' },
)
