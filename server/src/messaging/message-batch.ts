import { Refused, type ErrorName, type Offset, type Seq } from '@hongyan/protocol'
import type { Outcome } from '../timelines/group-commit.ts'
import { FLAG } from '../timelines/message-row.ts'
import type { AppendRequest } from './append-request.ts'
import type { FileFacts } from './file-facts.ts'
import type { GroupFacts } from './group-facts.ts'

/** The head of a conversation's timeline under its lock. */
export interface Head {
  readonly key: number
  readonly lastOffset: Offset
  readonly lastSeq: Seq
  readonly lastCountable: number
  readonly lastSentAtMs: number
}

/** A message stored by an earlier request with the same id. */
export interface EarlierMessage {
  readonly senderKey: number
  readonly clientMsgId: string
  readonly fingerprint: number
  readonly seq: Seq
  readonly offset: Offset
  readonly sentAtMs: number
  readonly countable: number
}

/** What a batch finds under its locks. */
export interface BatchFacts {
  /** Absent: somebody else holds the lock. */
  readonly heads: ReadonlyMap<number, Head>
  readonly earlier: readonly EarlierMessage[]
  readonly aliveLogins: ReadonlySet<number>
  /** Somebody else has them locked, perhaps to displace them. */
  readonly lockedLogins: ReadonlySet<number>
  readonly groups: GroupFacts
  readonly files: FileFacts
}

/** The answer to a sender, and what the new row is made of. */
export interface StoredMessage {
  readonly seq: Seq
  readonly offset: Offset
  readonly sentAtMs: number
  readonly countable: number
}

export interface NewMessage {
  readonly request: AppendRequest
  readonly stored: StoredMessage
  /** As it is stored: the draft's, with the sender's name in the group. */
  readonly bodyJson: string
  /** Account keys of those it is for; undefined for everybody. */
  readonly receivers: readonly number[] | undefined
}

export interface BatchPlan {
  readonly outcomes: readonly Outcome<StoredMessage>[]
  readonly messages: readonly NewMessage[]
  /** The heads of the conversations that get messages, as they are afterwards. */
  readonly heads: readonly Head[]
  /** How many of the new messages count, per member that sent some. */
  readonly own: readonly { readonly timelineKey: number; readonly senderKey: number; readonly count: number }[]
}

/**
 * Decides a whole batch: who was stored before, who is refused, which number each new message gets. Pure; everything it
 * needs was read under the locks. Numbers go to fresh messages only, so they stay without gaps (promise I3).
 */
export function planBatch(requests: readonly AppendRequest[], facts: BatchFacts, nowMs: number): BatchPlan {
  const plan = new Planner(facts, nowMs)
  const outcomes = requests.map((request) => plan.decide(request))
  return { outcomes, messages: plan.messages, heads: plan.heads(), own: plan.own() }
}

class Planner {
  readonly messages: NewMessage[] = []
  readonly #facts: BatchFacts
  readonly #nowMs: number
  readonly #known: Map<string, StoredMessage & { readonly fingerprint: number }>
  readonly #heads = new Map<number, Head>()
  readonly #own = new Map<string, { readonly timelineKey: number; readonly senderKey: number; count: number }>()

  constructor(facts: BatchFacts, nowMs: number) {
    this.#facts = facts
    this.#nowMs = nowMs
    this.#known = new Map(facts.earlier.map((message) => [idOf(message.senderKey, message.clientMsgId), message]))
  }

  decide(request: AppendRequest): Outcome<StoredMessage> {
    // This question first: a resend gets the first answer, whatever has happened to its sender since.
    const id = idOf(request.senderKey, request.draft.clientMsgId)
    const known = this.#known.get(id)
    if (known) return answerAgain(known, request.draft.fingerprint)
    if (this.#facts.lockedLogins.has(request.loginKey)) return { kind: 'contended' }
    if (!this.#facts.aliveLogins.has(request.loginKey)) return { kind: 'failed', error: new Refused('DISPLACED') }
    const head = this.#heads.get(request.timelineKey) ?? this.#facts.heads.get(request.timelineKey)
    if (!head) return { kind: 'contended' }
    const refusal = this.#refusalOf(request)
    if (refusal) return { kind: 'failed', error: new Refused(refusal) }
    const stored = this.#append(request, head)
    this.#known.set(id, { ...stored, fingerprint: request.draft.fingerprint })
    return { kind: 'done', result: stored }
  }

  heads(): readonly Head[] {
    return [...this.#heads.values()]
  }

  own(): BatchPlan['own'] {
    return [...this.#own.values()]
  }

  #append(request: AppendRequest, head: Head): StoredMessage {
    const counts = (request.draft.flags & FLAG.UNCOUNTED) === 0
    const next: Head = {
      key: head.key,
      lastOffset: head.lastOffset + 1,
      lastSeq: head.lastSeq + 1,
      lastCountable: head.lastCountable + (counts ? 1 : 0),
      // For display only, and growing even when the clock goes back (promise I10).
      lastSentAtMs: Math.max(this.#nowMs, head.lastSentAtMs + 1),
    }
    this.#heads.set(next.key, next)
    if (counts) this.#countOwn(request)
    const stored: StoredMessage = {
      seq: next.lastSeq,
      offset: next.lastOffset,
      sentAtMs: next.lastSentAtMs,
      countable: next.lastCountable,
    }
    this.messages.push({
      request,
      stored,
      bodyJson: this.#facts.groups.bodyOf(request),
      receivers: this.#facts.groups.receiversOf(request),
    })
    return stored
  }

  /** Why it may not be said, as of this transaction (promise I11). */
  #refusalOf(request: AppendRequest): ErrorName | undefined {
    const { groups, files } = this.#facts
    return (
      (request.isInGroup ? groups.refusalOf(request, this.#nowMs) : undefined) ??
      files.refusalOf(request.senderKey, request.draft)
    )
  }

  #countOwn({ timelineKey, senderKey }: AppendRequest): void {
    const id = `${timelineKey} ${senderKey}`
    const own = this.#own.get(id)
    if (own) own.count++
    else this.#own.set(id, { timelineKey, senderKey, count: 1 })
  }
}

function idOf(senderKey: number, clientMsgId: string): string {
  return `${senderKey} ${clientMsgId}`
}

function answerAgain(
  known: StoredMessage & { readonly fingerprint: number },
  fingerprint: number,
): Outcome<StoredMessage> {
  if (known.fingerprint !== fingerprint) return { kind: 'failed', error: new Refused('IDEMPOTENCY_CONFLICT') }
  const { seq, offset, sentAtMs, countable } = known
  return { kind: 'done', result: { seq, offset, sentAtMs, countable } }
}
