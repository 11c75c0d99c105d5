import { TYPES } from '../im/sdk'

/** Somebody the text calls. */
export interface Mention {
  readonly userID: string
  readonly name: string
}

/** Whether the user has just typed an @ that begins a mention. */
export function beginsMention(before: string, after: string): boolean {
  return after.length === before.length + 1 && after.endsWith('@')
}

/** The text with the name in place of the @ at its end. */
export function insertMention(text: string, { name }: Mention): string {
  return `${text.endsWith('@') ? text.slice(0, -1) : text}@${name} `
}

/** Who is still called: names may have been edited away. */
export function mentionedIn(text: string, mentions: readonly Mention[]): string[] {
  const called = mentions.filter(({ name }) => text.includes(`@${name}`)).map(({ userID }) => userID)
  return [...new Set(called)]
}

export function everyone(name: string): Mention {
  return { userID: TYPES.MSG_AT_ALL, name }
}
