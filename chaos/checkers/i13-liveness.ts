import type { Evidence } from '../record/evidence.ts'
import { Blame, type Checker } from './checker.ts'

/** A device may dial so often within so long; more is a loop. */
const LOOP_MS = 10_000
const MAX_DIALS = 10

/** I13: after healing everything comes back by itself, nobody dials in a loop, and no process ends or trips. */
export function checkI13Liveness(evidence: Evidence): Checker {
  const blame = new Blame()
  const dials = new Map<string, number[]>()
  return {
    id: 'I13',
    promise: 'it comes back alone',
    see: (event) => {
      if (event.kind === 'ended') blame.add(`${event.device} was logged out: ${event.reason}`)
      if (event.kind !== 'dialled') return
      blame.judged++
      const recent = (dials.get(event.device) ?? []).filter((atMs) => atMs > event.atMs - LOOP_MS)
      recent.push(event.atMs)
      // Told once for each loop.
      if (recent.length === MAX_DIALS + 1) blame.add(`${event.device} dialled ${recent.length} times within 10 s`)
      dials.set(event.device, recent)
    },
    finish: () => {
      for (const { after, behind } of evidence.caughtUp) {
        blame.judged++
        for (const who of behind) blame.add(`not caught up after ${after}: ${who}`)
      }
      for (const { device, what, failure } of evidence.unanswered)
        blame.add(`${device}: ${what} has no answer (${failure})`)
      for (const { what } of evidence.incidents) blame.add(what)
      for (const { number, problems } of evidence.checkpoints) {
        for (const problem of problems) blame.add(`checkpoint ${number}: ${problem}`)
      }
      return blame.verdict()
    },
  }
}
