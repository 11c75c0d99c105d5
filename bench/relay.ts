import { WebSocketServer, type WebSocket } from 'ws'

// The baseline: a plain relay that checks nothing, stores nothing and answers nothing. `hello <name>` names a socket,
// everything else is `<to> <text>` and goes to that socket.
const sockets = new Map<string, WebSocket>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address ? address.port : 0)
})
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    const space = text.indexOf(' ')
    const head = text.slice(0, space)
    if (head === 'hello') sockets.set(text.slice(space + 1), socket)
    else sockets.get(head)?.send(text.slice(space + 1))
  })
})
