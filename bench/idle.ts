import { connectLight, inParallel, LightSession } from './light-session.ts'
import { heldBytes, type Measured } from './processes.ts'
import type { Figure } from './report.ts'
import { pause } from './store.ts'

const CONNECTING = 50
const SETTLE_MS = 3_000

/** What a connection costs that says nothing: resident memory of the gateway, beside the relay's. */
export async function measureIdle(
  servers: { readonly relay: Measured; readonly hongyan: Measured },
  count: number,
  goal: string,
): Promise<Figure> {
  const { relay, hongyan } = servers
  const bare = await bytesEach(relay, count, (index) => hello(relay.port, index))
  const full = await bytesEach(hongyan, count, (index) => LightSession.login(hongyan.port, `idle${index}`))
  const name = `memory per idle connection (${count.toLocaleString('en')})`
  return { name, relay: bare / 1024, hongyan: full / 1024, unit: 'KiB', goal }
}

async function hello(port: number, index: number): Promise<{ close(): void }> {
  const client = await connectLight(port, '/')
  client.send(`hello idle${index}`)
  return client
}

/** Resident memory of a server for each of so many that connect. */
export async function bytesEach(
  server: Measured,
  count: number,
  connect: (index: number) => Promise<{ close(): void }>,
): Promise<number> {
  const before = await heldBytes(server)
  const clients = await inParallel(count, CONNECTING, connect)
  await pause(SETTLE_MS)
  const after = await heldBytes(server)
  for (const client of clients) client.close()
  await pause(SETTLE_MS)
  return (after - before) / count
}
