import type { ConversationId, UserId } from '@hongyan/protocol'
import type { Draft } from '../../../client-sdk/src/core/client-api.ts'
import type { SimApp } from './sim-app.ts'
import type { SendRecord, Witness } from './witness.ts'

export interface MessageOperationsDeps {
  readonly users: readonly UserId[]
  readonly witness: Witness
  readonly trace: (text: string) => void
  /** The applications that run now. */
  readonly apps: () => readonly SimApp[]
}

/** What people say, what they change of it, and what receipts they send. */
export class MessageOperations {
  readonly #deps: MessageOperationsDeps
  edits = 0

  constructor(deps: MessageOperationsDeps) {
    this.#deps = deps
  }

  /** Now and then several at once. */
  send(app: SimApp, conversationId: ConversationId, n: number): void {
    for (let i = 0; i < (n % 6 === 5 ? 3 : 1); i++) this.#send(app, conversationId, n + i)
  }

  /** The person tries again what has an answer already, under the same id. */
  sendSame(app: SimApp, n: number): void {
    const mine = [...this.#deps.witness.sends.values()].filter((record) => record.app === app)
    const record = mine[n % Math.max(1, mine.length)]
    if (record && record.pending === 0) this.#issue(record)
  }

  /** Often two at once, of different devices: one of them may come too late. Now and then it is taken back as soon. */
  modify({ userId }: SimApp, conversationId: ConversationId, n: number): void {
    const changers = this.#deps.apps().filter((app) => app.userId === userId || conversationId.startsWith('c2c:'))
    for (let i = 0; i < 1 + (n % 2); i++) {
      const client = changers[(n + i) % changers.length]?.client
      const lastSeq = client?.conversation(conversationId)?.lastSeq ?? 0
      if (!client || lastSeq === 0) continue
      const seq = Math.max(1, lastSeq - (n % 5 === 4 ? 1 : 0))
      const elements = [{ type: 'text' as const, text: `edit${this.edits++}.` }]
      const version = n % 4 === 3 ? 1 : (client.conversation(conversationId)?.lastMessage?.version ?? 0)
      ignore(client.modify({ conversationId, seq, version, elements }))
      if (n % 7 === 6) ignore(client.revoke(conversationId, seq))
    }
  }

  sendReceipts({ client, userId }: SimApp, conversationId: ConversationId, n: number): void {
    const lastSeq = client.conversation(conversationId)?.lastSeq ?? 0
    const seqs = Array.from({ length: 1 + (n % 2) }, (_, index) => lastSeq - (n % 3) - index).filter((seq) => seq > 0)
    if (seqs.length === 0) return
    const asked = this.#deps.witness.receiptsOf(userId, conversationId)
    for (const seq of seqs) asked.add(seq)
    ignore(client.ask('receipt.send', { conversationId, seqs }))
  }

  #send(app: SimApp, conversationId: ConversationId, n: number): void {
    if (app.client.self === undefined) return
    const isPoison = n % 29 === 28
    const flags = n % 10 === 8 ? { uncounted: true as const } : n % 10 === 9 ? { notLast: true as const } : {}
    const receipts = n % 3 === 1 ? { needsReceipt: true as const } : {}
    const inGroup = conversationId.startsWith('group:') ? this.#groupFields(n) : {}
    const text = isPoison ? '' : `text${this.#deps.witness.sends.size}.`
    const clientMsgId = app.client.newClientMsgId()
    const draft: Draft = {
      conversationId,
      clientMsgId,
      elements: [{ type: 'text', text }],
      ...flags,
      ...receipts,
      ...inGroup,
    }
    const record: SendRecord = {
      app,
      draft,
      order: this.#deps.witness.sends.size,
      isPoison,
      login: app.inside,
      issued: 0,
      pending: 0,
      acks: [],
      failures: [],
    }
    this.#deps.witness.sends.set(`${app.userId} ${clientMsgId}`, record)
    this.#issue(record)
  }

  /** Some call somebody, some are for somebody alone. */
  #groupFields(n: number): Pick<Draft, 'mentions' | 'receiverIds'> {
    const named = this.#deps.users.filter((_, index) => (n >> index) % 2 === 1)
    if (n % 7 === 0) return { mentions: { userIds: named, all: n % 2 === 0 } }
    return n % 7 === 1 && named.length > 0 ? { receiverIds: named } : {}
  }

  #issue(record: SendRecord): void {
    record.issued++
    record.pending++
    record.app.client.send(record.draft).then(
      ({ seq }) => {
        record.pending--
        record.acks.push({ seq, epoch: record.app.inside?.store.epoch ?? '' })
        this.#deps.trace(`ack ${record.draft.clientMsgId} ${seq}`)
      },
      (error: { readonly failure: string }) => {
        record.pending--
        record.failures.push(error.failure)
        this.#deps.trace(`nak ${record.draft.clientMsgId} ${error.failure}`)
      },
    )
  }
}

function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {})
}
