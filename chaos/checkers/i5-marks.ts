import type { Evidence } from '../record/evidence.ts'
import { Blame, placeKey, type Checker } from './checker.ts'

type Marks = readonly [read: number, peerRead: number, cleared: number]
const NAMES = ['read mark', "peer's read mark", 'cleared mark']
/** Places of the marks, and of the last seq, in a line of the digest. */
const IN_DIGEST = { lastSeq: 1, read: 6, peerRead: 7, cleared: 8 } as const

/** I5: within one epoch no mark ever sinks, on any device or in the store, and none is beyond the end. */
export function checkI5Marks(evidence: Evidence): Checker {
  const blame = new Blame()
  const last = new Map<string, Marks>()
  const epochs = new Map<string, string>()
  const judge = (who: string, key: string, marks: Marks): void => {
    blame.judged++
    const before = last.get(key)
    for (const [index, mark] of marks.entries()) {
      const was = before?.[index] ?? 0
      if (mark < was) blame.add(`the ${NAMES[index]} of ${who} sank from ${was} to ${mark}`)
    }
    last.set(key, marks)
  }
  return {
    id: 'I5',
    promise: 'nothing un-reads',
    see: (event) => {
      if (event.kind === 'epoch') {
        epochs.set(event.device, event.epoch)
        for (const key of last.keys()) if (key.startsWith(`${event.device} `)) last.delete(key)
      } else if (event.kind === 'left') last.delete(placeKey(event.device, event.conversation))
      else if (event.kind === 'marks') {
        const key = placeKey(event.device, event.conversation)
        judge(`${event.device} in ${event.conversation}`, key, [event.read, event.peerRead, event.cleared])
        const end = evidence.store.timelines.get(event.conversation)?.lastSeq ?? 0
        if (event.read > end && epochs.get(event.device) === evidence.store.epoch) {
          blame.add(`${event.device} has read up to ${event.read} of ${event.conversation}, which ends at ${end}`)
        }
      }
    },
    finish: () => {
      judgeStore(evidence, judge, blame)
      return blame.verdict()
    },
  }
}

/** The rows at one checkpoint and at the next; where a store was put back between them, nothing is compared. */
function judgeStore(
  { store, rewinds, run }: Evidence,
  judge: (who: string, key: string, marks: Marks) => void,
  blame: Blame,
): void {
  if (rewinds.length > 0) return
  const comings = new Set(run.wanderers.map(({ user, conversation }) => placeKey(user, conversation)))
  const inOrder = [...store.truths].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  for (const [key, digest] of inOrder) {
    const user = key.split(' ')[1] ?? ''
    for (const row of JSON.parse(digest) as (readonly unknown[])[]) {
      const conversation = String(row[0])
      // Who comes back begins anew.
      if (comings.has(`${user} ${conversation}`)) continue
      const marks = [IN_DIGEST.read, IN_DIGEST.peerRead, IN_DIGEST.cleared].map((at) =>
        Number(row[at]),
      ) as unknown as Marks
      judge(`${user} in ${conversation} in the store`, `store ${user} ${conversation}`, marks)
      if (marks[0] > Number(row[IN_DIGEST.lastSeq])) blame.add(`${user} has read beyond the end of ${conversation}`)
    }
  }
}
