import { AuditService } from '../audit/audit-service.ts'
import type { Db, Session } from '../db/db.ts'
import type { Random } from '../kit/random.ts'
import { CHECKS, runCheck, type CheckResult } from './checks-reader.ts'

/** Members whose numbers are recounted one by one. */
const AUDITED_PLACES = 500

/** Everything that must hold in the store that is the session's first schema. `onResult` hears of each as soon as it is known. */
export async function checkStore(
  session: Session,
  random: Random,
  onResult: (result: CheckResult) => void = () => {},
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of [...CHECKS.map((one) => () => runCheck(session, one)), () => audit(session, random)]) {
    const result = await check()
    onResult(result)
    results.push(result)
  }
  return results
}

async function audit(session: Session, random: Random): Promise<CheckResult> {
  const { differences } = await new AuditService({ db: asDb(session), random }).audit(AUDITED_PLACES)
  return {
    name: 'unread numbers and receipts are what counting gives',
    breaches: differences.length,
    examples: differences.slice(0, 10).map((difference) => JSON.stringify(difference)),
  }
}

/** So that what needs a pool can be given the one connection that looks at another schema. */
function asDb(session: Session): Db {
  return {
    kind: 'db',
    query: (text, params) => session.query(text, params),
    transaction: (work) => session.transaction(work),
    session: (work) => work(session),
    stats: () => ({ open: 1, busy: 1, waiting: 0, opened: 1, discarded: 0 }),
    close: () => Promise.resolve(),
  }
}
