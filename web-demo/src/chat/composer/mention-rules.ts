/** Somebody who can be called by name. */
export interface Mentionable {
  readonly userID: string
  /** What stands behind the @: the name card, else the nickname, else the userID. */
  readonly name: string
  readonly nick: string
  readonly avatar: string
}

/** An @ that is being written: where it stands, and what follows it up to the caret. */
export interface MentionQuery {
  readonly start: number
  readonly text: string
}

const QUERY_CHARS = 20
const SHOWN = 50
/** The end of what is written after an @: no second @ and no space. Behind a Latin word it is an address: a@b. */
const QUERY = new RegExp(String.raw`(?:^|[^\w@.+-])@([^@\s]{0,${QUERY_CHARS}})$`, 'u')

export function mentionQueryAt(text: string, caret: number): MentionQuery | undefined {
  const written = QUERY.exec(text.slice(0, caret))?.[1]
  return written === undefined ? undefined : { start: caret - written.length - 1, text: written }
}

/** Whose name, nickname or userID holds what was written, the beginnings first. */
export function findMentionable(all: readonly Mentionable[], query: string): readonly Mentionable[] {
  const wanted = query.toLowerCase()
  const rank = ({ name, nick, userID }: Mentionable): number => {
    const words = [name, nick, userID].map((word) => word.toLowerCase())
    if (words.some((word) => word.startsWith(wanted))) return 0
    return words.some((word) => word.includes(wanted)) ? 1 : 2
  }
  const ranked = all.map((one) => ({ one, rank: rank(one) })).filter((entry) => entry.rank < 2)
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SHOWN)
    .map(({ one }) => one)
}

export interface Edited {
  readonly text: string
  readonly caret: number
}

/** The text with the name in place of what was written of it. */
export function withMention(text: string, caret: number, query: MentionQuery, name: string): Edited {
  const before = `${text.slice(0, query.start)}@${name} `
  return { text: before + text.slice(caret), caret: before.length }
}

/** A name that was chosen goes as a whole: the text without the one that ends at the caret. */
export function withoutMentionBefore(text: string, caret: number, chosen: readonly Mentionable[]): Edited | undefined {
  const before = text.slice(0, caret)
  const label = chosen.map(({ name }) => `@${name} `).find((candidate) => before.endsWith(candidate))
  if (label === undefined) return undefined
  const start = caret - label.length
  return { text: text.slice(0, start) + text.slice(caret), caret: start }
}

/** Who of those that were chosen is still called in the text. */
export function mentionedIn(text: string, chosen: readonly Mentionable[]): readonly string[] {
  const called = chosen.filter(({ name }) => new RegExp(`@${escaped(name)}(?:\\s|$)`, 'u').test(text))
  return [...new Set(called.map(({ userID }) => userID))]
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`)
}
