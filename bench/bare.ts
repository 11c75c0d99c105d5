import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import { numberArray, textArray } from '../server/src/db/arrays.ts'
import { Lane } from '../server/src/db/lane.ts'
import { parseConnectionUrl } from '../server/src/db/connection-target.ts'
import { startEmbeddedPostgres } from '../server/src/embedded/embedded-postgres.ts'
import { systemClock } from '../server/src/kit/clock.ts'
import { silentLogger } from '../server/src/kit/logger.ts'

// What is possible: the same frames, one insert and one commit for many messages, corked writes; nothing is checked, no
// rights, no unread, no resends, no other devices. What Hongyan costs beyond this is ours to answer for.
interface Send {
  readonly socket: WebSocket
  readonly id: number
  readonly text: string
  readonly conversationId: string
}

const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bare-'))
const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'pg'), log: silentLogger() })
const lane = await Lane.open({
  target: parseConnectionUrl(postgres.url),
  name: 'bare',
  connectDeadlineMs: 5_000,
  statementTimeoutMs: 5_000,
  clock: systemClock,
})
await lane.run('BEGIN READ WRITE')
await lane.run('CREATE TABLE bare (conversation text, seq bigint, body json, PRIMARY KEY (conversation, seq))')
await lane.run('COMMIT')

const sockets = new Map<string, WebSocket>()
const seqs = new Map<string, number>()
let waiting: Send[] = []
let isCommitting = false

async function commitAll(): Promise<void> {
  if (isCommitting) return
  isCommitting = true
  while (waiting.length > 0) {
    const batch = waiting
    waiting = []
    const rows = batch.map((send) => {
      const seq = (seqs.get(send.conversationId) ?? 0) + 1
      seqs.set(send.conversationId, seq)
      return { ...send, seq }
    })
    void lane.run('BEGIN READ WRITE')
    void lane.run('INSERT INTO bare SELECT * FROM unnest($1::text[], $2::bigint[], $3::json[])', [
      textArray(rows.map((row) => row.conversationId)),
      numberArray(rows.map((row) => row.seq)),
      textArray(rows.map((row) => row.text)),
    ])
    await lane.run('COMMIT')
    for (const { socket, id, seq, text, conversationId } of rows) {
      send(socket, `{"type":"reply","id":${id},"body":{"seq":${seq}}}`)
      const peer = sockets.get(conversationId.slice(conversationId.lastIndexOf(':') + 1))
      if (peer) send(peer, `{"type":"push","offset":${seq},"entry":${text}}`)
    }
  }
  isCommitting = false
}

const corked = new Set<Socket>()

function send(socket: WebSocket, text: string): void {
  const raw = Reflect.get(socket, '_socket') as Socket
  if (!corked.has(raw)) {
    raw.cork()
    if (corked.size === 0)
      setImmediate(() => {
        for (const each of corked) each.uncork()
        corked.clear()
      })
    corked.add(raw)
  }
  socket.send(text)
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address ? address.port : 0)
})
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    const { id, command, body } = JSON.parse(text) as { id: number; command: string; body: Record<string, string> }
    if (command === 'message.send') {
      waiting.push({ socket, id, text, conversationId: String(body['conversationId']) })
      queueMicrotask(() => void commitAll())
      return
    }
    if (command === 'session.open') sockets.set(String(body['userId']), socket)
    socket.send(`{"type":"reply","id":${id},"body":{}}`)
  })
})
process.once('SIGTERM', () => {
  void postgres.stop().then(() => {
    rmSync(dataDir, { recursive: true, force: true })
    process.exit()
  })
})
