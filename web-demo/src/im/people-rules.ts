/** Somebody the user may want to write to. */
export interface Person {
  readonly userID: string
  readonly nick: string
  readonly avatar: string
  /** Names of the groups that both are in. */
  readonly groups: readonly string[]
}

interface Known {
  readonly userID: string
  readonly nick: string
  readonly avatar: string
}

export interface Around {
  readonly self: string
  /** With whom there is a conversation. */
  readonly peers: readonly Known[]
  readonly groups: readonly { readonly name: string; readonly members: readonly Known[] }[]
}

/** Everybody once, by name, without the user himself. */
export function gather({ self, peers, groups }: Around): readonly Person[] {
  const found = new Map<string, Known & { readonly groups: string[] }>()
  const note = ({ userID, nick, avatar }: Known): string[] => {
    const before = found.get(userID)
    const person = {
      userID,
      nick: nick || before?.nick || '',
      avatar: avatar || before?.avatar || '',
      groups: before?.groups ?? [],
    }
    found.set(userID, person)
    return person.groups
  }
  for (const peer of peers) note(peer)
  for (const { name, members } of groups) for (const member of members) note(member).push(name)
  found.delete(self)
  return [...found.values()].sort((a, b) => nameOfPerson(a).localeCompare(nameOfPerson(b), 'zh-CN'))
}

export function nameOfPerson({ nick, userID }: Pick<Person, 'nick' | 'userID'>): string {
  return nick || userID
}

/** Whose name or ID contains what is looked for; everybody when nothing is. */
export function findPeople<Someone extends Pick<Person, 'nick' | 'userID'>>(
  all: readonly Someone[],
  sought: string,
): readonly Someone[] {
  const text = sought.trim().toLowerCase()
  if (text === '') return all
  return all.filter(({ nick, userID }) => nick.toLowerCase().includes(text) || userID.toLowerCase().includes(text))
}
