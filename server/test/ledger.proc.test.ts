import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import type { TimInstance } from '../../client-sdk/src/tim/facade.ts'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { balance, type Acknowledged, type DeviceLog } from './kit/ledger.ts'
import { buildServer, freePort, postmasterOf, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, SECRET, userSigOf } from './kit/world.ts'

const ACKNOWLEDGED = 20_000
const PAIRS = 40
/** What is killed, and when: at these shares of the way. All in mid-send. */
const KILLS: readonly { readonly at: number; readonly what: 'gateway' | 'postgres' | 'both' }[] = [
  { at: 0.15, what: 'gateway' },
  { at: 0.3, what: 'postgres' },
  { at: 0.45, what: 'both' },
  { at: 0.6, what: 'gateway' },
  { at: 0.75, what: 'postgres' },
  { at: 0.9, what: 'gateway' },
]

let dataDir: string
let port: number
let server: ServerProcess

beforeAll(async () => {
  buildServer()
  dataDir = mkdtempSync(join(tmpdir(), 'hongyan-ledger-'))
  port = await freePort()
  server = await start()
})
afterAll(async () => {
  server.kill('SIGTERM')
  await server.ended
  rmSync(dataDir, { recursive: true, force: true })
})

function start(): Promise<ServerProcess> {
  return startServer({
    dataDir,
    env: {
      PORT: String(port),
      SECRETKEY: SECRET,
      SDKAPPID: String(SDK_APP_ID),
      INSTANCES_PER_DEVICE: '3',
      MAX_OPENING_PER_ADDRESS: '10000',
      SENDS_PER_SECOND_PER_USER: '10000',
    },
  })
}

/** A device that notes what it gets; what it sends itself is noted when it is acknowledged. */
class Witness {
  readonly name: string
  readonly userID: string
  readonly chat: TimInstance
  readonly received: Message[] = []

  constructor(userID: string, name: string) {
    this.userID = userID
    this.name = name
    const chat = createModule(nodePlatform()).create({ SDKAppID: SDK_APP_ID, endpoint: `http://127.0.0.1:${port}` })
    if (!chat) throw new Error('no instance')
    this.chat = chat
    chat.on(EVENT.MESSAGE_RECEIVED, ({ data }) => this.received.push(...data))
  }

  async login(): Promise<void> {
    await this.chat.login({ userID: this.userID, userSig: userSigOf(this.userID) })
    await this.chat.getConversationList()
  }
}

/** Kills as the ledger fills, and starts again what does not start by itself. */
async function killAlong(share: () => number): Promise<void> {
  for (const { at, what } of KILLS) {
    await until(`${at * 100} % sent`, () => share() >= at, 120_000)
    const postmaster = postmasterOf(dataDir)
    if (what !== 'postgres') server.kill('SIGKILL')
    if (what !== 'gateway' && postmaster !== undefined) process.kill(postmaster, 'SIGKILL')
    if (what === 'postgres') continue
    await server.ended
    server = await start()
  }
}

test(`after ${KILLS.length} kills in mid-send, what ${ACKNOWLEDGED} acknowledgements promised is on every device, once and in order`, async () => {
  const senders = Array.from({ length: PAIRS }, (_, index) => new Witness(`s${index}`, `s${index} phone`))
  const desks = senders.map(({ userID }) => new Witness(userID, `${userID} desk`))
  const peers = Array.from({ length: PAIRS }, (_, index) => new Witness(`r${index}`, `r${index}`))
  for (const group of [senders, desks, peers]) await Promise.all(group.map((witness) => witness.login()))

  const acknowledged: Acknowledged[] = []
  const own = new Map<Witness, Message[]>(senders.map((sender) => [sender, []]))
  const unsettled = new Set<string>()
  const sendAll = async (sender: Witness, index: number): Promise<void> => {
    for (let number = 1; acknowledged.length < ACKNOWLEDGED; number++) {
      const payload = { text: `${sender.userID} ${number}` }
      const message = sender.chat.createTextMessage({ to: `r${index}`, conversationType: 'C2C', payload })
      unsettled.add(message.ID)
      // An application that wants its message sent sends it again until there is a definite answer.
      for (let send = sender.chat.sendMessage(message); ; send = sender.chat.resendMessage(message)) {
        const isSent = await send.then(
          () => true,
          () => false,
        )
        if (isSent) break
      }
      unsettled.delete(message.ID)
      acknowledged.push({ ID: message.ID, conversation: sender.userID, sequence: message.sequence })
      own.get(sender)?.push(message)
    }
  }
  await Promise.all([killAlong(() => acknowledged.length / ACKNOWLEDGED), ...senders.map(sendAll)])
  expect(unsettled.size).toBe(0)

  const stored = new Map<string, { ID: string; sequence: number }[]>()
  for (const sender of senders) stored.set(sender.userID, await wholeHistory(sender))
  const total = [...stored.values()].reduce((sum, messages) => sum + messages.length, 0)
  await until(
    'every device to have caught up',
    () =>
      [...peers, ...desks].every((witness, index) => {
        return witness.received.length >= (stored.get(`s${index % PAIRS}`)?.length ?? 0)
      }),
    30_000,
  ).catch(() => {})

  const logs: DeviceLog[] = [
    ...senders.map((sender) => ({ device: sender.name, conversation: sender.userID, messages: own.get(sender) ?? [] })),
    ...desks.map((desk) => ({ device: desk.name, conversation: desk.userID, messages: desk.received })),
    ...peers.map((peer, index) => ({ device: peer.name, conversation: `s${index}`, messages: peer.received })),
  ]
  const result = balance(acknowledged, stored, logs)
  console.log(
    `acknowledged ${acknowledged.length}, stored ${total}, devices ${logs.length}, missing ${result.missing.length}, extra ${result.extra.length}, out of order ${result.outOfOrder.length}`,
  )
  expect(result).toEqual({ missing: [], extra: [], outOfOrder: [] })
  expect(total).toBe(acknowledged.length)
  expect(acknowledged.length).toBeGreaterThanOrEqual(ACKNOWLEDGED)
  await Promise.all([...senders, ...desks, ...peers].map(({ chat }) => chat.destroy().catch(() => {})))
}, 240_000)

/** What is stored of a sender's one conversation, from the server, page by page, oldest first. */
async function wholeHistory(sender: Witness): Promise<{ ID: string; sequence: number }[]> {
  const conversationID = `C2Cr${sender.userID.slice(1)}`
  const pages: { ID: string; sequence: number }[][] = []
  let sequence: number | string = 2 ** 40
  while (sequence !== '') {
    const { data }: { data: { messageList: Message[]; nextMessageSeq: number | '' } } = await retryBusy(() =>
      sender.chat.getMessageListHopping({ conversationID, sequence, direction: 0, count: 15 }),
    )
    pages.unshift(data.messageList.map((message) => ({ ID: message.ID, sequence: message.sequence })))
    sequence = data.nextMessageSeq
  }
  return pages.flat()
}

/** The SDK itself allows twenty pages a second (2996). */
async function retryBusy<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (err) {
      if (!(err instanceof Error && 'code' in err && (err.code === 2996 || err.code === 20004))) throw err
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
