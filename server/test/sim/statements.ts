import type { Param } from '../../src/db/db.ts'
import { CONVERSATION_STATEMENTS } from './conversation-statements.ts'
import { GROUP_STATEMENTS } from './group-statements.ts'
import { LOGIN_STATEMENTS } from './login-statements.ts'
import { MEMBERSHIP_STATEMENTS } from './membership-statements.ts'
import { MESSAGE_STATEMENTS } from './message-statements.ts'
import { RECEIPT_STATEMENTS } from './receipt-statements.ts'
import { STATE_STATEMENTS } from './state-statements.ts'
import { Params, type Meaning, type Row, type Run, type StatementContext } from './statement-context.ts'
import { TIMELINE_STATEMENTS } from './timeline-statements.ts'

/**
 * What each statement of the server means, as the naive walk over the tables. The first that fits counts. A statement
 * that is not here fails the run: whoever writes new SQL says here what it means.
 */
const MEANINGS: readonly Meaning[] = [
  ...STATE_STATEMENTS,
  ...RECEIPT_STATEMENTS,
  ...GROUP_STATEMENTS,
  ...MEMBERSHIP_STATEMENTS,
  ...TIMELINE_STATEMENTS,
  ...MESSAGE_STATEMENTS,
  ...CONVERSATION_STATEMENTS,
  ...LOGIN_STATEMENTS,
]

const KNOWN = new Map<string, Run>()

/** Carries a statement out in its transaction. */
export async function carryOut(
  context: StatementContext,
  text: string,
  params: readonly Param[],
): Promise<readonly Row[]> {
  const run = KNOWN.get(text) ?? meaningOf(text)
  return run(context, new Params(params))
}

function meaningOf(text: string): Run {
  const flat = text.replace(/\s+/g, ' ').trim()
  const found = MEANINGS.find(([part]) => flat.includes(part))
  if (!found) throw new Error(`the model does not know this statement: ${flat}`)
  KNOWN.set(text, found[1])
  return found[1]
}
