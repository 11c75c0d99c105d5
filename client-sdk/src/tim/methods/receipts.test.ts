import { describe, expect, test } from 'vitest'
import { EVENT } from '../events.ts'
import type { Message } from '../mapping/message.ts'
import { CLASS, classStand, lastAsked, received, says, TO_CLASS } from '../test/group-stand.ts'
import { parentSays, readyStand, TO_PARENT, WITH_PARENT, type Stand } from '../test/stand.ts'

async function sent({ chat }: Stand, needReadReceipt = true): Promise<Message> {
  const message = chat.createTextMessage({ ...TO_CLASS, payload: { text: '通知' }, needReadReceipt })
  return (await chat.sendMessage(message)).data.message
}

function heard(stand: Stand, needsReceipt: boolean): Message {
  says(stand, 'parent', 'x', needsReceipt ? { needsReceipt } : {})
  return received(stand)
}

describe('sendMessageReadReceipt', () => {
  test('is for received messages that want one, of the first one’s conversation', async () => {
    const stand = await classStand()
    stand.client.answer('receipt.send', {})
    const [wanting, silent, second] = [heard(stand, true), heard(stand, false), heard(stand, true)]
    const mine = await sent(stand)
    parentSays(stand, '1', '2', '3', '4', '5')
    const elsewhere = Object.assign(received(stand), { needReadReceipt: true })
    await stand.chat.sendMessageReadReceipt([wanting, silent, mine, second, elsewhere])
    expect(stand.client.asked).toEqual([
      { command: 'receipt.send', body: { conversationId: CLASS, seqs: [wanting.sequence, second.sequence] } },
    ])
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(8)
    await expect(stand.chat.sendMessageReadReceipt([silent, mine])).rejects.toMatchObject({ code: 2114 })
    await expect(stand.chat.sendMessageReadReceipt([])).rejects.toMatchObject({ code: 2114 })
  })

  test('where there are none rejects 10060', async () => {
    const stand = await classStand()
    stand.client.failing.set('receipt.send', 'NO_RECEIPTS_HERE')
    await expect(stand.chat.sendMessageReadReceipt([heard(stand, true)])).rejects.toMatchObject({ code: 10060 })
  })
})

describe('the sender', () => {
  test('of a group’s message hears how many have read it, of those that are kept here', async () => {
    const stand = await classStand()
    const message = await sent(stand)
    const counts = [
      { seq: message.sequence, read: 2, unread: 58 },
      { seq: 99, read: 1, unread: 1 },
    ]
    stand.client.tell({ kind: 'receipt-counts', conversationId: CLASS, counts })
    expect(stand.seen(EVENT.MESSAGE_READ_RECEIPT_RECEIVED)).toEqual([
      [{ groupID: 'class1', messageID: message.ID, readCount: 2, unreadCount: 58 }],
    ])
    expect(message.readReceiptInfo).toMatchObject({ readCount: 2, unreadCount: 58 })
    stand.client.tell({ kind: 'receipt-counts', conversationId: CLASS, counts: [{ seq: 99, read: 1, unread: 1 }] })
    expect(stand.seen(EVENT.MESSAGE_READ_RECEIPT_RECEIVED)).toHaveLength(1)
  })

  test('of a one-to-one message hears once that it was read', async () => {
    const stand = await readyStand()
    const { chat, client } = stand
    const draft = chat.createTextMessage({ ...TO_PARENT, payload: { text: 'x' }, needReadReceipt: true })
    const { message } = (await chat.sendMessage(draft)).data
    for (let i = 0; i < 2; i++)
      client.tell({ kind: 'receipted', conversationId: WITH_PARENT, seqs: [1, 7], atMs: 1_700_000_000_999 })
    expect(stand.seen(EVENT.MESSAGE_READ_RECEIPT_RECEIVED)).toEqual([
      [{ userID: 'parent', messageID: message.ID, isPeerRead: true, timestamp: 1_700_000_000 }],
    ])
    expect(message.readReceiptInfo).toMatchObject({ isPeerRead: true, timestamp: 1_700_000_000 })
    // That he has opened the conversation is told on its own.
    expect(message.isPeerRead).toBe(false)
  })

  test('finds a receipt that came while he was away on the message itself', async () => {
    const stand = await readyStand()
    const told = { receiptAtMs: 5_000, needsReceipt: true } as const
    stand.client.store(WITH_PARENT, 'teacher', { elements: [{ type: 'text', text: 'x' }], ...told })
    const [message] = (await stand.chat.getMessageList({ conversationID: 'C2Cparent' })).data.messageList
    expect(message?.readReceiptInfo).toMatchObject({ isPeerRead: true, timestamp: 5 })
  })
})

describe('getMessageReadReceiptList', () => {
  test('fills one’s own messages of groups, a hundred at a time, and gives back what it was given', async () => {
    const stand = await classStand()
    const messages: Message[] = []
    for (let i = 0; i < 101; i++) messages.push(await sent(stand))
    stand.client.answer('receipt.counts', ({ seqs }) => ({
      counts: seqs.map((seq) => ({ seq, read: seq, unread: 0 })),
    }))
    const others = [heard(stand, true), await sent(stand, false)]
    const list = [...messages, ...others]
    expect((await stand.chat.getMessageReadReceiptList(list)).data.messageList).toBe(list)
    expect(stand.client.asked).toHaveLength(2)
    expect(messages.map(({ readReceiptInfo }) => readReceiptInfo.readCount)).toEqual(
      messages.map((one) => one.sequence),
    )
    expect(others.map(({ readReceiptInfo }) => readReceiptInfo.readCount)).toEqual([undefined, undefined])
  })

  test('fills copies as well as the object that is kept', async () => {
    const stand = await classStand()
    const message = await sent(stand)
    stand.client.answer('receipt.counts', { counts: [{ seq: 1, read: 3, unread: 4 }] })
    const copy = JSON.parse(JSON.stringify(message)) as Message
    await stand.chat.getMessageReadReceiptList([copy])
    for (const one of [copy, message]) expect(one.readReceiptInfo).toMatchObject({ readCount: 3, unreadCount: 4 })
  })
})

describe('getGroupMessageReadMemberList', () => {
  test.each([
    [0, 'read', ['a', 'b'], []],
    [1, 'unread', [], ['a', 'b']],
  ] as const)('with filter %i pages through those who have %s it', async (filter, word, read, unread) => {
    const stand = await classStand()
    const message = await sent(stand)
    stand.client.answer('receipt.readers', ({ after }) => ({
      userIds: ['a', 'b'] as never[],
      ...(after === undefined ? { next: 'page2' } : {}),
    }))
    const first = (await stand.chat.getGroupMessageReadMemberList({ message, filter, cursor: '', count: 500 })).data
    expect(lastAsked(stand)?.body).toEqual({ conversationId: CLASS, seq: 1, filter: word, limit: 100 })
    expect(first).toEqual({
      ...{ cursor: 'page2', isCompleted: false, messageID: message.ID },
      ...{ readUserIDList: read, unreadUserIDList: unread },
    })
    const { cursor } = first
    const second = (await stand.chat.getGroupMessageReadMemberList({ message, filter, cursor, count: 10 })).data
    expect(lastAsked(stand)?.body).toMatchObject({ after: 'page2', limit: 10 })
    expect(second).toMatchObject({ cursor: '', isCompleted: true })
  })

  test('of a message that wants no receipts rejects 2114', async () => {
    const stand = await classStand()
    const message = await sent(stand, false)
    await expect(stand.chat.getGroupMessageReadMemberList({ message })).rejects.toMatchObject({ code: 2114 })
  })
})
