import {
  c2cConversationId,
  conversationTimeline,
  parseUserId,
  Refused,
  type ConversationId,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { readAccounts } from '../../src/accounts/account-reader.ts'
import { createAccounts } from '../../src/accounts/account-writer.ts'
import { insertConversation } from '../../src/conversations/conversation-writer.ts'
import { textArray, type Db } from '../../src/db/db.ts'
import { Outage } from '../../src/kit/outage.ts'
import { insertLogins } from '../../src/logins/login-writer.ts'
import { prepare } from '../../src/messaging/draft.ts'
import type { StoredMessage } from '../../src/messaging/message-batch.ts'
import type { AppendRequest } from '../../src/messaging/append-request.ts'
import type { MessageCommitter } from '../../src/messaging/message-committer.ts'

/** A conversation, with one member of it who is logged in and sends. */
export interface Talk {
  readonly id: ConversationId
  readonly timeline: TimelineId
  readonly timelineKey: number
  readonly senderId: UserId
  readonly senderKey: number
  readonly loginKey: number
}

/** Makes conversations of users `<prefix>0`, `<prefix>1` …, two each. */
export async function makeTalks(db: Db, prefix: string, count: number): Promise<readonly Talk[]> {
  const userIds = Array.from({ length: 2 * count }, (_, index) => userIdOf(`${prefix}${index}`))
  await db.transaction((tx) =>
    createAccounts(
      tx,
      userIds.map((userId) => ({ userId })),
    ),
  )
  const accounts = new Map((await readAccounts(db, userIds)).map((account) => [account.id, account]))
  const talks: Talk[] = []
  for (let index = 0; index < count; index++) {
    const members = [2 * index, 2 * index + 1].flatMap((user) => accounts.get(userIdOf(`${prefix}${user}`)) ?? [])
    const [sender, peer] = members
    if (!sender || !peer) throw new Error('an account was not created')
    const id = c2cConversationId(sender.id, peer.id)
    const timeline = conversationTimeline(id)
    const loginKey = await db.transaction(async (tx) => {
      await insertConversation(tx, timeline, members)
      const keys = await insertLogins(tx, [{ accountKey: sender.key, device: 'test', instanceId: 'test' }])
      return keys.get(sender.key) ?? 0
    })
    const [row] = await db.query<{ key: number }>('SELECT key FROM timeline WHERE id = ANY($1::text[])', [
      textArray([timeline]),
    ])
    if (!row) throw new Error('a conversation was not created')
    talks.push({ id, timeline, timelineKey: row.key, senderId: sender.id, senderKey: sender.key, loginKey })
  }
  return talks
}

function userIdOf(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error(`${text} is no user id`)
  return userId
}

export function requestOf(talk: Talk, clientMsgId: string): AppendRequest {
  const elements = [{ type: 'text' as const, text: clientMsgId }]
  return {
    conversationId: talk.id,
    timeline: talk.timeline,
    timelineKey: talk.timelineKey,
    senderKey: talk.senderKey,
    senderId: talk.senderId,
    loginKey: talk.loginKey,
    isInGroup: false,
    draft: prepare({ conversationId: talk.id, clientMsgId, elements }, { nick: '', avatar: '' }),
  }
}

/** A send and the answer to it. */
export interface Answered {
  readonly talk: Talk
  readonly clientMsgId: string
  readonly stored: StoredMessage
}

export interface MessageOutcome {
  /** Every answer there was; a message that was sent to two nodes at once has two. */
  readonly answers: readonly Answered[]
  /** What should not have come out: anything but an answer or "not now". */
  readonly surprises: readonly unknown[]
  /** The longest that anybody waited for an answer of either kind. */
  readonly longestMs: number
}

export interface MessageLoadOptions {
  readonly nodes: readonly MessageCommitter[]
  readonly talks: readonly Talk[]
  readonly sendersEach: number
  /** Keeps the ids of several loads apart. */
  readonly name: string
}

const RESEND_AFTER_MS = 20
const BETWEEN_MS = 2
/** One message in so many goes to two nodes at once, as when a device has changed over and resends. */
const TWICE_EVERY = 5

/**
 * Senders that behave as the SDK does: one message after the other, and what is not answered is sent again under the
 * same id, to another node, until it is.
 */
export class MessageLoad {
  readonly #nodes: readonly MessageCommitter[]
  readonly #senders: readonly Promise<void>[]
  readonly #outcome = { answers: [] as Answered[], surprises: [] as unknown[], longestMs: 0 }
  readonly #answered = new Map<number, number>()
  #refusals = 0
  #isStopped = false

  constructor({ nodes, talks, sendersEach, name }: MessageLoadOptions) {
    this.#nodes = nodes
    this.#senders = talks.flatMap((talk) =>
      Array.from({ length: sendersEach }, (_, index) => this.#send(talk, `${name}-${index}`)),
    )
  }

  get answers(): number {
    return this.#outcome.answers.length
  }

  get refusals(): number {
    return this.#refusals
  }

  answersIn(talk: Talk): number {
    return this.#answered.get(talk.timelineKey) ?? 0
  }

  /** Resolves when each message that was begun has its answer. */
  async stop(): Promise<MessageOutcome> {
    this.#isStopped = true
    await Promise.all(this.#senders)
    return this.#outcome
  }

  async #send(talk: Talk, name: string): Promise<void> {
    for (let count = 0; !this.#isStopped; count++) {
      const request = requestOf(talk, `${name}-${count}`)
      const copies = count % TWICE_EVERY === 0 ? this.#nodes.length : 1
      await Promise.all(
        Array.from({ length: copies }, (_, copy) => this.#sendUntilAnswered(talk, request, count + copy)),
      )
      await pause(BETWEEN_MS)
    }
  }

  async #sendUntilAnswered(talk: Talk, request: AppendRequest, firstNode: number): Promise<void> {
    for (let attempt = firstNode; ; attempt++) {
      const startedMs = performance.now()
      try {
        const stored = await this.#nodes[attempt % this.#nodes.length]?.append(request)
        if (stored) this.#outcome.answers.push({ talk, clientMsgId: request.draft.clientMsgId, stored })
        this.#answered.set(talk.timelineKey, this.answersIn(talk) + 1)
        return
      } catch (err) {
        if (!isNotNow(err)) return void this.#outcome.surprises.push(err)
        this.#refusals++
        await pause(RESEND_AFTER_MS)
      } finally {
        this.#outcome.longestMs = Math.max(this.#outcome.longestMs, performance.now() - startedMs)
      }
    }
  }
}

/** What the dispatcher makes BUSY of. */
function isNotNow(err: unknown): boolean {
  return err instanceof Outage || (err instanceof Refused && err.code === 'BUSY')
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
