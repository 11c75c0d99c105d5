import type { ConversationId } from '@hongyan/protocol'
import type { Evidence } from '../record/evidence.ts'
import { Blame, placeKey, userOf, type Checker } from './checker.ts'

interface Reached {
  readonly conversation: ConversationId
  readonly number: number
  /** By the wire, whatever the SDK made of it; or told to the application. */
  readonly by: 'push' | 'told'
}

/** I11: what lies after a removal never reaches the one who was removed, and nothing reaches who is no member. */
export function checkI11Access(evidence: Evidence): Checker {
  const blame = new Blame()
  const reached = new Map<string, Reached[]>()
  /** What devices were told of conversations in which their users are no members. */
  const strange = new Map<string, string[]>()
  const members = new Set(evidence.store.members.map(({ user, conversation }) => placeKey(user, conversation)))
  const comings = new Set(evidence.run.wanderers.map(({ user, conversation }) => placeKey(user, conversation)))
  const note = <T>(all: Map<string, T[]>, device: string, one: T): void => {
    if (!all.get(device)?.push(one)) all.set(device, [one])
  }
  return {
    id: 'I11',
    promise: 'nothing reaches who may not have it',
    see: (event) => {
      // Numbers of an earlier store mean something else, and this one may not know its conversations.
      if (event.kind === 'epoch') for (const all of [reached, strange]) all.delete(event.device)
      if (event.kind === 'pushed') note(reached, event.device, { ...event, number: event.offset, by: 'push' })
      if (event.kind !== 'told') return
      const key = placeKey(userOf(event.device), event.conversation)
      if (comings.has(key)) note(reached, event.device, { ...event, number: event.seq, by: 'told' })
      else if (!members.has(key) && !event.conversation.startsWith('system:')) {
        note(strange, event.device, `${event.device} was told of ${event.conversation} ${event.seq} and is no member`)
      }
    },
    finish: () => {
      for (const what of [...strange.values()].flat()) blame.add(what)
      for (const [device, all] of reached) {
        const user = userOf(device)
        for (const one of all) {
          blame.judged++
          if (!isHis(evidence, user, one))
            blame.add(`${device}: ${one.by} of ${one.conversation} ${one.number} was not for him`)
        }
      }
      return blame.verdict()
    },
  }
}

/** Within a time that he was there; what tells of his removal may still reach him by the wire. */
function isHis({ store }: Evidence, user: string, { conversation, number, by }: Reached): boolean {
  return store.stays.some((stay) => {
    if (stay.user !== user || stay.conversation !== conversation) return false
    if (by === 'push') return number > stay.fromOffset && number <= (stay.beforeOffset ?? Infinity)
    return number > stay.fromSeq && number < (stay.beforeSeq ?? Infinity)
  })
}
