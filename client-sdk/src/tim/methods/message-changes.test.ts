import { describe, expect, test } from 'vitest'
import type { EntryOf, UserId } from '@hongyan/protocol'
import { EVENT } from '../events.ts'
import type { Message } from '../mapping/message.ts'
import { CLASS, classStand, lastAsked, person, received, says, TO_CLASS } from '../test/group-stand.ts'
import type { Stand } from '../test/stand.ts'

async function mine({ chat }: Stand, more: object = {}): Promise<Message> {
  const message = chat.createTextMessage({ ...TO_CLASS, payload: { text: '旧' }, ...more })
  return (await chat.sendMessage(message)).data.message
}

/** The server tells of a change. */
function modified({ client }: Stand, change: Partial<EntryOf<'modified'>> = {}, byThisInstance = false): void {
  const entry = {
    ...{ kind: 'modified', seq: 1, version: 1, elements: [{ type: 'text', text: '新' }], atMs: 1 },
    ...{ by: 'teacher' as UserId, senderId: 'teacher' as UserId },
    ...change,
  } as EntryOf<'modified'>
  client.tell({ kind: 'modified', conversationId: CLASS, entry, byThisInstance })
}

describe('modifyMessage', () => {
  test('sends the payload that the application put there, of the version it saw', async () => {
    const stand = await classStand()
    const message = await mine(stand)
    stand.client.answer('message.modify', { version: 1, atMs: 1 })
    message.payload = { text: '改' }
    message.cloudCustomData = '{"a":1}'
    const { data } = await stand.chat.modifyMessage(message)
    expect(lastAsked(stand)?.body).toEqual({
      ...{ conversationId: CLASS, seq: 1, version: 0, elements: [{ type: 'text', text: '改' }], customData: '{"a":1}' },
    })
    expect(data.message).toBe(message)
    expect(message).toMatchObject({ version: 1, isModified: true, payload: { text: '改' } })
    expect(stand.seen(EVENT.MESSAGE_MODIFIED)).toHaveLength(0)
    modified(stand, { elements: [{ type: 'text', text: '改' }], customData: '{"a":1}' }, true)
    expect(stand.seen(EVENT.MESSAGE_MODIFIED)).toEqual([[message]])
  })

  test('takes a copy that a framework hands back, and changes the object that is kept', async () => {
    const stand = await classStand()
    const message = await mine(stand)
    stand.client.answer('message.modify', { version: 1, atMs: 1 })
    const copy = JSON.parse(JSON.stringify(message)) as Message
    copy.payload = { text: '改' }
    expect((await stand.chat.modifyMessage(copy)).data.message).toBe(message)
    expect(message.payload).toEqual({ text: '改' })
  })

  test('that came too late rejects 2480 and hands over the newest, on the same object', async () => {
    const stand = await classStand()
    const message = await mine(stand)
    const [stored] = stand.client.stored.get(CLASS) ?? []
    if (!stored) throw new Error('nothing is stored')
    const newest = { ...stored, id: message.ID, version: 2, elements: [{ type: 'text' as const, text: '别人改的' }] }
    stand.client.stored.set(CLASS, [newest])
    stand.client.failing.set('modify', 'MODIFY_CONFLICT')
    message.payload = { text: '我改的' }
    const error = await stand.chat.modifyMessage(message).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 2480, data: { message: { payload: { text: '别人改的' }, version: 2 } } })
    expect((error as { data: { message: Message } }).data.message).toBe(message)
  })

  test.each([
    ['NOT_MODIFIABLE', 10007],
    ['NO_SUCH_MESSAGE', 20026],
    ['MESSAGE_REVOKED', 20026],
  ] as const)('%s is %i', async (name, code) => {
    const stand = await classStand()
    const message = await mine(stand)
    stand.client.failing.set('modify', name)
    await expect(stand.chat.modifyMessage(message)).rejects.toMatchObject({ code })
  })

  test('is not for live rooms, nor for what was never sent', async () => {
    const stand = await classStand({ group: { type: 'live' } })
    await expect(stand.chat.modifyMessage(await mine(stand))).rejects.toMatchObject({ code: 2481 })
    const other = await classStand()
    const unsent = other.chat.createTextMessage({ ...TO_CLASS, payload: { text: 'x' } })
    await expect(other.chat.modifyMessage(unsent)).rejects.toMatchObject({ code: 20026 })
  })
})

describe('MESSAGE_MODIFIED', () => {
  test('brings the object that the application holds up to date', async () => {
    const stand = await classStand()
    says(stand, 'parent', '旧')
    const message = received(stand)
    modified(stand, { customData: 'c' })
    expect(stand.seen(EVENT.MESSAGE_MODIFIED)).toEqual([[message]])
    expect(message).toMatchObject({ payload: { text: '新' }, cloudCustomData: 'c', version: 1, isModified: true })
    expect(message.getElements()[0]?.content).toBe(message.payload)
  })

  test('is not told of what is older than what is known, of what is revoked, and of what is not kept', async () => {
    const stand = await classStand()
    says(stand, 'parent', '旧')
    modified(stand, { version: 3, elements: [{ type: 'text', text: '3' }] })
    modified(stand, { version: 2 })
    modified(stand, { seq: 99 })
    received(stand).isRevoked = true
    modified(stand, { version: 4 })
    expect(stand.seen(EVENT.MESSAGE_MODIFIED)).toHaveLength(1)
    expect(received(stand).payload.text).toBe('3')
  })

  test('a change that happened while this device was away shows with the next page', async () => {
    const stand = await classStand()
    says(stand, 'parent', '旧')
    const message = received(stand)
    const [stored] = stand.client.stored.get(CLASS) ?? []
    if (!stored) throw new Error('nothing is stored')
    stand.client.stored.set(CLASS, [{ ...stored, version: 1, elements: [{ type: 'text', text: '新' }] }])
    await stand.chat.getMessageList({ conversationID: 'GROUPclass1' })
    expect(message).toMatchObject({ payload: { text: '新' }, isModified: true })
  })
})

describe('pinned messages', () => {
  const pin = (pinned: boolean, seq = 1) =>
    ({ kind: 'message-pinned', seq, pinned, by: person('admin') }) satisfies EntryOf<'message-pinned'>

  test('are pinned for everybody, and come with who pinned them', async () => {
    const stand = await classStand()
    const wire = says(stand, 'parent', '公告')
    const message = received(stand)
    stand.client.answer('group.pinMessage', {})
    await stand.chat.pinGroupMessage({ groupID: 'class1', message, isPinned: true })
    expect(lastAsked(stand)?.body).toEqual({ conversationId: CLASS, seq: 1, pinned: true })
    expect(Object.keys(message)).not.toContain('pinnerInfo')
    stand.client.answer('group.pinnedMessages', { pinned: [{ message: wire, by: person('admin'), atMs: 1 }] })
    const { messageList } = (await stand.chat.getPinnedGroupMessageList('class1')).data
    expect(messageList).toEqual([message])
    expect(messageList[0]).toBe(message)
    expect(message.pinnerInfo).toMatchObject({ userID: 'admin', nick: 'nick of admin' })
    expect(Object.keys(message)).toContain('pinnerInfo')
  })

  test('of another group or not sent reject 10004; one too many 10070, twice 10071', async () => {
    const stand = await classStand()
    says(stand, 'parent', 'x')
    const message = received(stand)
    const options = { groupID: 'class1', message, isPinned: true }
    await expect(stand.chat.pinGroupMessage({ ...options, groupID: 'class2' })).rejects.toMatchObject({ code: 10004 })
    for (const [name, code] of [
      ['TOO_MANY_PINNED', 10070],
      ['ALREADY_PINNED', 10071],
      ['NOT_PERMITTED', 10007],
    ] as const) {
      stand.client.failing.set('group.pinMessage', name)
      await expect(stand.chat.pinGroupMessage(options)).rejects.toMatchObject({ code })
    }
  })

  test('are told with the message, which is fetched where it is not kept', async () => {
    const stand = await classStand()
    says(stand, 'parent', '1')
    const message = received(stand)
    stand.client.tell({ kind: 'annotated', conversationId: CLASS, annotation: pin(true) })
    const operatorInfo = { userID: 'admin', nick: 'nick of admin', avatar: 'https://school.example/admin.png' }
    expect(stand.seen(EVENT.PINNED_GROUP_MESSAGE_UPDATED)).toEqual([
      { groupID: 'class1', message, isPinned: true, operatorInfo },
    ])
    stand.client.store(CLASS, 'parent', { elements: [{ type: 'text', text: '2' }] })
    stand.client.tell({ kind: 'annotated', conversationId: CLASS, annotation: pin(false, 2) })
    await stand.clock.pass(1)
    const second = stand.seen(EVENT.PINNED_GROUP_MESSAGE_UPDATED)[1] as { message: Message; isPinned: boolean }
    expect(second).toMatchObject({ isPinned: false, message: { sequence: 2, payload: { text: '2' } } })
    expect(stand.chat.findMessage(second.message.ID)).toBe(second.message)
  })
})

describe('extensions', () => {
  test('are set, read and deleted on a message that allows them', async () => {
    const stand = await classStand()
    const message = await mine(stand, { isSupportExtension: true })
    const extensions = [{ key: 'a', value: '1' }]
    stand.client.answer('extension.set', {})
    stand.client.answer('extension.list', { extensions: [...extensions, { key: 'b', value: '2' }] })
    stand.client.answer('extension.delete', { keys: ['a'] })
    const set = await stand.chat.setMessageExtensions(message, extensions)
    expect(lastAsked(stand)?.body).toEqual({ conversationId: CLASS, seq: 1, extensions })
    expect(set.data).toEqual({ extensions: [{ code: 0, key: 'a', value: '1' }] })
    expect((await stand.chat.getMessageExtensions(message)).data.extensions).toHaveLength(2)
    expect((await stand.chat.getMessageExtensions(message, ['b'])).data.extensions).toEqual([{ key: 'b', value: '2' }])
    const deleted = await stand.chat.deleteMessageExtensions(message)
    expect(lastAsked(stand)?.body).toEqual({ conversationId: CLASS, seq: 1, keys: [] })
    expect(deleted.data.extensions).toMatchObject([{ code: 0, key: 'a' }])
    stand.client.failing.set('extension.delete', 'NO_SUCH_EXTENSION')
    await expect(stand.chat.deleteMessageExtensions(message, ['x'])).rejects.toMatchObject({ code: 23004 })
  })

  test('on a message that allows none, or was not sent, throw at once', async () => {
    const stand = await classStand()
    const plain = await mine(stand)
    const unsent = stand.chat.createTextMessage({ ...TO_CLASS, payload: { text: 'x' }, isSupportExtension: true })
    const allowed = await mine(stand, { isSupportExtension: true })
    const list = [{ key: 'a', value: '1' }]
    const tooMany = Array.from({ length: 21 }, (_, i) => ({ key: `${i}`, value: '' }))
    for (const call of [
      () => stand.chat.setMessageExtensions(plain, list),
      () => stand.chat.setMessageExtensions(unsent, list),
      () => stand.chat.getMessageExtensions(plain),
      () => stand.chat.deleteMessageExtensions(unsent),
      () => stand.chat.setMessageExtensions(allowed, []),
      () => stand.chat.setMessageExtensions(allowed, tooMany),
      () => stand.chat.setMessageExtensions(allowed, [{ key: '', value: '' }]),
    ]) {
      expect(call).toThrow(/MessageExtensions/)
    }
  })

  test('are told, those that were set and those that were deleted', async () => {
    const stand = await classStand()
    const tell = (set: { key: string; value: string }[], deleted: string[]) => {
      const annotation = { kind: 'extensions', seq: 1, messageId: 'm-1', set, deleted } as const
      stand.client.tell({ kind: 'annotated', conversationId: CLASS, annotation: { ...annotation, deleted } })
    }
    tell([{ key: 'a', value: '1' }], [])
    tell([], ['a'])
    expect(stand.seen(EVENT.MESSAGE_EXTENSIONS_UPDATED)).toEqual([
      { messageID: 'm-1', extensions: [{ key: 'a', value: '1' }] },
    ])
    expect(stand.seen(EVENT.MESSAGE_EXTENSIONS_DELETED)).toEqual([{ messageID: 'm-1', keyList: ['a'] }])
  })
})
