import { once } from 'node:events'
import { PROTOCOL_VERSION } from '@hongyan/protocol'
import { WebSocket } from 'ws'
import { createKeyRing } from '../server/src/auth/key-ring.ts'
import { signTlsUserSig } from '../server/src/auth/tls-user-sig.ts'

/** Two users of whom the first writes to the second. */
export interface Pair {
  /** Sends the message of this number. */
  send(number: number): void
  /** Called with the number of each message that is done: answered where there are answers, and received by the peer. */
  onDone(done: (number: number) => void): void
  close(): void
}

export const SECRET = 'b'.repeat(64)
export const SDK_APP_ID = 1400000000
export const PADDING = ' 你好,明天家长会三点开始。'.padEnd(40, '.')
const keys = createKeyRing([SECRET])

export function userSigOf(userId: string): string {
  return signTlsUserSig(keys, { userId, sdkAppId: SDK_APP_ID, issuedAtMs: Date.now(), lifetimeS: 3600 })
}

export async function connectRelay(port: number, user: string): Promise<WebSocket> {
  const socket = await dial(`ws://127.0.0.1:${port}`)
  socket.send(`hello ${user}`)
  return socket
}

export async function relayPair(port: number, index: number): Promise<Pair> {
  const [sender, receiver] = await Promise.all([connectRelay(port, `a${index}`), connectRelay(port, `b${index}`)])
  return {
    send: (number) => sender.send(`b${index} ${number}${PADDING}`),
    onDone: (done) => receiver.on('message', (data: Buffer) => done(Number.parseInt(data.toString('latin1'), 10))),
    close: () => {
      sender.terminate()
      receiver.terminate()
    },
  }
}

/** A connection with an open, synced session. */
export async function connectHongyan(port: number, user: string): Promise<WebSocket> {
  const socket = await dial(`ws://127.0.0.1:${port}/im/ws`)
  socket.on('message', (data: Buffer) => {
    if (data.length === PING.length && data.toString('latin1') === PING) socket.send('{"type":"pong"}')
  })
  const open = {
    protocolVersion: PROTOCOL_VERSION,
    sdkAppId: SDK_APP_ID,
    userId: user,
    userSig: userSigOf(user),
    instanceId: `bench-${user}`,
    device: 'node',
  }
  await request(socket, 1, 'session.open', open)
  await request(socket, 2, 'sync.snapshot', {})
  return socket
}

const PING = '{"type":"ping"}'
const FIRST_ID = 10
const RUN = Math.floor(Math.random() * 1e9)

/** The receiver may be on another gateway. */
export async function hongyanPair(port: number, index: number, receiversPort = port): Promise<Pair> {
  const [a, b] = [`a${index}`, `b${index}`]
  const [sender, receiver] = await Promise.all([connectHongyan(port, a), connectHongyan(receiversPort, b)])
  const conversationId = `c2c:${a}:${b}`
  // The first message begins the conversation; it is not measured.
  await request(sender, 3, 'message.send', draft(conversationId, 'first', 'first'))
  const halves = new Set<number>()
  let done: (number: number) => void = () => {}
  const half = (number: number): void => {
    if (halves.delete(number)) done(number)
    else halves.add(number)
  }
  sender.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    if (text.startsWith('{"type":"reply","id":')) half(Number.parseInt(text.slice(21), 10) - FIRST_ID)
    else if (text.startsWith('{"type":"error"')) throw new Error(text)
  })
  receiver.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    const mark = text.indexOf('"text":"#')
    if (mark > 0) half(Number.parseInt(text.slice(mark + 9), 10))
  })
  return {
    send: (number) => {
      const body = draft(conversationId, String(number), `#${number}${PADDING}`)
      sender.send(JSON.stringify({ type: 'request', id: number + FIRST_ID, command: 'message.send', body }))
    },
    onDone: (listen) => {
      done = listen
    },
    close: () => {
      sender.terminate()
      receiver.terminate()
    },
  }
}

function draft(conversationId: string, id: string, text: string): object {
  return { conversationId, clientMsgId: `${RUN}-${id}`, elements: [{ type: 'text', text }] }
}

async function dial(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

async function request(socket: WebSocket, id: number, command: string, body: object): Promise<void> {
  const answered = new Promise<void>((resolve, reject) => {
    const listen = (data: Buffer): void => {
      const frame = JSON.parse(data.toString('utf8')) as { type: string; id?: number }
      if (frame.id !== id) return
      socket.off('message', listen)
      if (frame.type === 'reply') resolve()
      else reject(new Error(JSON.stringify(frame)))
    }
    socket.on('message', listen)
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
  })
  socket.send(JSON.stringify({ type: 'request', id, command, body }))
  await answered
}
