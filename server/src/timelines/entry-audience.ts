import type { Entry, UserId } from '@hongyan/protocol'

/**
 * Entries that are not simply for everybody who follows their timeline. Decided from the entry alone, so it comes out the
 * same whether the entry came by the broker or was read from the log.
 */
export interface Audience {
  /** What this follower gets in its place; undefined when it ends his following: nothing from here on is for him (I11). */
  entryFor(userId: UserId): Entry | undefined
  /** True when the following of everybody ends after it. */
  readonly isLast: boolean
}

/** The entry's audience, or undefined for the usual one: everybody gets it as it is. */
export function audienceOf(entry: Entry): Audience | undefined {
  if (entry.kind === 'dismissed') return { entryFor: () => entry, isLast: true }
  const receiverIds = receiversOf(entry)
  if (receiverIds) {
    const skipped: Entry = { kind: 'skipped', seq: seqOf(entry) }
    return { entryFor: (userId) => (receiverIds.includes(userId) ? entry : skipped), isLast: false }
  }
  const removed = removedBy(entry)
  return removed && { entryFor: (userId) => (removed.includes(userId) ? undefined : entry), isLast: false }
}

/** Who is no longer a member from this entry on. */
export function removedBy(entry: Entry): readonly UserId[] | undefined {
  if (entry.kind !== 'message') return undefined
  const [element] = entry.message.elements
  if (element?.type !== 'tip') return undefined
  const { tip } = element
  return tip.op === 'quit' || tip.op === 'kicked' ? tip.users.map((person) => person.userId) : undefined
}

/** The entry as this user may see it, wherever it is read for him alone. */
export function entryAs(entry: Entry, userId: UserId): Entry | undefined {
  const audience = audienceOf(entry)
  return audience ? audience.entryFor(userId) : entry
}

function receiversOf(entry: Entry): readonly UserId[] | undefined {
  if (entry.kind === 'message') {
    const { receiverIds, senderId } = entry.message
    return receiverIds && [...receiverIds, senderId]
  }
  if (!('receiverIds' in entry) || entry.receiverIds === undefined) return undefined
  return 'senderId' in entry ? [...entry.receiverIds, entry.senderId] : entry.receiverIds
}

/** A skipped message takes its number with it; of what is only about a message nothing is left. */
function seqOf(entry: Entry): number {
  return entry.kind === 'message' ? entry.message.seq : 0
}
