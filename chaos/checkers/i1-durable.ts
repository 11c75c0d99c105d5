import type { Evidence, StoredMessage } from '../record/evidence.ts'
import { Blame, isVoid, userOf, type Checker } from './checker.ts'

/** I1: what was acknowledged is stored under its number, with its content, until a recall names it. */
export function checkI1Durable(evidence: Evidence): Checker {
  return {
    id: 'I1',
    promise: 'what was acknowledged stays',
    finish: () => {
      const blame = new Blame()
      const stored = new Map<string, StoredMessage>()
      for (const messages of evidence.store.messages.values()) {
        for (const message of messages) stored.set(`${message.sender} ${message.id}`, message)
      }
      judgeSends(evidence, stored, blame)
      judgeChanges(evidence, blame)
      for (const { device, id, failure } of evidence.refused) {
        if (stored.has(`${userOf(device)} ${id}`))
          blame.add(`${id} of ${device} was refused (${failure}) and is stored`)
      }
      return blame.verdict()
    },
  }
}

function judgeSends(evidence: Evidence, stored: ReadonlyMap<string, StoredMessage>, blame: Blame): void {
  for (const ack of evidence.sent) {
    if (isVoid(evidence, ack)) continue
    blame.judged++
    const message = stored.get(`${userOf(ack.device)} ${ack.id}`)
    const told = `${ack.id} of ${ack.device} was acknowledged as ${ack.conversation} ${ack.seq}`
    if (message === undefined) blame.add(`${told} and is not stored`)
    else if (message.conversation !== ack.conversation || message.seq !== ack.seq) {
      blame.add(`${told} and is stored as ${message.conversation} ${message.seq}`)
    } else if (!message.isRevoked && !isContent(message.canary, ack.canary)) {
      blame.add(`${told} and has the content of ${message.canary}`)
    }
  }
}

/** Recalls and edits are acknowledged, too. */
function judgeChanges(evidence: Evidence, blame: Blame): void {
  const { messages } = evidence.store
  for (const recall of evidence.recalls) {
    if (isVoid(evidence, recall)) continue
    blame.judged++
    const message = messages.get(recall.conversation)?.[recall.seq - 1]
    if (!message?.isRevoked) blame.add(`the recall of ${recall.conversation} ${recall.seq} is not stored`)
  }
  for (const edit of evidence.edits) {
    if (isVoid(evidence, edit)) continue
    blame.judged++
    const message = messages.get(edit.conversation)?.[edit.seq - 1]
    if (message === undefined || message.version < edit.version) {
      blame.add(`version ${edit.version} of ${edit.conversation} ${edit.seq} is not stored`)
    } else if (message.version === edit.version && !message.isRevoked && message.canary !== edit.canary) {
      blame.add(`${edit.conversation} ${edit.seq} has the content of ${message.canary}, not of ${edit.canary}`)
    }
  }
}

/** The first version's canary, or one of a later version of the same message. */
function isContent(found: string | null, sent: string): boolean {
  return found === sent || (found?.startsWith(`${sent.slice(0, -1)}+`) ?? false)
}
