import { WebSocketServer, type WebSocket } from 'ws'

// The baseline: a plain relay that checks nothing, stores nothing and answers nothing. `hello <name>` names a socket,
// `join <room>` puts it into a room; `#<room> <text>` goes to all in that room, everything else is `<to> <text>` and goes
// to that socket.
const sockets = new Map<string, WebSocket>()
const rooms = new Map<string, Set<WebSocket>>()
const TEXT_FRAME = { binary: false } as const

function roomOf(name: string): Set<WebSocket> {
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room)
  return room
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address ? address.port : 0)
})
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    const space = text.indexOf(' ')
    const head = text.slice(0, space)
    const rest = text.slice(space + 1)
    if (head === 'hello') sockets.set(rest, socket)
    else if (head === 'join') {
      roomOf(rest).add(socket)
      socket.send('joined')
    } else if (head.startsWith('#')) {
      const bytes = Buffer.from(rest)
      for (const member of roomOf(head.slice(1))) member.send(bytes, TEXT_FRAME)
    } else sockets.get(head)?.send(rest)
  })
})
