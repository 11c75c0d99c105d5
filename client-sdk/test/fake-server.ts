import {
  CLOSE,
  COMMANDS,
  conversationOfTimeline,
  conversationTimeline,
  ERRORS,
  type CommandName,
  type ErrorName,
  type Offset,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { HANDLERS } from './fake-handlers.ts'
import { FakeStore, Refusal, type Caller } from './fake-store.ts'

/** The server's end of a socket. */
export interface ServerLink {
  send(text: string): void
  close(code: number): void
}

/**
 * An honest server in memory, following and resuming as the protocol says. It checks each request, and each of its own
 * answers, against the real schemas.
 */
export class FakeServer extends FakeStore {
  /** Answers by hand: returning true means the request is not handled. */
  intercept: (session: FakeSession, command: string, id: number, body: unknown) => boolean = () => false

  accept(link: ServerLink): FakeSession {
    const session = new FakeSession(this, link)
    this.sessions.add(session)
    return session
  }
}

/** One connection at the server. */
export class FakeSession implements Caller {
  userId: UserId | undefined
  instanceId = ''
  loginKey = 0
  private readonly server: FakeServer
  private readonly link: ServerLink
  private readonly sentUpTo = new Map<TimelineId, Offset>()
  private readonly pendingIds = new Set<number>()
  private isGone = false

  constructor(server: FakeServer, link: ServerLink) {
    this.server = server
    this.link = link
  }

  close(code: number): void {
    this.onClosed()
    this.link.close(code)
  }

  onClosed(): void {
    this.isGone = true
    this.server.sessions.delete(this)
  }

  transmit(frame: object): void {
    if (!this.isGone) this.link.send(JSON.stringify(frame))
  }

  onText(text: string): void {
    if (this.isGone) return
    const frame = JSON.parse(text) as { type: string; id: number; command: string; body: unknown }
    if (frame.type === 'ping') return this.transmit({ type: 'pong' })
    if (frame.type === 'pong') return
    if (frame.type !== 'request') return this.violate(`frame of type ${frame.type}`)
    if (new TextEncoder().encode(text).length > 64 * 1024) return this.violate('a frame above 64 KB')
    if (this.pendingIds.has(frame.id) || frame.id < 1) return this.violate(`request id ${frame.id}`)
    if (this.userId === undefined && frame.command !== 'session.open')
      return this.violate(`first request ${frame.command}`)
    this.serve(frame.command, frame.id, frame.body)
  }

  /** Sends everything of a followed timeline that was not sent yet. */
  deliver(timeline: TimelineId): void {
    const from = this.sentUpTo.get(timeline)
    if (from === undefined || this.isGone) return
    const entries = this.server.timeline(timeline)
    for (let offset = from + 1; offset <= entries.length; offset++) {
      const entry = entries[offset - 1]
      if (entry === undefined) continue
      this.sentUpTo.set(timeline, offset)
      const id = conversationOfTimeline(timeline)
      const shown = id === undefined ? entry : this.server.shownTo(this.userId ?? ('' as UserId), entry, id)
      // What a conversation says about a removal ends the following at that very entry (I11).
      if (shown === undefined) return void this.sentUpTo.delete(timeline)
      this.transmit({ type: 'push', timeline, offset, entry: shown })
      if (shown.kind === 'dismissed') return void this.sentUpTo.delete(timeline)
      if (shown.kind === 'left') this.sentUpTo.delete(conversationTimeline(shown.conversationId))
      if (shown.kind === 'joined') this.follow(conversationTimeline(shown.conversationId), shown.offset)
    }
  }

  private follow(timeline: TimelineId, after: Offset): void {
    if (!this.sentUpTo.has(timeline)) this.sentUpTo.set(timeline, after)
    this.deliver(timeline)
  }

  private violate(what: string): void {
    this.server.violations.push(what)
    this.close(CLOSE.BAD_FRAME)
  }

  private serve(command: string, id: number, body: unknown): void {
    const { server } = this
    server.requests.push({ userId: this.userId, command, body })
    if (server.intercept(this, command, id, body)) return
    if (!isCommand(command)) return this.violate(`command ${command}`)
    if (!Value.Check(COMMANDS[command].request as TSchema, body)) {
      server.violations.push(`bad body of ${command}: ${JSON.stringify(body)}`)
      return this.refuse(id, 'BAD_REQUEST')
    }
    this.pendingIds.add(id)
    try {
      if (command !== 'session.open' && server.random() < server.busy) throw new Refusal('BUSY')
      const handler = HANDLERS[command] as ((store: FakeStore, caller: Caller, body: unknown) => object) | undefined
      if (handler === undefined) throw new Refusal('UNKNOWN_COMMAND')
      const reply = handler(server, this, body)
      if (!Value.Check(COMMANDS[command].reply as TSchema, reply))
        server.violations.push(`bad reply to ${command}: ${JSON.stringify(reply)}`)
      const isOrdered = command.startsWith('s')
      const lateMs = isOrdered ? 0 : Math.floor(server.random() * server.lateMs)
      if (lateMs === 0) this.reply(id, reply)
      else server.clock.after(lateMs, () => this.reply(id, reply))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refuse(id, error.code)
    }
  }

  reply(id: number, body: object): void {
    this.pendingIds.delete(id)
    // What wire 4 brought.
    if (this.server.protocolVersion < 4 && 'loginKey' in body) Reflect.deleteProperty(body, 'epoch')
    this.transmit({ type: 'reply', id, body })
    // Following begins behind the reply that said so.
    for (const [timeline, offset] of this.toFollow.splice(0)) this.follow(timeline, offset)
  }

  refuse(id: number, name: ErrorName): void {
    this.pendingIds.delete(id)
    const { code, retryable, text } = ERRORS[name]
    this.transmit({ type: 'error', id, error: { name, code, retryable, text } })
  }

  readonly toFollow: [TimelineId, Offset][] = []

  followNow(timeline: TimelineId, after: Offset): void {
    this.follow(timeline, after)
  }
}

function isCommand(name: string): name is CommandName {
  return name in COMMANDS
}
