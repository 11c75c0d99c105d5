import type { Message } from '@hongyan/client-sdk'
import { session } from '../im/session.ts'
import { language } from '../words/language.ts'
import { contentOf } from './content-line.ts'

/** What a message says, in one line and in the page's language. */
export function messageLine(message: Pick<Message, 'type' | 'payload'>): string {
  return contentOf(message, session.userID, language.value)
}
