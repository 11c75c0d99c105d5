import type { Conversation } from '@hongyan/client-sdk'
import { contentOf } from '../chat/content-line.ts'
import { founderIn } from '../chat/thread/group-created.ts'
import type { Language } from '../words/language.ts'

/** A last message in one line: who said it, where that is not clear, and what. */
export interface Summary {
  readonly sender: string
  readonly text: string
}

const GROUP = 'GROUP'

/** What the list shows of a conversation's last message; empty when there is none. */
export function summaryOf({ type, lastMessage }: Conversation, me: string, language: Language): Summary {
  const { fromAccount, isRevoked, payload, nick, nameCard } = lastMessage
  if (!payload) return { sender: '', text: '' }
  const name = nameCard || nick || fromAccount
  if (isRevoked) return { sender: '', text: revokedWords(lastMessage, name, me, language) }
  if (founderIn({ type: lastMessage.type, payload }) !== undefined) {
    return { sender: '', text: foundedWords(fromAccount === me, name, language) }
  }
  const isSaid = type === GROUP && lastMessage.type !== 'TIMGroupTipElem' && fromAccount !== me
  return { sender: isSaid ? name : '', text: contentOf({ type: lastMessage.type, payload }, me, language) }
}

function revokedWords({ revoker }: Conversation['lastMessage'], name: string, me: string, language: Language): string {
  if (revoker === me) return language === 'zh' ? '你撤回了一条消息' : 'You recalled a message'
  return language === 'zh' ? `${name} 撤回了一条消息` : `${name} recalled a message`
}

function foundedWords(isMine: boolean, name: string, language: Language): string {
  if (language === 'zh') return isMine ? '你创建了群聊' : `${name} 创建了群聊`
  return isMine ? 'You founded the group' : `${name} founded the group`
}
