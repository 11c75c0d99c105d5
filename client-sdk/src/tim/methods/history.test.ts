import { describe, expect, test } from 'vitest'
import { EVENT } from '../events.ts'
import { parentSays, readyStand, textMessage, WITH_PARENT, type Stand } from '../test/stand.ts'

const C2C = { conversationID: 'C2Cparent' }

async function page(stand: Stand, nextReqMessageID?: string) {
  return (await stand.chat.getMessageList(nextReqMessageID === undefined ? C2C : { ...C2C, nextReqMessageID })).data
}

function fill(stand: Stand, count: number): void {
  for (let i = 1; i <= count; i++)
    stand.client.store(WITH_PARENT, 'parent', { elements: [{ type: 'text', text: `${i}` }] })
}

describe('getMessageList', () => {
  test('a message that seemed to have failed and was stored all the same is a success, with its place', async () => {
    const stand = await readyStand()
    const { chat, client } = stand
    const message = textMessage(chat, 'x')
    const clientMsgId = message.ID.slice(message.senderTinyID.length + 1)
    client.failing.set('send', 'TIMEOUT')
    await chat.sendMessage(message).catch(() => undefined)
    const stored = client.store(WITH_PARENT, 'teacher', { elements: [{ type: 'text', text: 'x' }] })
    client.stored.set(WITH_PARENT, [{ ...stored, id: `${message.senderTinyID}-${clientMsgId}` }])
    const { messageList } = await page(stand)
    expect(messageList).toEqual([message])
    expect(messageList[0]).toBe(message)
    expect(message).toMatchObject({ status: 'success', sequence: 1 })
  })

  test('a failed message stays at the end of the list', async () => {
    const stand = await readyStand()
    fill(stand, 2)
    const failed = textMessage(stand.chat, 'failed')
    stand.client.failing.set('send', 'BUSY')
    await stand.chat.sendMessage(failed).catch(() => undefined)
    expect((await page(stand)).messageList.map(({ payload }) => payload.text)).toEqual(['1', '2', 'failed'])
    expect((await page(stand)).messageList[2]).toBe(failed)
  })

  test('what changed while this device was away too long to be told shows on the same objects', async () => {
    const stand = await readyStand()
    parentSays(stand, '1')
    const [before] = (await page(stand)).messageList
    const [stored] = stand.client.stored.get(WITH_PARENT) ?? []
    if (!stored) throw new Error('nothing is stored')
    const revoked = { by: stored.senderId, atMs: 1, reason: 'r' }
    stand.client.stored.set(WITH_PARENT, [{ ...stored, elements: [], revoked }])
    stand.client.put(WITH_PARENT, { readSeq: 1 })
    const [after] = (await page(stand)).messageList
    expect(after).toBe(before)
    expect(after).toMatchObject({ isRevoked: true, revoker: 'parent', isRead: true, payload: { text: '1' } })
  })

  test('what arrives while the first page is on its way is in it once, and told once', async () => {
    const stand = await readyStand()
    const { client, chat, seen } = stand
    fill(stand, 3)
    const history = client.history.bind(client)
    client.history = async (...query) => {
      const reply = await history(...query)
      parentSays(stand, 'meanwhile')
      return reply
    }
    const { messageList } = await page(stand)
    expect(messageList.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    expect(seen(EVENT.MESSAGE_RECEIVED)).toHaveLength(1)
    expect(chat.findMessage(messageList[3]?.ID ?? '')).toBe(messageList[3])
  })

  test('a message seen in a page is not told again when its push comes after', async () => {
    const stand = await readyStand()
    fill(stand, 1)
    const [known] = (await page(stand)).messageList
    const [wire] = stand.client.stored.get(WITH_PARENT) ?? []
    if (!wire) throw new Error('nothing is stored')
    stand.client.tell({ kind: 'messages', conversationId: WITH_PARENT, messages: [wire] })
    expect(stand.seen(EVENT.MESSAGE_RECEIVED)).toHaveLength(0)
    expect(stand.chat.findMessage(wire.id)).toBe(known)
  })

  test('goes back through more than the SDK keeps, to the very first message and no further', async () => {
    const stand = await readyStand()
    fill(stand, 1_700)
    const sequences: number[] = []
    let next = ''
    do {
      const { messageList, nextReqMessageID, isCompleted } = await page(stand, next)
      sequences.unshift(...messageList.map(({ sequence }) => sequence))
      for (const { ID } of messageList) expect(stand.chat.findMessage(ID)).not.toBeNull()
      next = nextReqMessageID
      expect(isCompleted).toBe(next === '')
      await stand.clock.pass(100)
    } while (next !== '')
    expect(sequences).toEqual(Array.from({ length: 1_700 }, (_, index) => index + 1))
  })

  test('goes on from a message that was deleted in the meantime', async () => {
    const stand = await readyStand()
    fill(stand, 20)
    const { messageList, nextReqMessageID } = await page(stand)
    await stand.chat.deleteMessage(messageList)
    expect((await page(stand, nextReqMessageID)).messageList.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
  })

  test('a reload of the newest page leaves the older messages an application shows findable', async () => {
    const stand = await readyStand()
    fill(stand, 20)
    const { nextReqMessageID } = await page(stand)
    const [older] = (await page(stand, nextReqMessageID)).messageList
    await page(stand)
    expect(stand.chat.findMessage(older?.ID ?? '')).toBe(older)
    expect((await page(stand, nextReqMessageID)).messageList[0]).toBe(older)
  })

  test('a nextReqMessageID that nobody gave rejects instead of starting afresh for ever', async () => {
    const stand = await readyStand()
    fill(stand, 20)
    const { nextReqMessageID } = await page(stand)
    await expect(page(stand, 'nonsense')).rejects.toMatchObject({ code: 20001 })
    const elsewhere = { conversationID: 'C2Csomebody', nextReqMessageID }
    await expect(stand.chat.getMessageList(elsewhere)).rejects.toMatchObject({ code: 20001 })
    await expect(page(stand, nextReqMessageID)).resolves.toMatchObject({ isCompleted: true })
  })

  test('a conversation without messages is an empty, complete page', async () => {
    const stand = await readyStand()
    expect(await page(stand)).toEqual({ messageList: [], nextReqMessageID: '', isCompleted: true })
  })
})

test('clearHistoryMessage empties a conversation here, and rejects 2500 for one that is not in the list', async () => {
  const stand = await readyStand()
  parentSays(stand, 'x')
  const [message] = (await page(stand)).messageList
  await expect(stand.chat.clearHistoryMessage('C2Cnobody')).rejects.toMatchObject({ code: 2500 })
  await expect(stand.chat.clearHistoryMessage('C2Cparent')).resolves.toEqual({ code: 0, data: C2C })
  expect(stand.client.reads).toEqual([WITH_PARENT])
  expect(stand.chat.findMessage(message?.ID ?? '')).toBeNull()
})

describe('getMessageListHopping', () => {
  test('opens both ways from a sequence, oldest first, and leaves the paged list as it was', async () => {
    const stand = await readyStand()
    fill(stand, 40)
    const hop = async (direction: 0 | 1, sequence: number) =>
      (await stand.chat.getMessageListHopping({ ...C2C, sequence, direction, count: 5 })).data
    const older = await hop(0, 20)
    expect(older.messageList.map(({ sequence }) => sequence)).toEqual([15, 16, 17, 18, 19])
    expect(older).toMatchObject({ isCompleted: false, nextMessageSeq: 15 })
    const newer = await hop(1, 36)
    expect(newer.messageList.map(({ sequence }) => sequence)).toEqual([37, 38, 39, 40])
    expect(newer).toMatchObject({ isCompleted: true, nextMessageSeq: '' })
    const found = stand.chat.findMessage(older.messageList[0]?.ID ?? '')
    expect(found).toBe(older.messageList[0])
    expect((await page(stand)).messageList[0]?.sequence).toBe(26)
  })

  test('a message that was found by hopping is told when it comes as a new one', async () => {
    const stand = await readyStand()
    fill(stand, 1)
    const { messageList } = (await stand.chat.getMessageListHopping({ ...C2C, time: 9_999_999_999 })).data
    const [wire] = stand.client.stored.get(WITH_PARENT) ?? []
    if (!wire) throw new Error('nothing is stored')
    stand.client.tell({ kind: 'messages', conversationId: WITH_PARENT, messages: [wire] })
    expect(stand.seen(EVENT.MESSAGE_RECEIVED)).toEqual([[messageList[0]]])
  })

  test('times go to the core in milliseconds', async () => {
    const { chat, client } = await readyStand()
    const queries: unknown[] = []
    client.history = async (_id, query) => (queries.push(query), { messages: [], isComplete: true })
    await chat.getMessageListHopping({ ...C2C, time: 1_700_000_000.25, direction: 1, count: 99 })
    await chat.getMessageListHopping({ ...C2C, sequence: '', time: 5 })
    expect(queries).toEqual([
      { direction: 'newer', from: { atMs: 1_700_000_000_250 }, limit: 15 },
      { direction: 'older', from: { atMs: 5_000 }, limit: 15 },
    ])
  })
})
