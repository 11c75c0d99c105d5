import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { Device } from './kit/device.ts'
import { startRedis } from './kit/redis.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

const redis = await startRedis()
const joined: World[] = []
let world: World
let count = 0

beforeAll(async () => {
  joined.push(await startWorld({ nodes: 2 }))
  if (redis) joined.push(await startWorld({ nodes: 2, env: { REDIS_URL: redis.url } }))
  useWorld(0)
})
afterAll(async () => {
  await Promise.all(joined.map((each) => each.stop()))
  await redis?.stop()
})

function useWorld(index: number): void {
  const chosen = joined[index]
  if (!chosen) throw new Error(`no world ${index}`)
  world = chosen
}

/** Two users nobody else in this file talks to. */
function pair(): readonly [string, string] {
  count++
  return [`teacher_${count}`, `parent_${count}`]
}

const PLACES: readonly (readonly [name: string, peerNode: number, world: number])[] = [
  ['on one node', 0, 0],
  ['on two nodes', 1, 0],
  ...(redis ? [['on two nodes joined by Redis', 1, 1] as const] : []),
]

/** Each story: the peers on one node, on two of one process, and on two that only Redis joins. */
describe.each(PLACES)('two people %s', (_name, peerNode, worldIndex) => {
  beforeAll(() => useWorld(worldIndex))
  afterAll(() => useWorld(0))

  test('texts, custom, face and location messages arrive whole and in order', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p, { node: peerNode })
    const to = { to: p, conversationType: TYPES.CONV_C2C }
    const sent = [
      teacher.chat.createTextMessage({
        ...to,
        payload: { text: '明天家长会 "三点" \\ 👩‍🏫' },
        cloudCustomData: '{"a":1}',
      }),
      teacher.chat.createCustomMessage({ ...to, payload: { data: '{"k":1}', description: 'd', extension: 'e' } }),
      teacher.chat.createFaceMessage({ ...to, payload: { index: 3, data: 'tt03' } }),
      teacher.chat.createLocationMessage({
        ...to,
        payload: { description: '校门口', longitude: 121.5, latitude: 31.25 },
      }),
    ]
    for (const message of sent) {
      const { data } = await teacher.chat.sendMessage(message)
      expect(data.message).toBe(message)
      expect(message.status).toBe('success')
    }
    await until('four messages', () => parent.received().length === 4)
    expect(parent.received().map(({ ID, type, payload, flow }) => ({ ID, type, payload, flow }))).toEqual(
      sent.map(({ ID, type, payload }) => ({ ID, type, payload, flow: 'in' })),
    )
    expect(parent.received()[0]?.cloudCustomData).toBe('{"a":1}')
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    expect(teacher.received()).toEqual([])
    await Promise.all([teacher.leave(), parent.leave()])
  })

  test('what was sent while somebody was away is there, once, when he comes', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    for (const text of ['一', '二', '三']) await teacher.say(p, text)
    const parent = await Device.login(world, p, { node: peerNode })
    expect(await parent.unread(t)).toBe(3)
    expect((await parent.history(t)).map(({ payload }) => payload['text'])).toEqual(['一', '二', '三'])
    await teacher.say(p, '四')
    await until('the fourth', () => parent.receivedTexts().includes('四'))
    expect(parent.receivedTexts()).toEqual(['四'])
    expect(await parent.unread(t)).toBe(4)
    await Promise.all([teacher.leave(), parent.leave()])
  })

  test('reading tells the peer which messages were read, and clears the reader’s other devices', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const phone = await Device.login(world, p, { node: peerNode })
    const tablet = await Device.login(world, p)
    const first = await teacher.say(p, 'a')
    const second = await teacher.say(p, 'b')
    await until('unread on both', async () => (await phone.unread(t)) === 2 && (await tablet.unread(t)) === 2)
    await phone.chat.setMessageRead({ conversationID: `C2C${t}` })
    await until('the tablet is clear', async () => (await tablet.unread(t)) === 0)
    await until('the teacher knows', () => second.isPeerRead)
    const told = teacher.seen(EVENT.MESSAGE_READ_BY_PEER).flatMap((data) => data as Message[])
    expect(told).toEqual([first, second])
    expect((await teacher.conversation(p))?.lastMessage.isPeerRead).toBe(true)
    expect(tablet.chat.getTotalUnreadMessageCount()).toBe(0)
    await Promise.all([teacher.leave(), phone.leave(), tablet.leave()])
  })

  test('a revoked message is gone everywhere, and no longer counts', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p, { node: peerNode })
    const kept = await teacher.say(p, 'kept')
    const slip = await teacher.say(p, 'slip')
    await until('both unread', async () => (await parent.unread(t)) === 2)
    await teacher.chat.revokeMessage(slip)
    await until('the recall', () => parent.seen(EVENT.MESSAGE_REVOKED).length === 1)
    expect(await parent.unread(t)).toBe(1)
    const late = await Device.login(world, p)
    const [one, two] = await late.history(t)
    expect(one?.payload).toEqual(kept.payload)
    expect(two?.isRevoked).toBe(true)
    expect(JSON.stringify(two)).not.toContain('slip')
    expect(teacher.seen(EVENT.MESSAGE_REVOKED)).toEqual([])
    await expect(parent.chat.revokeMessage(one as Message)).rejects.toMatchObject({ code: 2110 })
    await Promise.all([teacher.leave(), parent.leave(), late.leave()])
  })

  test('pins, deletions and own messages follow a user to his other devices', async () => {
    const [t, p] = pair()
    const phone = await Device.login(world, t)
    const desk = await Device.login(world, t, { node: peerNode })
    const sent = await phone.say(p, 'from the phone')
    await until('the desk has it', () => desk.received().length === 1)
    expect(desk.received()[0]).toMatchObject({ ID: sent.ID, flow: 'out', isRead: true })
    expect(phone.received()).toEqual([])
    await desk.chat.pinConversation({ conversationID: `C2C${p}`, isPinned: true })
    await until('pinned on the phone', async () => (await phone.conversation(p))?.isPinned)
    await phone.chat.deleteMessage([sent])
    await until('deleted on the desk', async () => (await desk.conversation(p))?.lastMessage.lastTime === 0)
    expect(await desk.history(p)).toEqual([])
    await phone.say(p, 'again')
    await phone.chat.deleteConversation(`C2C${p}`)
    await until('gone on the desk', async () => (await desk.conversation(p)) === undefined)
    await phone.say(p, 'back')
    await until('back on the desk', async () => (await desk.conversation(p)) !== undefined)
    expect((await desk.history(p)).map(({ payload }) => payload['text'])).toEqual(['back'])
    await Promise.all([phone.leave(), desk.leave()])
  })

  test('an online-only message reaches who is there, and leaves no trace', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p, { node: peerNode })
    await teacher.say(p, 'stored')
    await until('stored', () => parent.received().length === 1)
    await teacher.chat.sendMessage(teacher.text(p, 'typing'), { onlineUserOnly: true })
    await until('volatile', () => parent.received().length === 2)
    expect(await parent.unread(t)).toBe(1)
    expect((await parent.history(t)).map(({ payload }) => payload['text'])).toEqual(['stored'])
    await Promise.all([teacher.leave(), parent.leave()])
  })
})

describe('history', () => {
  test('pages to the beginning and hops both ways without a hole or a double', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p)
    const all = Array.from({ length: 40 }, (_, index) => `m${index + 1}`)
    for (const text of all) await teacher.say(p, text)
    const conversationID = `C2C${t}`
    const pages: unknown[][] = []
    let nextReqMessageID = ''
    for (let isCompleted = false; !isCompleted;) {
      const { data } = await parent.chat.getMessageList({ conversationID, nextReqMessageID })
      pages.unshift(data.messageList.map(({ payload }) => payload['text']))
      nextReqMessageID = data.nextReqMessageID
      isCompleted = data.isCompleted
    }
    expect(pages.flat()).toEqual(all)
    const older = await parent.chat.getMessageListHopping({ conversationID, sequence: 20, direction: 0, count: 15 })
    expect(older.data.messageList.map(({ sequence }) => sequence)).toEqual([
      5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ])
    const newer = await parent.chat.getMessageListHopping({ conversationID, sequence: 38, direction: 1 })
    expect(newer.data.messageList.map(({ sequence }) => sequence)).toEqual([39, 40])
    expect(newer.data.isCompleted).toBe(true)
    const hopped: unknown[] = []
    let time: number | string = (older.data.messageList[0]?.time ?? 0) + 3600
    while (time !== '') {
      const { data }: { data: { messageList: Message[]; nextMessageTime: number | '' } } =
        await parent.chat.getMessageListHopping({ conversationID, time: Number(time), direction: 0 })
      hopped.unshift(...data.messageList.map(({ payload }) => payload['text']))
      time = data.nextMessageTime
    }
    expect(hopped).toEqual(all)
    await Promise.all([teacher.leave(), parent.leave()])
  })

  test('is emptied for one side only', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p)
    await teacher.say(p, 'old')
    await until('arrived', () => parent.received().length === 1)
    await parent.chat.clearHistoryMessage(`C2C${t}`)
    await teacher.say(p, 'new')
    await until('arrived', () => parent.received().length === 2)
    expect((await parent.history(t)).map(({ payload }) => payload['text'])).toEqual(['new'])
    expect((await teacher.history(p)).map(({ payload }) => payload['text'])).toEqual(['old', 'new'])
    const other = await Device.login(world, p)
    expect((await other.history(t)).map(({ payload }) => payload['text'])).toEqual(['new'])
    await Promise.all([teacher.leave(), parent.leave(), other.leave()])
  })
})

describe('sending', () => {
  test('the same message again is stored once and gets the first answer', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p)
    const message = await teacher.say(p, 'once')
    const { sequence, time } = message
    for (let i = 0; i < 5; i++) await teacher.chat.resendMessage(message)
    expect(message).toMatchObject({ sequence, time })
    await teacher.say(p, 'next')
    await until('next', () => parent.receivedTexts().includes('next'))
    expect(parent.receivedTexts()).toEqual(['once', 'next'])
    await Promise.all([teacher.leave(), parent.leave()])
  })

  test('what is too large is refused by name and blocks nothing', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const huge = teacher.text(p, 'x'.repeat(13_000))
    await expect(teacher.chat.sendMessage(huge)).rejects.toMatchObject({ code: 80002, data: { message: huge } })
    expect(huge.status).toBe('fail')
    await expect(teacher.chat.sendMessage(structuredClone(huge))).rejects.toMatchObject({ code: 2105 })
    expect((await teacher.say(p, 'fine')).sequence).toBe(1)
    await teacher.leave()
  })

  test('a conversation with oneself is one conversation', async () => {
    const [t] = pair()
    const phone = await Device.login(world, t)
    const desk = await Device.login(world, t)
    await phone.say(t, 'note to self')
    await until('on the desk', () => desk.received().length === 1)
    expect(await desk.unread(t)).toBe(0)
    expect((await phone.history(t)).map(({ payload }) => payload['text'])).toEqual(['note to self'])
    await Promise.all([phone.leave(), desk.leave()])
  })

  test('sends handed over without waiting keep their order', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const parent = await Device.login(world, p, { node: 1 })
    const texts = Array.from({ length: 300 }, (_, index) => String(index))
    const sent = await Promise.all(texts.map((text) => teacher.say(p, text)))
    expect(sent.map(({ sequence }) => sequence)).toEqual(texts.map((_, index) => index + 1))
    await until('all', () => parent.received().length === texts.length)
    expect(parent.receivedTexts()).toEqual(texts)
    await Promise.all([teacher.leave(), parent.leave()])
  })
})

describe('the list', () => {
  test('opens a conversation that has not begun, keeps drafts, and knows who does not exist', async () => {
    const [t, p] = pair()
    const teacher = await Device.login(world, t)
    const { data } = await teacher.chat.getConversationProfile(`C2C${p}`)
    expect(data.conversation).toMatchObject({ conversationID: `C2C${p}`, unreadCount: 0, userProfile: { userID: p } })
    const draft = await teacher.chat.setConversationDraft({ conversationID: `C2C${p}`, draftText: '草稿' })
    expect(draft.data.conversation.draftText).toBe('草稿')
    await expect(teacher.chat.getConversationProfile('C2C with space')).rejects.toMatchObject({ code: 2503 })
    await expect(teacher.chat.pinConversation({ conversationID: 'C2Cnobody', isPinned: true })).rejects.toMatchObject({
      code: 2500,
    })
    await teacher.leave()
  })
})
