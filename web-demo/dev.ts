import { createServer } from 'vite'
import { startServer } from '../e2e/kit/server.ts'

// tsx web-demo/dev.ts [port]: the page from its sources, with changes shown at once, on a server of its own with fresh data.

const port = Number(process.argv[2] ?? 5173)
const server = await startServer({ ALLOWED_ORIGINS: `http://127.0.0.1:${port}` })
process.env['GATEWAY'] = server.url.replace(/\/$/, '')
const vite = await createServer({ root: import.meta.dirname, server: { port, strictPort: true, host: '127.0.0.1' } })
await vite.listen()
console.log(`http://127.0.0.1:${port}/ on ${server.url}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void Promise.all([vite.close(), server.stop()]))
}
