import type { Conversation } from '@hongyan/client-sdk'

/** What a search looks through in one conversation. */
export interface Searchable {
  readonly conversation: Conversation
  readonly name: string
  readonly lastText: string
}

/** Those whose name, id or last message has all the words in it; whose name begins with the first word come first. */
export function filterConversations(all: readonly Searchable[], query: string): readonly Conversation[] {
  const wanted = wordsOf(query)
  const [first = ''] = wanted
  if (first === '') return all.map(({ conversation }) => conversation)
  return all
    .filter(({ conversation, name, lastText }) => {
      const text = fold(`${name} ${conversation.conversationID.replace(/^(C2C|GROUP)/, '')} ${lastText}`)
      return wanted.every((word) => text.includes(word))
    })
    .map((found) => ({ found, rank: rankOf(fold(found.name), first) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ found }) => found.conversation)
}

/** What a search field holds, as the words that must all be found. */
export function wordsOf(query: string): readonly string[] {
  return fold(query).split(/\s+/).filter(Boolean)
}

/** A text in parts, every second of which is one of the words: for marking what was found. */
export function markedParts(text: string, words: readonly string[]): readonly string[] {
  const escaped = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return escaped.length === 0 ? [text] : text.split(new RegExp(`(${escaped.join('|')})`, 'iu'))
}

function rankOf(name: string, word: string): number {
  return name.startsWith(word) ? 0 : name.includes(word) ? 1 : 2
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}
