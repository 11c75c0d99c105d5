import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import type { Gateway } from '../rig/gateway.ts'
import { until, within } from '../rig/waiting.ts'

const LISTENING = /Debugger listening on (ws:\/\/\S+)/g

/**
 * Runs an expression inside a gateway, by Node's own inspector, which SIGUSR1 opens: no hook in the server is needed to
 * make its event loop stand still. Resolves with the value when it has run.
 */
export async function evaluateIn(gateway: Gateway, expression: string): Promise<unknown> {
  gateway.signal('SIGUSR1')
  // Opened before, it stays open, and another signal changes nothing: its last address is the one.
  const url = await until('the inspector listens', () => addressOf(gateway), { deadlineMs: 10_000 })
  return within(60_000, 'an expression in a gateway', ask(url, expression))
}

/** What this process said last; what those before it said lies before its start. */
function addressOf(gateway: Gateway): string | undefined {
  const text = readFileSync(gateway.errPath, 'utf8').slice(gateway.errStart)
  return [...text.matchAll(LISTENING)].at(-1)?.[1]
}

function ask(url: string, expression: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.on('open', () => {
      const params = { expression, returnByValue: true }
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
    })
    socket.on('message', (data: Buffer) => {
      const { id, result } = JSON.parse(data.toString('utf8')) as {
        id?: number
        result?: { result?: { value?: unknown } }
      }
      if (id !== 1) return
      socket.close()
      resolve(result?.result?.value)
    })
    socket.on('error', reject)
  })
}
