import { words } from '../words/language.ts'

export const partWords = words(
  { close: '关闭', cancel: '取消', mute: '消息免打扰', pin: '置顶聊天' },
  { close: 'Close', cancel: 'Cancel', mute: 'Mute notifications', pin: 'Pin to top' },
)
