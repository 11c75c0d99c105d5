import type { Evidence } from '../record/evidence.ts'
import { Blame, isVoid, type Checker } from './checker.ts'

/** I6: after a recall was acknowledged its content is in no answer, no push, no log and no row. */
export function checkI6Recall(evidence: Evidence): Checker {
  const blame = new Blame()
  const standing = evidence.recalls.filter((recall) => !isVoid(evidence, recall))
  const since = new Map(standing.flatMap(({ canaries, atMs }) => canaries.map((canary) => [canary, atMs] as const)))
  const places = new Map(standing.map(({ conversation, seq, atMs }) => [`${conversation} ${seq}`, atMs]))
  const openedAt = new Map<string, number>()
  return {
    id: 'I6',
    promise: 'what was recalled is gone',
    see: (event) => {
      if (event.kind === 'opened') openedAt.set(event.device, event.atMs)
      else if (event.kind === 'shown') {
        for (const canary of event.canaries) {
          const recalledAt = since.get(canary)
          if (recalledAt === undefined) continue
          blame.judged++
          if (event.askedAtMs > recalledAt) blame.add(`${event.device} asked after its recall and was shown ${canary}`)
        }
      } else if (event.kind === 'told') {
        const recalledAt = places.get(`${event.conversation} ${event.seq}`)
        if (recalledAt === undefined) return
        blame.judged++
        const isFromAfter = (openedAt.get(event.device) ?? 0) > recalledAt
        if (isFromAfter && !event.isBare) {
          blame.add(
            `${event.device} came after the recall of ${event.conversation} ${event.seq} and was pushed its content`,
          )
        }
      } else if (event.kind === 'tombstone') {
        // A recall that went with an earlier store was never one of this.
        if (!places.has(`${event.conversation} ${event.seq}`)) return
        blame.judged++
        if (!event.isEmpty) blame.add(`history shows ${event.device} the recalled ${event.conversation} ${event.seq}`)
      }
    },
    finish: () => {
      judgeStore(evidence, since, blame)
      return blame.verdict()
    },
  }
}

function judgeStore({ store }: Evidence, since: ReadonlyMap<string, number>, blame: Blame): void {
  for (const messages of store.messages.values()) {
    for (const { conversation, seq, isRevoked, canary } of messages) {
      if (isRevoked) blame.judged++
      if (isRevoked && canary !== null) blame.add(`the row of the revoked ${conversation} ${seq} holds ${canary}`)
      else if (canary !== null && since.has(canary))
        blame.add(`${conversation} ${seq} still holds the recalled ${canary}`)
    }
  }
  for (const { place, canaries } of store.traces) {
    for (const canary of canaries) if (since.has(canary)) blame.add(`the log holds the recalled ${canary} at ${place}`)
  }
}
