import { describe, expect, test } from 'vitest'
import type { ConversationId } from '@hongyan/protocol'
import { toTimMessage, type Message } from '../mapping/message.ts'
import { makeMediaRig } from '../test/media-rig.ts'
import { TYPES } from '../types.ts'

const TO = { to: 'parent', conversationType: TYPES.CONV_C2C }
const SAID = { title: '聊天记录', abstractList: ['王老师: 一'], compatibleText: '请升级' }
const WITH_PARENT = 'c2c:parent:teacher' as ConversationId

type Rig = ReturnType<typeof makeMediaRig>

/** Messages that the parent has sent. */
function received({ client }: Rig, ...texts: readonly string[]): Message[] {
  return texts.map((text) => {
    const wire = client.store(WITH_PARENT, 'parent', { elements: [{ type: 'text', text }] })
    if (!client.self) throw new Error('nobody is logged in')
    return toTimMessage(wire, client.self, { readSeq: 0, peerReadSeq: 0 })
  })
}

describe('merging', () => {
  test('carries the messages as TIM does, by their time, and sends a short list in the message itself', async () => {
    const rig = makeMediaRig()
    const [first, second] = received(rig, '一', '二') as [Message, Message]
    second.time = first.time
    const messageList = [second, first]
    const message = rig.methods.createMergerMessage({ ...TO, payload: { messageList, ...SAID } })
    expect(message.type).toBe(TYPES.MSG_MERGER)
    expect(message.payload).toMatchObject({ ...SAID, downloadKey: '', layersOverLimit: false })
    expect(message.payload['messageList']).toMatchObject([{ ID: first.ID }, { ID: second.ID }])
    const later = Object.assign(received(rig, '三')[0] ?? first, { time: first.time - 1 })
    const merged = rig.methods.createMergerMessage({ ...TO, payload: { messageList: [first, later], ...SAID } })
    expect(merged.payload['messageList']).toMatchObject([{ ID: later.ID }, { ID: first.ID }])
    expect((message.payload['messageList'] as object[])[0]).toEqual({
      ID: first.ID,
      from: 'parent',
      nick: '',
      avatar: '',
      time: first.time,
      clientTime: first.clientTime,
      messageSequence: 1,
      messageRandom: first.random,
      messageSender: 'parent',
      receiverUserID: 'teacher',
      cloudCustomData: '',
      messageBody: [{ type: TYPES.MSG_TEXT, payload: { text: '一' } }],
    })
    await rig.methods.sendMessage(message)
    expect(rig.client.running).toEqual([])
    expect(rig.client.drafts[0]?.elements).toMatchObject([
      { type: 'merger', title: '聊天记录', abstracts: ['王老师: 一'], compatibleText: '请升级', fileIds: [] },
    ])
  })

  test('throws for an empty list, for what was not sent or has failed, and without a text for old clients', () => {
    const rig = makeMediaRig()
    const [message] = received(rig, '一') as [Message]
    const unsent = rig.methods.createFileMessage({
      ...TO,
      payload: { file: { name: 'a', size: 1, type: '', slice: Object } },
    })
    const merge = (messageList: Message[], more: object = {}) =>
      rig.methods.createMergerMessage({ ...TO, payload: { messageList, ...SAID, ...more } })
    const failed = Object.assign(received(rig, '二')[0] ?? message, { status: 'fail' })
    for (const list of [[], [unsent], [message, failed]]) expect(() => merge(list)).toThrow('createMergerMessage')
    expect(() => merge([message], { compatibleText: '' })).toThrow('compatibleText')
    expect(() => merge(Array.from({ length: 301 }, () => message))).toThrow('300')
  })

  test('leaves out what was revoked', () => {
    const rig = makeMediaRig()
    const [first, second] = received(rig, '一', '二') as [Message, Message]
    first.isRevoked = true
    const merge = (messageList: Message[]) =>
      rig.methods.createMergerMessage({ ...TO, payload: { messageList, ...SAID } })
    expect(merge([first, second]).payload['messageList']).toMatchObject([{ ID: second.ID }])
    expect(() => merge([first])).toThrow('createMergerMessage')
  })

  test('stores a long list aside before it sends, and once only', async () => {
    const rig = makeMediaRig()
    const messageList = received(rig, ...Array.from({ length: 60 }, (_, n) => `第 ${n} 条消息`))
    const message = rig.methods.createMergerMessage({ ...TO, payload: { messageList, ...SAID } })
    rig.client.failing.set('send', 'TIMEOUT')
    const sent = rig.methods.sendMessage(message).catch((error: unknown) => error)
    await rig.settle()
    expect(rig.client.running).toMatchObject([{ kind: 'merger', conversationId: WITH_PARENT }])
    const [upload] = rig.client.running
    const { content, bytes } = upload?.source ?? { content: undefined, bytes: 0 }
    const { text } = content as { text: string }
    expect(bytes).toBe(Buffer.byteLength(text))
    expect(JSON.parse(text)).toHaveLength(60)
    rig.client.running[0]?.arrive()
    expect(await sent).toMatchObject({ code: 2801 })
    await rig.methods.resendMessage(message)
    expect(rig.client.running).toHaveLength(1)
    const fileId = `file1${'0'.repeat(17)}`
    expect(message.payload).toMatchObject({ downloadKey: fileId, messageList: [] })
    expect(rig.client.drafts[0]?.elements).toEqual([
      {
        type: 'merger',
        title: '聊天记录',
        abstracts: ['王老师: 一'],
        compatibleText: '请升级',
        list: { fileId },
        fileIds: [],
      },
    ])
  })

  test('rejects 2400 when the list cannot be stored', async () => {
    const rig = makeMediaRig()
    const messageList = received(rig, 'x'.repeat(12_000))
    const sent = rig.methods.sendMessage(rig.methods.createMergerMessage({ ...TO, payload: { messageList, ...SAID } }))
    const outcome = sent.catch((error: unknown) => error)
    await rig.settle()
    rig.client.running[0]?.fail(new Error('cut'))
    expect(await outcome).toMatchObject({ code: 2400 })
  })
})

describe('fetching a merged list', () => {
  const KEY = 'k'.repeat(22)

  function stored(rig: Rig, ...fileIds: readonly string[]): Message {
    const element = { ...rest, list: { fileId: KEY }, fileIds: [...fileIds] }
    const wire = rig.client.store(WITH_PARENT, 'parent', { elements: [element] })
    if (!rig.client.self) throw new Error('nobody is logged in')
    return toTimMessage(wire, rig.client.self, { readSeq: 0, peerReadSeq: 0 })
  }
  const rest = { type: 'merger' as const, title: 't', abstracts: [], compatibleText: 'c' }

  test('resolves with the message itself, its list filled and its key cleared', async () => {
    const rig = makeMediaRig()
    const message = stored(rig)
    const { payload } = message
    rig.client.texts.set(
      KEY,
      JSON.stringify([{ ID: '1-2-3', messageBody: [{ type: 'TIMTextElem', payload: { text: '一' } }] }]),
    )
    expect(await rig.methods.downloadMergerMessage(message)).toBe(message)
    expect(message.payload).toBe(payload)
    expect(payload['downloadKey']).toBe('')
    expect(payload['messageList']).toMatchObject([{ ID: '1-2-3', messageBody: [{ payload: { text: '一' } }] }])
    await expect(rig.methods.downloadMergerMessage(message)).rejects.toMatchObject({ code: 2451 })
  })

  test('rejects 2450 for another message, 2451 without a key, 2452 when it is not there or is no list', async () => {
    const rig = makeMediaRig()
    const [text] = received(rig, '一') as [Message]
    await expect(rig.methods.downloadMergerMessage(text)).rejects.toMatchObject({ code: 2450 })
    const inline = rig.methods.createMergerMessage({ ...TO, payload: { messageList: [text], ...SAID } })
    await expect(rig.methods.downloadMergerMessage(inline)).rejects.toMatchObject({ code: 2451 })
    await expect(rig.methods.downloadMergerMessage(stored(rig))).rejects.toMatchObject({ code: 2452 })
    rig.client.texts.set(KEY, '<html>')
    await expect(rig.methods.downloadMergerMessage(stored(rig))).rejects.toMatchObject({ code: 2452 })
  })
})
