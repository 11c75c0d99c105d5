import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createKeyRing } from '../../server/src/auth/key-ring.ts'
import { signTlsUserSig } from '../../server/src/auth/tls-user-sig.ts'
import { Client } from './client.ts'
import { startTopology, type Topology, type TopologyOptions } from './topology.ts'

// What docs/DEPLOYMENT.md promises of the deployment, played with real processes and clients through the real balancer over
// TLS. Ends with 1 when something was not as promised. Started by main.ts, which makes the folder.

const CLIENTS = 20
const RECOVERY_MS = 30_000
const SENDS_PER_CLIENT = 5
const LARGE_BYTES = 40 * 1024 * 1024

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<TopologyOptions, 'gateways'>
const topology = await startTopology({ ...options, gateways: 2 })
let failures = 0
try {
  await play(topology)
} finally {
  await topology.stop()
}
console.log(failures === 0 ? '\nall as promised' : `\n${failures} NOT as promised`)
process.exitCode = failures === 0 ? 0 : 1

async function play(stage: Topology): Promise<void> {
  await edges(stage)
  await timeUntil(async () => stage.balancer.isWarm())
  const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => logIn(stage, `rehearsal_${index}`)))
  const shares = await Promise.all(stage.gateways().map((gateway) => numberAt(gateway.url, 'hongyan_sessions')))
  say(`${CLIENTS} clients are spread over both gateways (${shares.join(' and ')})`, Math.min(...shares) >= CLIENTS / 4)
  await everyoneSpeaks('while all is well', clients)

  const [victim] = stage.gateways()
  victim?.kill('SIGKILL')
  await everyoneSpeaks('while a gateway dies', clients)
  const backMs = await timeUntil(() => clients.every((client) => client.isReady()))
  say(`after kill -9 of ${victim?.name ?? ''} all clients are back`, backMs < RECOVERY_MS, backMs)

  const fresh = await stage.addGateway()
  const foundMs = await timeUntil(async () => (await stage.balancer.up()) === 2)
  say(`the balancer finds ${fresh.name} by asking for the name`, foundMs < RECOVERY_MS, foundMs)

  const old = stage.gateways().find((gateway) => gateway !== fresh)
  const speaking = everyoneSpeaks('while a gateway drains', clients)
  old?.kill('SIGTERM')
  await speaking
  const code = await old?.ended
  say(`SIGTERM lets ${old?.name ?? ''} end by itself`, code === 0)
  const movedMs = await timeUntil(async () => (await numberAt(fresh.url, 'hongyan_sessions')) === CLIENTS)
  say(`all clients are on ${fresh.name}`, movedMs < RECOVERY_MS, movedMs)
  await everyoneSpeaks('afterwards', clients)
  await Promise.all(clients.map((client) => client.leave()))
}

/** What is seen from outside without logging in. */
async function edges(stage: Topology): Promise<void> {
  const page = await fetch(`${stage.balancer.https}/`)
  say('the web page comes over TLS', page.ok && (await page.text()).includes('<html'))
  say('with HSTS', page.headers.get('strict-transport-security') !== null)
  const plain = await fetch(`${stage.balancer.http}/x?y=1`, { redirect: 'manual' })
  say('plain HTTP is sent to TLS', plain.status === 308 && plain.headers.get('location')?.startsWith('https:') === true)
  const hidden = await Promise.all(
    ['/metrics', '/metrics/', '//metrics', '/%6Detrics', '/METRICS', '/readyz'].map(async (path) => {
      const answer = await fetch(`${stage.balancer.https}${path}`)
      return answer.status === 404 && !(await answer.text()).includes('hongyan_')
    }),
  )
  say('/metrics and /readyz are not there for outside', !hidden.includes(false))
  say('nobody gets at Valkey without a password', (await askValkey(stage)).includes('NOAUTH'))
  await refusedUpload(stage)
}

/** A large body that nobody has asked for: refused by the gateway at once, which it can only if nobody has kept it back. */
async function refusedUpload(stage: Topology): Promise<void> {
  const url = `${stage.balancer.https}/im/upload/no-such-file?t=x`
  const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(LARGE_BYTES) }).catch(() => undefined)
  say('a body of 40 MB without a ticket is refused by name', answer === undefined || answer.status >= 400)
}

/** Each writes to the next; everything must be said without an error and arrive once, in order. */
async function everyoneSpeaks(when: string, clients: readonly Client[]): Promise<void> {
  const texts = Array.from({ length: SENDS_PER_CLIENT }, (_, index) => `${when} ${index}`)
  const startedMs = performance.now()
  const errors: unknown[] = []
  await Promise.all(
    clients.map(async (client, index) => {
      const peer = clients[(index + 1) % clients.length]
      for (const text of texts) await client.say(peer?.userID ?? '', text).catch((err: unknown) => errors.push(err))
    }),
  )
  say(
    `${when}: ${clients.length * texts.length} messages sent without an error`,
    errors.length === 0,
    performance.now() - startedMs,
  )
  for (const err of errors.slice(0, 3)) console.log(`        ${String(err)}`)
  const arrived = (client: Client): readonly string[] => client.received.filter((text) => text.startsWith(when))
  const waitedMs = await timeUntil(() => clients.every((client) => arrived(client).length >= texts.length))
  const isRight = clients.every((client) => arrived(client).join() === texts.join())
  say(`${when}: all of them have arrived, once and in order`, isRight, waitedMs)
}

async function logIn(stage: Topology, userID: string): Promise<Client> {
  const keys = createKeyRing([readFileSync(join(options.folder, 'secrets/secretkey.txt'), 'utf8').trim()])
  const order = { userId: userID, sdkAppId: 1_400_000_000, issuedAtMs: Date.now(), lifetimeS: 3600 }
  return Client.login(stage.balancer.https, userID, signTlsUserSig(keys, order))
}

async function numberAt(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

function askValkey(stage: Topology): Promise<string> {
  const host = new URL(stage.balancer.https).hostname.replace(/\d+$/, '2')
  return new Promise((resolve) => {
    const socket = connect(6379, host, () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString('latin1'))
    })
    socket.once('error', (err) => resolve(err.message))
  })
}

/** Milliseconds until it was so; the limit, if it never was. */
async function timeUntil(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const startedMs = performance.now()
  while (!(await isSo()) && performance.now() - startedMs < RECOVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return Math.min(RECOVERY_MS, performance.now() - startedMs)
}

function say(what: string, isSo: boolean, ms?: number): void {
  if (!isSo) failures++
  console.log(`${isSo ? 'ok    ' : 'FAILED'}  ${what}${ms === undefined ? '' : ` (${Math.round(ms)} ms)`}`)
}
