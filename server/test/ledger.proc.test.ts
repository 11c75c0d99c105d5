import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { balance, type Acknowledged, type DeviceLog } from './kit/ledger.ts'
import { LedgerDevice, untilDone } from './kit/ledger-device.ts'
import { findWrongCounters, readBooks, readStays, recountUnread, type StayRow } from './kit/ledger-recount.ts'
import { buildServer, freePort, postmasterOf, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, SECRET } from './kit/world.ts'

const ACKNOWLEDGED = 20_000
const PAIRS = 40
/** Of five pairs each, and of somebody who comes and goes. */
const CLASSES = 8
/** Of a sender's messages each eighth goes to his class; some are changed, some are taken back. */
const TO_CLASS = 8
const CHANGED = 40
const RECALLED = 60
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

/** Everybody, and what they do while the ledger fills. */
class School {
  readonly senders = devices('s', 'phone')
  readonly desks = devices('s', 'desk')
  readonly peers = devices('r', 'phone')
  readonly wanderers = devices('w', 'phone', CLASSES)
  readonly acknowledged: Acknowledged[] = []
  readonly own = new Map<LedgerDevice, Message[]>(this.senders.map((sender) => [sender, []]))
  readonly changed = new Map<string, string>()
  readonly recalled = new Set<string>()
  comings = 0

  get everybody(): readonly LedgerDevice[] {
    return [...this.senders, ...this.desks, ...this.peers, ...this.wanderers]
  }

  get isFull(): boolean {
    return this.acknowledged.length >= ACKNOWLEDGED
  }

  async open(): Promise<void> {
    for (const group of [this.senders, this.desks, this.peers, this.wanderers]) {
      await Promise.all(group.map((device) => device.login()))
    }
    await Promise.all(Array.from({ length: CLASSES }, (_, index) => this.#found(index)))
  }

  async #found(index: number): Promise<void> {
    const members = [...this.senders, ...this.peers].filter(({ userID }) => classOf(userID) === `class-${index}`)
    const [owner, ...others] = members
    if (!owner) throw new Error('a class of nobody')
    const groupID = `class-${index}`
    await untilDone(() =>
      owner.chat.createGroup({
        groupID,
        type: TYPES.GRP_PUBLIC,
        name: `class ${index}`,
        joinOption: TYPES.JOIN_OPTIONS_FREE_ACCESS,
        memberList: others.map(({ userID }) => ({ userID })),
      }),
    )
    // The SDK says in its founder's name that there is a new group, as TIM's does.
    const said = await until('the founding is told', async () => {
      const history = await owner.wholeHistory(`GROUP${groupID}`)
      return history.find(({ from }) => from === owner.userID)
    })
    this.acknowledged.push({ ID: said.ID, conversation: groupID, sequence: said.sequence })
    this.own.get(owner)?.push(said)
  }

  /** Sends to his peer and to his class until there is enough; now and then changes something, or takes it back. */
  async sendAll(sender: LedgerDevice, index: number): Promise<void> {
    for (let number = 1; !this.isFull; number++) {
      const message = await this.#send(sender, index, number)
      if (number % CHANGED === 0) await this.#change(sender, message)
      if (number % RECALLED === 0) await this.#recall(sender, message)
    }
  }

  async #send(sender: LedgerDevice, index: number, number: number): Promise<Message> {
    const isToClass = number % TO_CLASS === 0
    const to = isToClass ? classOf(sender.userID) : `r${index}`
    const conversationType = isToClass ? TYPES.CONV_GROUP : TYPES.CONV_C2C
    const message = sender.chat.createTextMessage({
      to,
      conversationType,
      payload: { text: `${sender.userID} ${number}` },
    })
    // An application that wants its message sent sends it again until there is a definite answer.
    for (let send = sender.chat.sendMessage(message); ; send = sender.chat.resendMessage(message)) {
      const isSent = await send.then(
        () => true,
        () => false,
      )
      if (isSent) break
    }
    const conversation = isToClass ? to : sender.userID
    this.acknowledged.push({ ID: message.ID, conversation, sequence: message.sequence })
    this.own.get(sender)?.push(message)
    return message
  }

  async #change({ chat }: LedgerDevice, message: Message): Promise<void> {
    const text = `${String(message.payload['text'])}, better`
    message.payload = { text }
    await untilDone(() => chat.modifyMessage(message))
    this.changed.set(message.ID, text)
  }

  async #recall({ chat }: LedgerDevice, message: Message): Promise<void> {
    await untilDone(
      () => chat.revokeMessage(message),
      () => message.isRevoked,
    )
    this.recalled.add(message.ID)
  }

  /** Comes into his class and goes again: by himself, or removed by its owner. In the end he is there. */
  async wander(wanderer: LedgerDevice, index: number): Promise<void> {
    const groupID = `class-${index}`
    const owner = this.senders[index * (PAIRS / CLASSES)]
    if (!owner) throw new Error('a class of nobody')
    for (; ; this.comings++) {
      await untilDone(() => wanderer.chat.joinGroup({ groupID, type: TYPES.GRP_PUBLIC }))
      await pause(200 + index * 40)
      if (this.isFull) return
      if (this.comings % 2 === 0) await untilDone(() => wanderer.chat.quitGroup(groupID))
      else await untilDone(() => owner.chat.deleteGroupMember({ groupID, userIDList: [wanderer.userID] }))
      await pause(100)
    }
  }

  /** Reads now here, now there, on any device. What fails is read later. */
  async readAround(): Promise<void> {
    const readers = [...this.desks, ...this.peers, ...this.senders]
    for (let turn = 0; !this.isFull; turn++) {
      const reader = readers[(turn * 37) % readers.length]
      if (!reader) return
      const pair = reader.userID.startsWith('s') ? `r${reader.userID.slice(1)}` : `s${reader.userID.slice(1)}`
      const conversationID = turn % 3 === 0 ? `GROUP${classOf(reader.userID)}` : `C2C${pair}`
      await reader.chat.setMessageRead({ conversationID }).catch(() => {})
      await pause(20)
    }
  }
}

function devices(kind: string, name: string, count = PAIRS): readonly LedgerDevice[] {
  return Array.from({ length: count }, (_, index) => {
    return new LedgerDevice(`http://127.0.0.1:${port}`, `${kind}${index}`, `${kind}${index} ${name}`)
  })
}

function classOf(userID: string): string {
  const index = Number(userID.slice(1))
  return `class-${userID.startsWith('w') ? index : Math.floor(index / (PAIRS / CLASSES))}`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

test(`after ${KILLS.length} kills in mid-send, what ${ACKNOWLEDGED} acknowledgements promised is on every device, once and in order`, async () => {
  const school = new School()
  await school.open()
  await Promise.all([
    killAlong(() => school.acknowledged.length / ACKNOWLEDGED),
    school.readAround(),
    ...school.wanderers.map((wanderer, index) => school.wander(wanderer, index)),
    ...school.senders.map((sender, index) => school.sendAll(sender, index)),
  ])

  const histories = await storedOf(school)
  const stored = new Map([...histories].map(([conversation, messages]) => [conversation, messages.map(placeOf)]))
  const logsNow = (): DeviceLog[] => [...pairLogs(school), ...classLogs(school)]
  await until(
    'every device to have caught up',
    () => logsNow().every(({ messages, conversation }) => messages.length >= (stored.get(conversation)?.length ?? 0)),
    30_000,
  ).catch(() => {})

  const result = balance(school.acknowledged, stored, logsNow())
  const total = [...histories.values()].flat().filter(({ type }) => type !== TYPES.MSG_GRP_TIP).length
  console.log(
    `acknowledged ${school.acknowledged.length}, stored ${total}, devices ${school.everybody.length}, changed ${school.changed.size}, recalled ${school.recalled.size}, comings ${school.comings}, missing ${result.missing.length}, extra ${result.extra.length}, out of order ${result.outOfOrder.length}`,
  )
  expect(result).toEqual({ missing: [], extra: [], outOfOrder: [] })
  expect(total).toBe(school.acknowledged.length)
  expect(school.acknowledged.length).toBeGreaterThanOrEqual(ACKNOWLEDGED)
  expect(wrongContents(school, histories)).toEqual([])
  expect(await readBooks(dataDir, findWrongCounters)).toEqual([])
  expect(foreignMessages(school, await readBooks(dataDir, readStays))).toEqual([])
  // The last read marks may still be on their way to the other devices.
  await until('every list to be right', async () => (await wrongUnreads(school)).length === 0, 20_000).catch(() => {})
  expect(await wrongUnreads(school)).toEqual([])
  await Promise.all(school.everybody.map(({ chat }) => chat.destroy().catch(() => {})))
}, 240_000)

/** Everything that is stored, by its name in the ledger: a sender's for what he told his peer, a class's for the class. */
async function storedOf(school: School): Promise<ReadonlyMap<string, readonly Message[]>> {
  const stored = new Map<string, readonly Message[]>()
  for (const [index, sender] of school.senders.entries()) {
    stored.set(sender.userID, await sender.wholeHistory(`C2Cr${index}`))
    const name = classOf(sender.userID)
    if (!stored.has(name)) stored.set(name, await sender.wholeHistory(`GROUP${name}`))
  }
  return stored
}

function placeOf({ ID, sequence }: Message): { readonly ID: string; readonly sequence: number } {
  return { ID, sequence }
}

/** One-to-one: the sender's own by the answers, his desk and his peer by what they were told. */
function pairLogs({ senders, desks, peers, own }: School): readonly DeviceLog[] {
  return senders.flatMap((sender, index) => {
    const conversation = sender.userID
    const [desk, peer] = [desks[index], peers[index]]
    const sent = own.get(sender)?.filter(({ conversationID }) => conversationID === `C2Cr${index}`) ?? []
    return [
      { device: sender.name, conversation, messages: sent },
      { device: desk?.name ?? '', conversation, messages: desk?.receivedIn(`C2Cr${index}`) ?? [] },
      { device: peer?.name ?? '', conversation, messages: peer?.receivedIn(`C2C${conversation}`) ?? [] },
    ]
  })
}

/** In a class: the sender's own and what he was told, put together; the others by what they were told. */
function classLogs({ senders, desks, peers, own }: School): readonly DeviceLog[] {
  const told = (device: LedgerDevice): DeviceLog => {
    const conversation = classOf(device.userID)
    return { device: device.name, conversation, messages: device.receivedIn(`GROUP${conversation}`) }
  }
  const both = senders.map((sender): DeviceLog => {
    const log = told(sender)
    const sent = own.get(sender)?.filter(({ conversationID }) => conversationID === `GROUP${log.conversation}`) ?? []
    return { ...log, messages: merged(log.messages, sent) }
  })
  return [...both, ...[...desks, ...peers].map(told)]
}

type Place = DeviceLog['messages'][number]

/** Two lists, each in its own order, as one: what is out of order in one of them stays so. */
function merged(a: readonly Place[], b: readonly Place[]): readonly Place[] {
  const [left, right] = [[...a], [...b]]
  const all: Place[] = []
  for (;;) {
    const [first, second] = [left[0], right[0]]
    if (!first || !second) return [...all, ...left, ...right]
    all.push(first.sequence < second.sequence ? first : second)
    ;(first.sequence < second.sequence ? left : right).shift()
  }
}

/** What was changed says so, what was taken back says nothing. */
function wrongContents({ changed, recalled }: School, stored: ReadonlyMap<string, readonly Message[]>): string[] {
  return [...stored.values()].flat().flatMap(({ ID, payload, isRevoked }) => {
    if (recalled.has(ID) !== isRevoked) return [`${ID}: ${isRevoked ? '' : 'not '}revoked`]
    const text = changed.get(ID)
    return !isRevoked && text !== undefined && payload['text'] !== text ? [`${ID}: not changed`] : []
  })
}

/** I11: whoever comes and goes was told of nothing that was said while he was away, and of nothing twice. */
function foreignMessages({ wanderers }: School, stays: readonly StayRow[]): string[] {
  return wanderers.flatMap((wanderer) => {
    const name = classOf(wanderer.userID)
    const own = stays.filter(({ userId, conversationId }) => {
      return userId === wanderer.userID && conversationId === `group:${name}`
    })
    const sequences = wanderer.receivedIn(`GROUP${name}`).map(({ sequence }) => sequence)
    const foreign = sequences.filter((sequence) => {
      return !own.some(({ from, before }) => sequence > from && (before === null || sequence < before))
    })
    const isInOrder = sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] ?? 0))
    return [
      ...(sequences.length === 0 ? [`${wanderer.name} was told of nothing`] : []),
      ...(isInOrder ? [] : [`${wanderer.name} was told out of order`]),
      ...foreign.map((sequence) => `${wanderer.name} was told of ${name} ${sequence}`),
    ]
  })
}

/** Every number in every list, compared with a recount. */
async function wrongUnreads({ everybody }: School): Promise<string[]> {
  const counted = new Map<string, number>()
  for (const { conversationId, userId, unread } of await readBooks(dataDir, recountUnread)) {
    const [type, ...people] = conversationId.split(':')
    if (type === 'system') continue
    const id = type === 'group' ? `GROUP${people[0]}` : `C2C${people.find((one) => one !== userId)}`
    counted.set(`${userId} ${id}`, unread)
  }
  const wrongs: string[] = []
  for (const device of everybody) {
    const shown = await device.unreads()
    for (const [key, unread] of counted) {
      const [userId, id = ''] = key.split(' ')
      if (userId !== device.userID || shown.get(id) === unread) continue
      wrongs.push(`${device.name} shows ${shown.get(id)} in ${id}, counted are ${unread}`)
    }
  }
  return wrongs
}
