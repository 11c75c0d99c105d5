import type { ConversationId } from '@hongyan/protocol'
import { FakeClient, virtualPlatform } from '../../../test/fake-client.ts'
import { VirtualClock } from '../../../test/virtual-clock.ts'
import { Chat, type ChatDeps } from '../chat.ts'
import type { TimEvent } from '../event-data.ts'
import { EVENT } from '../events.ts'
import { createFacade, type TimInstance } from '../facade.ts'
import type { Message } from '../mapping/message.ts'
import type { Place } from '../methods/login.ts'
import { TYPES } from '../types.ts'

/** The conversation of the teacher, who is logged in, with a parent. */
export const WITH_PARENT = 'c2c:parent:teacher' as ConversationId
export const TO_PARENT = { to: 'parent', conversationType: TYPES.CONV_C2C }

/** An instance over a core of the test's own, with everything it ever emitted. */
export interface Stand {
  readonly clock: VirtualClock
  readonly client: FakeClient
  readonly chat: TimInstance
  readonly events: readonly TimEvent[]
  seen(name: string): readonly unknown[]
}

export function makeStand(options: Partial<ChatDeps> & Place = {}): Stand {
  const { SDKAppID, problem, ...deps } = options
  const clock = new VirtualClock()
  const client = new FakeClient()
  const platform = virtualPlatform(clock)
  const inner = new Chat({ client, platform, isThrottled: false, isPartial: false, onThrown: () => undefined, ...deps })
  const place = { ...(SDKAppID === undefined ? {} : { SDKAppID }), ...(problem === undefined ? {} : { problem }) }
  const chat = createFacade(inner, () => undefined, place)
  const events: TimEvent[] = []
  for (const name of Object.values(EVENT)) chat.on(name, (event) => events.push(event))
  const seen = (name: string): unknown[] => events.filter((event) => event.name === name).map(({ data }) => data)
  return { clock, client, chat, events, seen }
}

/** The same, with the teacher logged in. */
export async function readyStand(options: Partial<ChatDeps> & Place = {}): Promise<Stand> {
  const stand = makeStand(options)
  await stand.chat.login({ userID: 'teacher', userSig: 'x' })
  await stand.clock.pass(1)
  return stand
}

export function textMessage(chat: TimInstance, text: string): Message {
  return chat.createTextMessage({ ...TO_PARENT, payload: { text } })
}

/** Stores what the parent says and tells of it, as the core does. */
export function parentSays({ client }: Stand, ...texts: readonly string[]): void {
  for (const text of texts) {
    const message = client.store(WITH_PARENT, 'parent', { elements: [{ type: 'text', text }] })
    client.tell({ kind: 'messages', conversationId: WITH_PARENT, messages: [message] })
    client.tell({ kind: 'conversations', ids: [WITH_PARENT], isSyncComplete: true })
  }
}
