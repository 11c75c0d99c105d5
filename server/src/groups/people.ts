import { LIMITS, type Person, type UserId } from '@hongyan/protocol'

/** The people of a tip: the first with their names, the rest by id, so that a tip about a whole school stays small. */
export function peopleOf(
  people: readonly { readonly id: UserId; readonly nick: string; readonly avatar: string }[],
): Person[] {
  return people.map(({ id, nick, avatar }, index) =>
    index < LIMITS.tipNames ? { userId: id, nick, avatar } : { userId: id },
  )
}
