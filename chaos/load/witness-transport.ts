import type { ReplyOf } from '@hongyan/protocol'
import type { Socket, SocketEvents, Transport } from '../../client-sdk/src/core/client-api.ts'
import { canariesIn } from '../record/canary.ts'

/** What the witness sees on the wire of one device. */
export interface WireSight {
  onDialled(): void
  onOpened(reply: ReplyOf<'session.open'>): void
  onClosed(code: number): void
  /** Any answer but those to sends, with when it was asked for; its content is read only where it has any. */
  onShown(canaries: readonly string[], askedAtMs: number): void
  onSnapshot(reply: ReplyOf<'sync.snapshot'>, how: { readonly isReset: boolean }): void
  /** Not now: asking again may help. */
  onRefused(): void
  /** A push, as it came; what is returned is what the SDK gets. */
  onPush(text: string): string
}

export interface WitnessOptions {
  readonly inner: Transport
  readonly sight: WireSight
  /** Where a load balancer would lead this connection now. */
  readonly port: () => number
}

interface Asked {
  readonly command: string
  readonly atMs: number
  readonly isReset: boolean
}

const REQUEST = /^\{"type":"request","id":(\d+),"command":"([a-z.A-Z]+)"/
const ANSWER = /^\{"type":"(reply|error)","id":(\d+)/
const CARRIES_NO_CONTENT = new Set(['message.send', 'receipt.read', 'message.revoke', 'message.modify'])

export interface WitnessTransport extends Transport {
  /** Ends the socket there is as the operating system does: with this code, and without asking anybody. */
  interrupt(code: number): void
}

/** A transport that looks at everything which passes, and lets a balancer choose the node. */
export function witnessTransport({ inner, sight, port }: WitnessOptions): WitnessTransport {
  let interrupt: (code: number) => void = () => {}
  return {
    interrupt: (code) => interrupt(code),
    dial: (_url, events) => {
      const asked = new Map<number, Asked>()
      sight.onDialled()
      const watching = watched(events, asked, sight)
      const socket = inner.dial(`ws://127.0.0.1:${port()}/im/ws`, watching)
      interrupt = (code) => {
        watching.onClose(code, 'interrupted')
        socket.close(1001, '')
      }
      return {
        send: (text) => {
          noteRequest(text, asked)
          socket.send(text)
        },
        close: (code, reason) => socket.close(code, reason),
      } satisfies Socket
    },
  }
}

function watched(events: SocketEvents, asked: Map<number, Asked>, sight: WireSight): SocketEvents {
  let isOver = false
  return {
    onOpen: () => {
      if (!isOver) events.onOpen()
    },
    onText: (text) => {
      if (isOver) return
      if (text.startsWith('{"type":"push"')) return events.onText(sight.onPush(text))
      noteAnswer(text, asked, sight)
      events.onText(text)
    },
    onClose: (code, reason) => {
      if (isOver) return
      isOver = true
      sight.onClosed(code)
      events.onClose(code, reason)
    },
  }
}

function noteRequest(text: string, asked: Map<number, Asked>): void {
  const [, id, command] = REQUEST.exec(text) ?? []
  if (id === undefined || command === undefined || CARRIES_NO_CONTENT.has(command)) return
  const isReset = command === 'sync.snapshot' && text.includes('"conversationIds"')
  asked.set(Number(id), { command, atMs: Date.now(), isReset })
}

function noteAnswer(text: string, asked: Map<number, Asked>, sight: WireSight): void {
  const [, type, number] = ANSWER.exec(text) ?? []
  if (type === undefined) return
  if (type === 'error' && text.includes('"retryable":true')) sight.onRefused()
  const request = asked.get(Number(number))
  if (request === undefined) return
  asked.delete(Number(number))
  if (type === 'error') return
  const canaries = canariesIn(text)
  if (canaries.length > 0) sight.onShown(canaries, request.atMs)
  if (request.command !== 'session.open' && request.command !== 'sync.snapshot') return
  const { body } = JSON.parse(text) as { readonly body: unknown }
  if (request.command === 'session.open') sight.onOpened(body as ReplyOf<'session.open'>)
  else sight.onSnapshot(body as ReplyOf<'sync.snapshot'>, { isReset: request.isReset })
}
