import { describe, expect, test } from 'vitest'
import { EVENT } from '../events.ts'
import type { Message } from '../mapping/message.ts'
import { parentSays, readyStand, textMessage, TO_PARENT, WITH_PARENT } from '../test/stand.ts'

describe('sendMessage', () => {
  test('refuses with 2105 what this SDK did not make for whoever is logged in now', async () => {
    const stand = await readyStand()
    const { chat, client } = stand
    const own = textMessage(chat, 'own')
    parentSays(stand, '老师好')
    const [received] = (await chat.getMessageList({ conversationID: 'C2Cparent' })).data.messageList
    const earlier = textMessage(chat, 'of an earlier login')
    earlier.senderTinyID = '999'
    for (const wrong of [
      Object.assign({}, own),
      JSON.parse(JSON.stringify(own)) as Message,
      received,
      earlier,
      null,
      'text',
    ]) {
      await expect(chat.sendMessage(wrong as Message)).rejects.toMatchObject({ code: 2105 })
    }
    expect(client.drafts).toHaveLength(0)
  })

  test('tells nothing of its own: the core tells of the conversation, and nobody of a received message', async () => {
    const { chat, seen } = await readyStand()
    await chat.sendMessage(textMessage(chat, '1'))
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(0)
    expect(seen(EVENT.MESSAGE_RECEIVED)).toHaveLength(0)
  })

  test('sends all elements of a forwarded message, the first with the payload as it is now', async () => {
    const { chat, client } = await readyStand()
    const original = textMessage(chat, 'first')
    original._elements.push({ type: 'TIMFaceElem', content: { index: 1, data: 'x' } })
    const forward = chat.createForwardMessage({ ...TO_PARENT, payload: original })
    expect(forward.payload).not.toBe(original.payload)
    forward.payload = { text: 'changed' }
    await chat.sendMessage(forward)
    expect(client.drafts[0]?.elements).toEqual([
      { type: 'text', text: 'changed' },
      { type: 'face', index: 1, data: 'x' },
    ])
  })

  test('a proxy around a message, as frameworks make them, is listed once and changed in place', async () => {
    const { chat, client, seen } = await readyStand()
    const raw = textMessage(chat, 'x')
    const proxy = new Proxy(raw, {})
    expect((await chat.sendMessage(proxy)).data.message).toBe(proxy)
    await chat.sendMessage(raw)
    expect(raw).toMatchObject({ status: 'success', sequence: 2 })
    client.tell({ kind: 'read-by-peer', conversationId: WITH_PARENT, seq: 2, atMs: 1 })
    expect(seen(EVENT.MESSAGE_READ_BY_PEER)).toEqual([[raw]])
    expect(raw.isPeerRead).toBe(true)
  })

  test('a message for those online only is kept nowhere, whether it went or failed', async () => {
    const { chat, client } = await readyStand()
    const typing = chat.createCustomMessage({ ...TO_PARENT, payload: { data: '{}' } })
    await chat.sendMessage(typing, { onlineUserOnly: true })
    expect(typing).toMatchObject({ status: 'success', _onlineOnlyFlag: true })
    expect(chat.findMessage(typing.ID)).toBeNull()
    client.failing.set('sendVolatile', 'BUSY')
    const lost = chat.createCustomMessage({ ...TO_PARENT, payload: { data: '{}' } })
    await expect(chat.sendMessage(lost, { onlineUserOnly: true })).rejects.toMatchObject({ code: 20004 })
    expect(chat.findMessage(lost.ID)).toBeNull()
  })

  test('carries what the sender decided; options may be null', async () => {
    const { chat, client } = await readyStand()
    const message = chat.createTextMessage({
      ...TO_PARENT,
      payload: { text: 'x' },
      priority: 'High',
      cloudCustomData: '{"a":1}',
      needReadReceipt: true,
    })
    await chat.sendMessage(message, { messageControlInfo: { excludedFromLastMessage: true } })
    expect(client.drafts[0]).toMatchObject({
      priority: 'high',
      customData: '{"a":1}',
      needsReceipt: true,
      notLast: true,
    })
    await chat.sendMessage(textMessage(chat, 'y'), null as unknown as undefined)
    expect(() => chat.sendMessage(message, 'soon' as unknown as undefined)).toThrow(/sendMessage/)
  })

  test('what fails because the login ended has the reason of the end', async () => {
    const { chat, client } = await readyStand()
    const message = textMessage(chat, 'x')
    client.send = async () => {
      client.self = undefined
      client.tell({ kind: 'ended', reason: 'signed-out-by-admin' })
      throw Object.assign(new Error('CLOSED'), { failure: 'CLOSED' })
    }
    await expect(chat.sendMessage(message)).rejects.toMatchObject({ code: 3006, data: { message } })
    expect(message.status).toBe('fail')
  })
})

describe('resendMessage', () => {
  test('sends the same again, decisions included, so that the server knows it for the same', async () => {
    const { chat, client } = await readyStand()
    const message = textMessage(chat, 'x')
    client.failing.set('send', 'TIMEOUT')
    const decisions = { messageControlInfo: { excludedFromUnreadCount: true, excludedFromLastMessage: true } }
    await expect(chat.sendMessage(message, decisions)).rejects.toMatchObject({ code: 2801 })
    await chat.resendMessage(message)
    expect(client.drafts[0]).toMatchObject({ uncounted: true, notLast: true })
    expect(message.isResend).toBe(true)
  })

  test('moves the failed one to the end of the list', async () => {
    const stand = await readyStand()
    const { chat, client } = stand
    const failed = textMessage(chat, 'failed')
    client.failing.set('send', 'BUSY')
    await chat.sendMessage(failed).catch(() => undefined)
    parentSays(stand, 'in between')
    await chat.resendMessage(failed)
    const { messageList } = (await chat.getMessageList({ conversationID: 'C2Cparent' })).data
    expect(messageList.map(({ payload }) => payload.text)).toEqual(['in between', 'failed'])
  })

  test('refuses a stranger’s message without touching it', async () => {
    const stand = await readyStand()
    parentSays(stand, 'x')
    const [received] = (await stand.chat.getMessageList({ conversationID: 'C2Cparent' })).data.messageList
    if (!received) throw new Error('nothing was received')
    await expect(stand.chat.resendMessage(received)).rejects.toMatchObject({ code: 2105 })
    expect(received).toMatchObject({ status: 'success', isResend: false })
    expect(stand.chat.findMessage(received.ID)).toBe(received)
  })
})

describe('deleteMessage', () => {
  test('takes a copy as well and marks the kept object too', async () => {
    const { chat } = await readyStand()
    const { message } = (await chat.sendMessage(textMessage(chat, 'x'))).data
    const copy = JSON.parse(JSON.stringify(message)) as Message
    const { data } = await chat.deleteMessage([copy])
    expect(data.messageList[0]).toBe(copy)
    expect([copy.isDeleted, message.isDeleted, chat.findMessage(message.ID)]).toEqual([true, true, null])
  })
})

describe('revokeMessage', () => {
  test('refuses with 2110 what is not a sent message of mine, and gives the server’s reasons in TIM’s numbers', async () => {
    const { chat, client } = await readyStand()
    const message = textMessage(chat, 'x')
    await expect(chat.revokeMessage(message)).rejects.toMatchObject({ code: 2110 })
    await chat.sendMessage(message)
    await expect(chat.revokeMessage(Object.assign({}, message))).rejects.toMatchObject({ code: 2110 })
    client.failing.set('revoke', 'REVOKE_WINDOW_OVER')
    await expect(chat.revokeMessage(message)).rejects.toMatchObject({ code: 20016 })
    expect(message.isRevoked).toBe(false)
    const { data } = await chat.revokeMessage(message, { reason: '发错了' })
    expect(data.message).toBe(message)
    expect(message).toMatchObject({
      ...{ isRevoked: true, revoker: 'teacher', revokeReason: '发错了', payload: { text: 'x' } },
      revokerInfo: { userID: 'teacher', nick: '王老师' },
    })
  })

  test.each([
    [undefined, 0],
    [true, 1],
  ])('with emitOwnRevoke %s the revoking instance is told of it %i times', async (tellsOwnRevokes, times) => {
    const { chat, client, seen } = await readyStand(tellsOwnRevokes === undefined ? {} : { tellsOwnRevokes })
    const { message } = (await chat.sendMessage(textMessage(chat, 'x'))).data
    await chat.revokeMessage(message)
    const { conversationId } = client.drafts[0] ?? {}
    if (!conversationId || !client.self) throw new Error('nothing was sent')
    const by = client.self.userId
    client.tell({ kind: 'revoked', conversationId, seq: message.sequence, by, reason: '', byThisInstance: true })
    expect(seen(EVENT.MESSAGE_REVOKED)).toEqual(Array.from({ length: times }, () => [message]))
  })
})
