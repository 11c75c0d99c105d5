import { c2cConversationId, parseUserId, type ConversationId, type Element, type Message } from '@hongyan/protocol'
import { until } from './until.ts'
import { WireClient, WireError } from './wire-client.ts'
import type { World } from './world.ts'

/** The conversation of two users. */
export function conversationOf(a: string, b: string): ConversationId {
  const [first, second] = [parseUserId(a), parseUserId(b)]
  if (first === undefined || second === undefined) throw new Error('not user ids')
  return c2cConversationId(first, second)
}

/** The name of the error a request was refused with; `nothing` when it was not. */
export async function refusalOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer
    return 'nothing'
  } catch (err) {
    if (err instanceof WireError) return err.message
    throw err
  }
}

/** Two who behave, Anna and Bert: what is done to the server must not be felt by them. */
export class Pair {
  readonly anna: WireClient
  readonly bert: WireClient
  readonly conversationId = conversationOf('anna', 'bert')
  #drafts = 0

  private constructor(anna: WireClient, bert: WireClient) {
    this.anna = anna
    this.bert = bert
  }

  static async meet(world: World): Promise<Pair> {
    const anna = await WireClient.open(world.endpoint(), 'anna')
    const bert = await WireClient.open(world.endpoint(), 'bert')
    await bert.request('sync.snapshot', {})
    const pair = new Pair(anna, bert)
    await pair.say({ type: 'text', text: 'hello' })
    return pair
  }

  /** The body of a message.send, with any element, right or wrong. */
  draftOf(element: unknown, fields: object = {}): object {
    return { conversationId: this.conversationId, clientMsgId: `m${++this.#drafts}`, elements: [element], ...fields }
  }

  /** Sends as Anna, and waits until Bert has it. */
  async say(element: Element, fields: object = {}): Promise<Message> {
    const { seq } = await this.anna.request('message.send', this.draftOf(element, fields))
    return until(
      'the message arrives',
      () =>
        this.bert.pushes.flatMap(({ entry }) =>
          entry.kind === 'message' && entry.message.seq === seq ? [entry.message] : [],
        )[0],
    )
  }

  /** The message of this number as the store gives it to Bert. */
  async read(seq: number): Promise<Message | undefined> {
    const { conversationId } = this
    const from = { seq: seq - 1 }
    const { messages } = await this.bert.request('message.history', {
      conversationId,
      direction: 'newer',
      from,
      limit: 1,
    })
    return messages[0]
  }

  close(): void {
    this.anna.close()
    this.bert.close()
  }
}
