import type { Seq } from '@hongyan/protocol'

/** Everything that is stored of the receipts for a message. */
export interface ReceiptFacts {
  readonly seq: Seq
  readonly senderKey: number
  /** In a one-to-one conversation. */
  readonly receiptAtMs: number | null
  /** Null for everybody. */
  readonly receivers: readonly number[] | null
  /** The last number in the conversation. */
  readonly lastSeq: Seq
  /** By account key: where each member joined. */
  readonly members: ReadonlyMap<number, Seq>
  /** By account key: the ranges, as PostgreSQL writes them. */
  readonly receipts: ReadonlyMap<number, string>
}

/** Counts who has read the message and who has not, one account after the other. */
export function recountReceipts(facts: ReceiptFacts): { readonly read: number; readonly unread: number } {
  const { seq, senderKey, receiptAtMs, receivers, members, receipts } = facts
  let [read, unread] = [0, 0]
  for (const accountKey of new Set([...members.keys(), ...receipts.keys()])) {
    const isMeant = accountKey !== senderKey && (receivers === null || receivers.includes(accountKey))
    if (!isMeant) continue
    const joinedSeq = members.get(accountKey)
    const wasThere = joinedSeq !== undefined && joinedSeq < seq
    const hasRead = rangesOf(receipts.get(accountKey)).some(([first, last]) => first <= seq && seq <= last)
    if (hasRead || (wasThere && receiptAtMs !== null)) read++
    else if (wasThere) unread++
  }
  return { read, unread }
}

/** Readers whose receipts are for messages that do not exist. */
export function impossibleReaders({ receipts, lastSeq }: ReceiptFacts): readonly number[] {
  return [...receipts].flatMap(([accountKey, text]) => {
    const ranges = rangesOf(text)
    return ranges.every(([first, last]) => first >= 1 && last <= lastSeq) ? [] : [accountKey]
  })
}

/** `{[1,5),[7,8)}` as first and last numbers. PostgreSQL always writes ranges of whole numbers like that. */
function rangesOf(text: string | undefined): readonly (readonly [first: Seq, last: Seq])[] {
  return [...(text ?? '').matchAll(/\[(-?\d+),(-?\d+)\)/g)].map(([, first, end]) => [Number(first), Number(end) - 1])
}
