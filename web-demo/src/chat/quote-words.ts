import { words } from '../words/language.ts'

export const quoteWords = words(
  { revoked: '原消息已撤回', gone: '找不到原消息' },
  { revoked: 'The original message was recalled', gone: 'The original message cannot be found' },
)
