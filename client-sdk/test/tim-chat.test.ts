import { describe, expect, test } from 'vitest'
import type { ConversationId, UserId } from '@hongyan/protocol'
import { Chat } from '../src/tim/chat.ts'
import type { TimEvent } from '../src/tim/emitter.ts'
import { EVENT } from '../src/tim/events.ts'
import { createFacade, type TimInstance } from '../src/tim/facade.ts'
import type { Message } from '../src/tim/mapping/message.ts'
import { TYPES } from '../src/tim/types.ts'
import { FakeClient, virtualPlatform } from './fake-client.ts'
import { VirtualClock } from './virtual-clock.ts'

const ID = 'c2c:parent:teacher' as ConversationId
const TO = { to: 'parent', conversationType: TYPES.CONV_C2C }

interface Stand {
  readonly clock: VirtualClock
  readonly client: FakeClient
  readonly chat: TimInstance
  readonly thrown: unknown[]
  seen(name: string): TimEvent[]
}

function stand(options: { isThrottled?: boolean } = {}): Stand {
  const clock = new VirtualClock()
  const client = new FakeClient()
  const thrown: unknown[] = []
  const inner = new Chat({
    client,
    platform: virtualPlatform(clock),
    isThrottled: options.isThrottled ?? false,
    isPartial: false,
    onThrown: (error) => thrown.push(error),
  })
  const chat = createFacade(inner, () => undefined)
  const events: TimEvent[] = []
  for (const name of Object.values(EVENT)) chat.on(name, (event) => events.push(event))
  return { clock, client, chat, thrown, seen: (name) => events.filter((event) => event.name === name) }
}

async function ready(options: { isThrottled?: boolean } = {}): Promise<Stand> {
  const made = stand(options)
  await made.chat.login({ userID: 'teacher', userSig: 'x' })
  await made.clock.pass(1)
  return made
}

function firstOf(event: TimEvent | undefined): unknown {
  return Array.isArray(event?.data) ? event.data[0] : undefined
}

function text(chat: TimInstance, words = '您好'): Message {
  return chat.createTextMessage({ ...TO, payload: { text: words } })
}

describe('before the login', () => {
  test('a call rejects 2024 and says so in an ERROR event too', async () => {
    const { chat, seen } = stand()
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 2024, data: {} })
    expect(seen(EVENT.ERROR)).toEqual([
      { name: EVENT.ERROR, data: { code: 2024, message: expect.stringContaining('getConversationList') } },
    ])
    expect(chat.getTotalUnreadMessageCount()).toBe(0)
    expect(chat.isReady()).toBe(false)
    expect(chat.getLoginUser()).toBe('')
  })

  test('bad parameters throw at once and without a code, also when nobody catches promises', async () => {
    const { chat } = await ready()
    for (const call of [
      () => chat.createTextMessage({ ...TO, payload: { text: '' } }),
      () => chat.createCustomMessage({ ...TO, payload: { data: 7 as unknown as string } }),
      () => chat.createFaceMessage({ ...TO, payload: { index: 'a' as unknown as number, data: '' } }),
      () => chat.createLocationMessage({ ...TO, payload: { description: '', longitude: 181, latitude: 0 } }),
      () => chat.getConversationProfile(''),
      () => chat.getUserProfile({ userIDList: [1 as unknown as string] }),
    ]) {
      expect(call).toThrow(/参数/)
    }
  })

  test('a refused login leaves everything as it was, with the code of what was wrong', async () => {
    const { chat, client } = stand()
    await expect(chat.login({ userID: '', userSig: 'x' })).rejects.toMatchObject({ code: 2002 })
    await expect(chat.login({ userID: 'a', userSig: '' })).rejects.toMatchObject({ code: 2003 })
    client.failing.set('login', 'SIGNATURE_EXPIRED')
    await expect(chat.login({ userID: 'a', userSig: 'x' })).rejects.toMatchObject({ code: 70001 })
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 3001 })
  })
})

describe('the login', () => {
  test('SDK_READY comes in a later task than the promise, and isReady is true by then', async () => {
    const { chat, clock, seen } = stand()
    await chat.login({ userID: 'teacher', userSig: 'x' })
    expect(seen(EVENT.SDK_READY)).toHaveLength(0)
    expect(chat.isReady()).toBe(true)
    await clock.pass(1)
    expect(seen(EVENT.SDK_READY)).toHaveLength(1)
    const again = await chat.login({ userID: 'teacher', userSig: 'x' })
    expect(again.data).toMatchObject({ repeatLogin: true, actionStatus: 'OK' })
  })

  test.each([
    ['displaced-by-account', 'multipleAccount', 3003],
    ['displaced-by-device', 'multipleDevice', 3002],
    ['signature-expired', 'userSigExpired', 3004],
    ['signed-out-by-admin', 'REST_API_Kick', 3006],
  ] as const)(
    '%s: KICKED_OUT %s, then SDK_NOT_READY, then calls reject %i until the next login',
    async (reason, type, code) => {
      const { chat, client, clock, seen } = await ready()
      client.tell({ kind: 'ended', reason })
      expect(seen(EVENT.KICKED_OUT).map(({ data }) => data)).toEqual([{ type }])
      expect(seen(EVENT.SDK_NOT_READY)).toHaveLength(1)
      await expect(chat.getConversationList()).rejects.toMatchObject({ code })
      await chat.login({ userID: 'teacher', userSig: 'x' })
      await clock.pass(1)
      expect(seen(EVENT.SDK_READY)).toHaveLength(2)
    },
  )

  test('destroy rejects 2024 when nobody is logged in and still destroys', async () => {
    const { chat, seen } = stand()
    await expect(chat.destroy()).rejects.toMatchObject({ code: 2024 })
    expect(seen(EVENT.SDK_DESTROY)).toHaveLength(1)
  })
})

describe('events', () => {
  test('a handler gets its context as this, may be registered twice, and is taken off without the context', async () => {
    const { chat, client, thrown } = await ready()
    const context = { count: 0 }
    const handler = function (this: unknown): void {
      ;(this as typeof context).count++
    }
    chat.on(EVENT.NET_STATE_CHANGE, handler, context)
    chat.on(EVENT.NET_STATE_CHANGE, handler, context)
    chat.on(EVENT.NET_STATE_CHANGE, () => {
      throw new Error('mine')
    })
    client.tell({ kind: 'net', state: 'disconnected' })
    expect(context.count).toBe(2)
    expect(thrown).toHaveLength(1)
    chat.off(EVENT.NET_STATE_CHANGE, handler)
    client.tell({ kind: 'net', state: 'connecting' })
    expect(context.count).toBe(2)
  })

  test('list events: the first at once, what follows within a second merged into one with what is true then', async () => {
    const { client, clock, seen } = await ready({ isThrottled: true })
    for (let i = 0; i < 5; i++) {
      client.store(ID, 'parent', { elements: [{ type: 'text', text: `${i}` }] })
      client.tell({ kind: 'conversations', ids: [ID], isSyncComplete: true })
    }
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(1)
    await clock.pass(999)
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(1)
    await clock.pass(2)
    const [first, second] = seen(EVENT.CONVERSATION_LIST_UPDATED)
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(2)
    expect(second?.isSyncCompleted).toBe(true)
    expect(second?.data).toMatchObject([{ unreadCount: 5, lastMessage: { messageForShow: '4' } }])
    // The same live object: an application may keep it.
    expect(firstOf(second)).toBe(firstOf(first))
    expect(seen(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED).map(({ data }) => data)).toEqual([1, 5])
  })
})

describe('messages', () => {
  test('sendMessage resolves with the very object it was given, changed', async () => {
    const { chat, client } = await ready()
    const message = text(chat)
    expect(message).toMatchObject({
      ID: '100001-1700000000-1',
      status: 'unSend',
      flow: 'out',
      conversationID: 'C2Cparent',
    })
    const ID_BEFORE = message.ID
    const { data } = await chat.sendMessage(message, { messageControlInfo: { excludedFromUnreadCount: true } })
    expect(data.message).toBe(message)
    expect(message).toMatchObject({ ID: ID_BEFORE, status: 'success', sequence: 1, _isExcludedFromUnreadCount: true })
    expect(client.drafts[0]).toMatchObject({ clientMsgId: '1700000000-1', uncounted: true })
    expect(chat.findMessage(ID_BEFORE)).toBe(message)
  })

  test('fields are own and enumerable; copies and clones keep them; a proxy is as good as the message', async () => {
    const { chat, client } = await ready()
    const message = text(chat)
    const copy = JSON.parse(JSON.stringify(message)) as Message
    for (const key of ['ID', 'nick', 'flow', 'readReceiptInfo', 'payload', 'isRevoked']) {
      expect(Object.keys(message)).toContain(key)
      expect(copy).toHaveProperty(key)
    }
    await expect(chat.sendMessage(copy)).rejects.toMatchObject({ code: 2105 })
    const proxy = new Proxy(message, {})
    expect((await chat.sendMessage(proxy)).data.message).toBe(proxy)
    expect(client.drafts).toHaveLength(1)
  })

  test('a failed message rejects with itself, stays in the list, and is sent again under the same ID', async () => {
    const { chat, client } = await ready()
    const message = text(chat)
    client.failing.set('send', 'TIMEOUT')
    await expect(chat.sendMessage(message)).rejects.toMatchObject({ code: 2801, data: { message } })
    expect(message.status).toBe('fail')
    expect(chat.findMessage(message.ID)).toBe(message)
    const { data } = await chat.resendMessage(message)
    expect(data.message).toMatchObject({ status: 'success', isResend: true, ID: message.ID })
    expect((await chat.getMessageList({ conversationID: 'C2Cparent' })).data.messageList).toHaveLength(1)
  })

  test('the payload an application has replaced is what is sent', async () => {
    const { chat, client } = await ready()
    const message = text(chat)
    message.payload = { text: 'replaced' }
    await chat.sendMessage(message)
    expect(client.drafts[0]?.elements).toEqual([{ type: 'text', text: 'replaced' }])
  })

  test('to a group goes into the group’s conversation; to anything else than a user or a group it rejects 2106', async () => {
    const { chat, client } = await ready()
    const message = chat.createTextMessage({ to: 'g1', conversationType: TYPES.CONV_GROUP, payload: { text: 'x' } })
    expect(message.conversationID).toBe('GROUPg1')
    await chat.sendMessage(message)
    expect(client.drafts[0]?.conversationId).toBe('group:g1')
    const odd = chat.createTextMessage({ to: 'x', conversationType: TYPES.CONV_SYSTEM, payload: { text: 'x' } })
    await expect(chat.sendMessage(odd)).rejects.toMatchObject({ code: 2106 })
  })

  test('the revoking instance gets its promise and no event; the other gets the event, the payload stays', async () => {
    const { chat, client, seen } = await ready()
    const message = text(chat)
    await chat.sendMessage(message)
    await chat.revokeMessage(message)
    client.tell({
      kind: 'revoked',
      conversationId: ID,
      seq: 1,
      by: 'teacher' as UserId,
      reason: '',
      byThisInstance: true,
    })
    expect(message).toMatchObject({ isRevoked: true, revoker: 'teacher', payload: { text: '您好' } })
    expect(seen(EVENT.MESSAGE_REVOKED)).toHaveLength(0)
    client.tell({
      kind: 'revoked',
      conversationId: ID,
      seq: 99,
      by: 'parent' as UserId,
      reason: 'r',
      byThisInstance: false,
    })
    expect(seen(EVENT.MESSAGE_REVOKED)[0]?.data).toMatchObject([
      { conversationID: 'C2Cparent', sequence: 99, revoker: 'parent', revokeReason: 'r' },
    ])
  })

  test('MESSAGE_READ_BY_PEER has exactly the messages that were unread until now', async () => {
    const { chat, client, seen } = await ready()
    const [one, two, three] = [text(chat, '1'), text(chat, '2'), text(chat, '3')]
    for (const message of [one, two, three]) await chat.sendMessage(message)
    client.tell({ kind: 'read-by-peer', conversationId: ID, seq: 1, atMs: 1 })
    client.tell({ kind: 'read-by-peer', conversationId: ID, seq: 2, atMs: 2 })
    client.tell({ kind: 'read-by-peer', conversationId: ID, seq: 2, atMs: 2 })
    expect(seen(EVENT.MESSAGE_READ_BY_PEER).map(({ data }) => data)).toEqual([[one], [two]])
    expect(three.isPeerRead).toBe(false)
  })

  test('at most thirty are deleted at once; a failed one only here', async () => {
    const { chat, client } = await ready()
    const messages: Message[] = []
    for (let i = 0; i < 32; i++) messages.push((await chat.sendMessage(text(chat, `${i}`))).data.message)
    const { data } = await chat.deleteMessage(messages)
    expect(data.messageList).toHaveLength(30)
    expect(data.messageList.every(({ isDeleted }) => isDeleted)).toBe(true)
    client.failing.set('send', 'BUSY')
    const failed = text(chat)
    await chat.sendMessage(failed).catch(() => undefined)
    client.failing.set('deleteMessages', 'INTERNAL')
    await chat.deleteMessage([failed])
    expect(chat.findMessage(failed.ID)).toBeNull()
    await expect(chat.deleteMessage([])).rejects.toMatchObject({ code: 2111 })
  })
})

describe('history', () => {
  test('pages have at most 15, go back by the ID they gave, and give the same objects again', async () => {
    const { chat, client } = await ready()
    for (let i = 1; i <= 33; i++) client.store(ID, 'parent', { elements: [{ type: 'text', text: `${i}` }] })
    const first = await chat.getMessageList({ conversationID: 'C2Cparent', count: 100 })
    expect(first.data.messageList.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 15 }, (_, i) => 19 + i))
    const second = await chat.getMessageList({
      conversationID: 'C2Cparent',
      nextReqMessageID: first.data.nextReqMessageID,
    })
    const byNumber = await chat.getMessageList({ conversationID: 'C2Cparent', nextReqMessageID: '19' })
    expect(byNumber.data.messageList).toEqual(second.data.messageList)
    expect(byNumber.data.messageList[0]).toBe(second.data.messageList[0])
    const last = await chat.getMessageList({
      conversationID: 'C2Cparent',
      nextReqMessageID: second.data.nextReqMessageID,
    })
    expect(last.data).toMatchObject({ isCompleted: true, nextReqMessageID: '' })
    const again = await chat.getMessageList({ conversationID: 'C2Cparent' })
    expect(again.data.messageList[14]).toBe(first.data.messageList[14])
  })

  test('more than twenty pages a second reject 2996', async () => {
    const { chat, clock } = await ready()
    const calls = Array.from({ length: 21 }, () =>
      chat.getMessageList({ conversationID: 'C2Cparent' }).then(
        () => 0,
        (error: { code: number }) => error.code,
      ),
    )
    expect((await Promise.all(calls)).filter((code) => code === 2996)).toHaveLength(1)
    await clock.pass(1_000)
    await expect(chat.getMessageList({ conversationID: 'C2Cparent' })).resolves.toMatchObject({ code: 0 })
  })
})

describe('conversations', () => {
  test('pinned ones first, then by the last message; malformed ids are refused in TIM’s words', async () => {
    const { chat, client } = await ready()
    client.store('c2c:a:teacher' as ConversationId, 'a', { elements: [{ type: 'face', index: 1, data: '' }] })
    client.store('c2c:b:teacher' as ConversationId, 'b', {
      elements: [{ type: 'custom', data: '{}', description: '', extension: '' }],
    })
    client.store('c2c:b:teacher' as ConversationId, 'b', {
      elements: [{ type: 'location', description: '', longitude: 1, latitude: 2 }],
    })
    const order = async () =>
      (await chat.getConversationList()).data.conversationList.map(({ conversationID }) => conversationID)
    expect(await order()).toEqual(['C2Cb', 'C2Ca'])
    await chat.pinConversation({ conversationID: 'C2Ca', isPinned: true })
    expect(await order()).toEqual(['C2Ca', 'C2Cb'])
    const { conversationList } = (await chat.getConversationList({ hasUnreadCount: true })).data
    expect(conversationList.map(({ lastMessage }) => lastMessage.messageForShow)).toEqual(['[动画表情]', '[位置]'])
    await expect(chat.getConversationProfile('nonsense')).rejects.toMatchObject({ code: 2503 })
    await expect(chat.getConversationProfile('GROUP')).rejects.toMatchObject({ code: 2503 })
  })

  test('reading what is read is silent, local and cheap; without a conversation it rejects and does not throw', async () => {
    const { chat, client, seen } = await ready()
    client.store(ID, 'parent', { elements: [{ type: 'text', text: '1' }] })
    await chat.setMessageRead({ conversationID: 'C2Cparent' })
    const before = seen(EVENT.CONVERSATION_LIST_UPDATED).length
    for (let i = 0; i < 10; i++) await chat.setMessageRead({ conversationID: 'C2Cparent' })
    await chat.setMessageRead({ conversationID: 'C2Cunknown' })
    expect(client.reads).toEqual([ID])
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(before)
    await expect(chat.setMessageRead({} as { conversationID: string })).rejects.toMatchObject({ code: 2503 })
  })

  test('the key of a deletion’s result depends on how it was asked', async () => {
    const { chat, client } = await ready()
    client.store(ID, 'parent', { elements: [{ type: 'text', text: '1' }] })
    expect((await chat.deleteConversation('C2Cparent')).data).toEqual({ conversationID: 'C2Cparent' })
    client.store(ID, 'parent', { elements: [{ type: 'text', text: '2' }] })
    expect((await chat.deleteConversation({ conversationIDList: ['C2Cparent'] })).data).toEqual({
      conversationIDList: ['C2Cparent'],
    })
    await expect(chat.deleteConversation('C2Cparent')).rejects.toMatchObject({ code: 2500 })
  })

  test('a conversation that has no message can be opened, drafted in, and removed', async () => {
    const { chat } = await ready()
    const { data } = await chat.getConversationProfile('C2Cparent')
    expect(data.conversation).toMatchObject({
      unreadCount: 0,
      lastMessage: { lastTime: 0, payload: null },
      groupAtInfoList: [],
    })
    const draft = await chat.setConversationDraft({ conversationID: 'C2Cparent', draftText: '草稿' })
    expect(draft.data).toMatchObject({ code: 0, conversation: { draftText: '草稿' } })
    await chat.deleteConversation('C2Cparent')
    expect((await chat.getConversationList()).data.conversationList).toEqual([])
  })

  test('marking all as read is allowed once a second and knows its scopes', async () => {
    const { chat, clock } = await ready()
    await chat.setAllMessageRead({ scope: TYPES.READ_ALL_MSG })
    await expect(chat.setAllMessageRead({})).rejects.toMatchObject({ code: 2996 })
    await clock.pass(1_000)
    await expect(chat.setAllMessageRead({ scope: 'nonsense' })).rejects.toMatchObject({ code: 2112 })
  })
})

test('what UI kits ask for right after the login resolves in the right shape', async () => {
  const { chat } = await ready()
  expect((await chat.getFriendList()).data).toEqual([])
  expect((await chat.getBlacklist()).data).toEqual([])
  expect((await chat.getGroupList()).data.groupList).toEqual([])
  expect((await chat.getFriendApplicationList()).data).toEqual({ friendApplicationList: [], unreadCount: 0 })
  expect((await chat.getMyProfile()).data).toMatchObject({ userID: 'teacher', nick: 'nick of teacher' })
  expect((await chat.getUserProfile({ userIDList: ['parent', 'nobody'] })).data).toHaveLength(1)
  for (const [bit, enabled] of [
    [2 ** 48, true],
    [2 ** 5, true],
    [2 ** 38, false],
  ] as const) {
    expect((await chat.callExperimentalAPI('isCommercialAbilityEnabled', bit)).data).toEqual({ enabled })
  }
  expect(chat.callExperimentalAPI('canIUseModule', ['group-module'])).toBe(true)
  expect(await chat.callExperimentalAPI('statTUIKeyFeatures')).toMatchObject({ code: 0 })
  await expect(chat.callExperimentalAPI('nonsense')).rejects.toMatchObject({ code: 2905 })
})
