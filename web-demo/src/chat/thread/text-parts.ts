/** A piece of a text as it is drawn. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | { readonly kind: 'mention'; readonly text: string; readonly isMe: boolean }

/** Who is called in it, by the names that may stand behind the @. */
export interface Called {
  readonly names: readonly string[]
  readonly isMe: boolean
}

const URL_LIKE = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》“”]+/giu
/** What ends a sentence belongs to the sentence. */
const TRAILING = /[.,;:!?)\]}'"]+$/u
/** Longer ones are no addresses that somebody would write. */
const MAX_URL_CHARS = 2_000

/** The text in pieces: links, calls by name, and what lies between. Only http and https become links. */
export function textPartsOf(text: string, called: readonly Called[] = []): readonly TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(URL_LIKE)) {
    const found = match[0].replace(TRAILING, '')
    const url = linkOf(found)
    if (url === undefined) continue
    parts.push(...mentionParts(text.slice(from, match.index), called), { kind: 'link', text: found, url })
    from = match.index + found.length
  }
  return [...parts, ...mentionParts(text.slice(from), called)]
}

function linkOf(text: string): string | undefined {
  if (text.length > MAX_URL_CHARS || !URL.canParse(text)) return undefined
  const { protocol, href, hostname } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' ? href : undefined
}

function mentionParts(text: string, called: readonly Called[]): TextPart[] {
  if (text === '') return []
  const first = called
    .flatMap(({ names, isMe }) => names.map((name) => ({ text: `@${name}`, isMe })))
    .map((mention) => ({ ...mention, index: text.indexOf(mention.text) }))
    .filter(({ index }) => index >= 0)
    // The longest first: '@王老师' is also a beginning of '@王老师傅'.
    .sort((a, b) => a.index - b.index || b.text.length - a.text.length)[0]
  if (!first) return [{ kind: 'text', text }]
  const before = text.slice(0, first.index)
  return [
    ...(before === '' ? [] : [{ kind: 'text' as const, text: before }]),
    { kind: 'mention', text: first.text, isMe: first.isMe },
    ...mentionParts(text.slice(first.index + first.text.length), called),
  ]
}

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*0-9]\uFE0F?\u20E3)/u
/** More than these are a text again. */
const MOST_LARGE = 6

/** A few emoji and nothing else are drawn large. */
export function isOnlyEmoji(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > MOST_LARGE * 16) return false
  const symbols = [...new Intl.Segmenter().segment(trimmed)].map(({ segment }) => segment).filter((one) => one.trim())
  return symbols.length <= MOST_LARGE && symbols.every((symbol) => EMOJI.test(symbol))
}
