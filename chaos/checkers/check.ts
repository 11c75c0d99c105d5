import { readEvents, readEvidence, type Evidence } from '../record/evidence.ts'
import type { EventLine } from '../record/lines.ts'
import type { Checker, MakeChecker, PromiseId, Verdict } from './checker.ts'
import { checkI1Durable } from './i1-durable.ts'
import { checkI2Once } from './i2-once.ts'
import { checkI3Order } from './i3-order.ts'
import { checkI4Convergence } from './i4-convergence.ts'
import { checkI5Marks } from './i5-marks.ts'
import { checkI6Recall } from './i6-recall.ts'
import { checkI11Access } from './i11-access.ts'
import { checkI12Epoch } from './i12-epoch.ts'
import { checkI13Liveness } from './i13-liveness.ts'

const CHECKERS: readonly MakeChecker[] = [
  checkI1Durable,
  checkI2Once,
  checkI3Order,
  checkI4Convergence,
  checkI5Marks,
  checkI6Recall,
  checkI11Access,
  checkI12Epoch,
  checkI13Liveness,
]

export interface Judgement extends Verdict {
  readonly id: PromiseId
  readonly promise: string
}

/** Runs every checker over a run's files alone. */
export async function checkFolder(folder: string): Promise<{ evidence: Evidence; judgements: readonly Judgement[] }> {
  const evidence = await readEvidence(folder)
  return { evidence, judgements: await judge(evidence, readEvents(folder)) }
}

export async function judge(
  evidence: Evidence,
  events: AsyncIterable<EventLine> | Iterable<EventLine>,
): Promise<readonly Judgement[]> {
  const checkers: readonly Checker[] = CHECKERS.map((make) => make(evidence))
  for await (const event of events) for (const checker of checkers) checker.see?.(event)
  return checkers.map((checker) => ({ id: checker.id, promise: checker.promise, ...checker.finish() }))
}
