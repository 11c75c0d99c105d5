import type { ConversationId, Message, UserId } from '@hongyan/protocol'
import type { Change, Client, Draft, Platform } from '../src/core/client-api.ts'
import { createClient } from '../src/core/client.ts'
import type { FakeServer } from './fake-server.ts'
import { ScriptedTransport } from './scripted-transport.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A client on a scripted network, with everything it was told. */
export class Device {
  readonly userId: UserId
  readonly client: Client
  readonly transport: ScriptedTransport
  readonly changes: Change[] = []
  /** What listeners or entries threw; must stay empty unless a test throws. */
  readonly errors: unknown[] = []
  private readonly wakes = new Set<() => void>()

  constructor(
    userId: UserId,
    clock: VirtualClock,
    random: () => number,
    server: () => FakeServer | undefined,
    options: { readonly skewMs?: number; readonly instanceId?: string } = {},
  ) {
    this.userId = userId
    this.transport = new ScriptedTransport(clock, random, server)
    const platform: Platform = {
      device: 'node',
      clock: clock.skewed(options.skewMs ?? 0),
      random,
      transport: this.transport,
      onWake: (wake) => {
        this.wakes.add(wake)
        return () => this.wakes.delete(wake)
      },
    }
    this.client = createClient({
      url: 'ws://fake',
      sdkAppId: 1,
      platform,
      agent: 'test',
      onError: (error) => this.errors.push(error),
      ...(options.instanceId === undefined ? {} : { instanceId: options.instanceId }),
    })
    this.client.onChange((change) => this.changes.push(change))
  }

  login(): Promise<unknown> {
    return this.client.login(this.userId, `sig:${this.userId}`)
  }

  wake(): void {
    for (const wake of this.wakes) wake()
  }

  /** The changes of one kind, in order. */
  told<Kind extends Change['kind']>(kind: Kind): Extract<Change, { kind: Kind }>[] {
    return this.changes.filter((change): change is Extract<Change, { kind: Kind }> => change.kind === kind)
  }

  /** All messages it was told of in a conversation. */
  messages(id: ConversationId): Message[] {
    return this.told('messages').flatMap((change) => (change.conversationId === id ? [...change.messages] : []))
  }

  draft(conversationId: ConversationId, text: string, more: Partial<Draft> = {}): Draft {
    const clientMsgId = this.client.newClientMsgId()
    return { conversationId, clientMsgId, elements: [{ type: 'text', text }], ...more }
  }
}

/** How a promise stands, without waiting for it. */
export function watch<T>(promise: Promise<T>): { state: 'pending' | 'done' | 'failed'; value?: T; failure?: unknown } {
  const watched: { state: 'pending' | 'done' | 'failed'; value?: T; failure?: unknown } = { state: 'pending' }
  promise.then(
    (value) => {
      watched.state = 'done'
      watched.value = value
    },
    (error: { failure?: unknown }) => {
      watched.state = 'failed'
      watched.failure = error.failure
    },
  )
  return watched
}
