import { describe, expect, test } from 'vitest'
import type { ConversationId } from '@hongyan/protocol'
import { EVENT } from '../events.ts'
import type { Conversation } from '../mapping/conversation.ts'
import { parentSays, readyStand, WITH_PARENT, type Stand } from '../test/stand.ts'

/** The fields of tim-semantics §3.5. */
const FIELDS = [
  ...['conversationID', 'type', 'subType', 'unreadCount', 'lastMessage', 'groupAtInfoList', 'peerReadTime', 'remark'],
  ...['isPinned', 'messageRemindType', 'markList', 'customData', 'conversationGroupList', 'draftText', 'userProfile'],
]
const LAST_MESSAGE_FIELDS = [
  ...['lastTime', 'lastSequence', 'fromAccount', 'messageForShow', 'payload', 'type', 'isRevoked', 'revoker'],
  ...['isPeerRead', 'cloudCustomData', 'onlineOnlyFlag', 'nick', 'nameCard', 'version'],
]

const idOf = (peer: string): ConversationId => `c2c:${[peer, 'teacher'].sort().join(':')}` as ConversationId

async function order({ chat }: Stand): Promise<string[]> {
  return (await chat.getConversationList()).data.conversationList.map(({ conversationID }) => conversationID)
}

/** A core whose fetch tells of what it fetched, as the real one does. */
function tellFetched({ client }: Stand): void {
  const fetch = client.fetchConversation.bind(client)
  client.fetchConversation = async (id) => {
    const conversation = await fetch(id)
    client.tell({ kind: 'conversations', ids: [id], isSyncComplete: true })
    return conversation
  }
}

describe('a conversation', () => {
  test('has TIM’s fields, own and enumerable, and the peer’s account besides', async () => {
    const stand = await readyStand()
    parentSays(stand, 'x')
    const [conversation] = (await stand.chat.getConversationList()).data.conversationList
    expect(Object.keys(conversation ?? {}).sort()).toEqual([...FIELDS].sort())
    expect(Object.keys(conversation?.lastMessage ?? {}).sort()).toEqual([...LAST_MESSAGE_FIELDS].sort())
    expect(conversation?.toAccount).toBe('parent')
    expect(JSON.parse(JSON.stringify(conversation))).toEqual(Object.assign({}, conversation))
  })

  test('is one object for its whole life, and its draft stays with it', async () => {
    const stand = await readyStand()
    parentSays(stand, '1')
    const first = (await stand.chat.getConversationProfile('C2Cparent')).data.conversation
    await stand.chat.setConversationDraft({ conversationID: 'C2Cparent', draftText: '草稿' })
    parentSays(stand, '2')
    const second = (await stand.chat.getConversationProfile('C2Cparent')).data.conversation
    expect(second).toBe(first)
    expect(second).toMatchObject({ unreadCount: 2, draftText: '草稿', lastMessage: { messageForShow: '2' } })
  })

  test('whose last message is revoked keeps what it showed, and says so', async () => {
    const stand = await readyStand()
    parentSays(stand, '发错了')
    const { conversation } = (await stand.chat.getConversationProfile('C2Cparent')).data
    const lastMessage = stand.client.conversation(WITH_PARENT)?.lastMessage
    if (!lastMessage) throw new Error('no last message')
    const revoked = { by: lastMessage.senderId, atMs: 1 }
    stand.client.put(WITH_PARENT, { lastMessage: { ...lastMessage, elements: [], revoked } })
    stand.client.tell({ kind: 'conversations', ids: [WITH_PARENT], isSyncComplete: true })
    expect(conversation.lastMessage).toMatchObject({
      ...{ isRevoked: true, revoker: 'parent', messageForShow: '发错了', type: 'TIMTextElem' },
    })
    parentSays(stand, '更正')
    expect(conversation.lastMessage).toMatchObject({ isRevoked: false, revoker: null, messageForShow: '更正' })
  })
})

describe('the list', () => {
  test('is pinned with a message, pinned without, others with, others without, each newest first', async () => {
    const stand = await readyStand()
    const { client } = stand
    for (const peer of ['old', 'new', 'pinnedOld', 'pinnedNew']) {
      const { length } = client.conversations()
      for (let i = 0; i <= length; i++) client.store(idOf(peer), peer, { elements: [{ type: 'text', text: 'x' }] })
    }
    for (const peer of ['empty', 'pinnedEmpty']) client.put(idOf(peer), {})
    for (const peer of ['pinnedEmpty', 'pinnedOld', 'pinnedNew']) client.put(idOf(peer), { pinnedAtMs: 1 })
    expect(await order(stand)).toEqual([
      'C2CpinnedNew',
      'C2CpinnedOld',
      'C2CpinnedEmpty',
      'C2Cnew',
      'C2Cold',
      'C2Cempty',
    ])
  })

  test('has a conversation that was opened after the pinned ones, until another one moves', async () => {
    const stand = await readyStand()
    tellFetched(stand)
    for (const peer of ['a', 'b']) stand.client.store(idOf(peer), peer, { elements: [{ type: 'text', text: 'x' }] })
    stand.client.put(idOf('b'), { pinnedAtMs: 1 })
    await stand.chat.getConversationProfile('C2Cparent')
    expect(await order(stand)).toEqual(['C2Cb', 'C2Cparent', 'C2Ca'])
    const told = stand.seen(EVENT.CONVERSATION_LIST_UPDATED).map((list) => (list as Conversation[]).length)
    expect(told).toEqual([3])
    stand.client.tell({ kind: 'conversations', ids: [idOf('a')], isSyncComplete: true })
    expect(await order(stand)).toEqual(['C2Cb', 'C2Ca', 'C2Cparent'])
  })

  test('a conversation that was removed can be opened again, and removed again', async () => {
    const stand = await readyStand()
    tellFetched(stand)
    parentSays(stand, 'x')
    const hideAsTheCoreDoes = stand.client.hide.bind(stand.client)
    stand.client.hide = async (ids) => {
      await hideAsTheCoreDoes(ids)
      for (const id of ids) stand.client.put(id, { hiddenSeq: 1 })
    }
    await stand.chat.deleteConversation('C2Cparent')
    expect(await order(stand)).toEqual([])
    const { conversation } = (await stand.chat.getConversationProfile('C2Cparent')).data
    expect(conversation.conversationID).toBe('C2Cparent')
    expect(await order(stand)).toEqual(['C2Cparent'])
    await stand.chat.deleteConversation('C2Cparent')
    expect(await order(stand)).toEqual([])
  })

  test('one that was opened and then removed on another device is gone here too', async () => {
    const stand = await readyStand()
    tellFetched(stand)
    stand.client.put(WITH_PARENT, { lastSeq: 5, hiddenSeq: 5, isVisible: false })
    stand.client.fetchConversation = async (id) => stand.client.put(id, {})
    await stand.chat.getConversationProfile('C2Cparent')
    expect(await order(stand)).toEqual(['C2Cparent'])
    stand.client.put(WITH_PARENT, { lastSeq: 6, hiddenSeq: 6 })
    expect(await order(stand)).toEqual([])
  })

  test('of an unknown user rejects 2501 and leaves the list alone', async () => {
    const stand = await readyStand()
    stand.client.failing.set('fetchConversation', 'NO_SUCH_USER')
    await expect(stand.chat.getConversationProfile('C2Cnobody')).rejects.toMatchObject({ code: 2501 })
    expect(await order(stand)).toEqual([])
  })

  test('waits for the first whole snapshot, but not longer than 15 s', async () => {
    const stand = await readyStand()
    stand.client.isSyncComplete = false
    let finish: () => void = () => undefined
    stand.client.whenSynced = () => new Promise((resolve) => (finish = resolve))
    let isDone = false
    const whole = stand.chat.getConversationList().finally(() => (isDone = true))
    await stand.clock.pass(14_000)
    expect(isDone).toBe(false)
    stand.client.isSyncComplete = true
    finish()
    expect((await whole).data.isSyncCompleted).toBe(true)
    expect(stand.clock.pending).toBe(0)

    stand.client.isSyncComplete = false
    const partial = stand.chat.getConversationList()
    await stand.clock.pass(15_000)
    expect((await partial).data).toEqual({ conversationList: [], isSyncCompleted: false })
  })

  test('is read also when that is asked before it has arrived', async () => {
    const stand = await readyStand()
    stand.client.isSyncComplete = false
    let finish: () => void = () => undefined
    const whole = new Promise<void>((resolve) => (finish = resolve))
    stand.client.whenSynced = () => whole
    const [one, all] = [stand.chat.setMessageRead({ conversationID: 'C2Cparent' }), stand.chat.setAllMessageRead()]
    await stand.clock.pass(1)
    parentSays(stand, '1')
    stand.client.isSyncComplete = true
    finish()
    await Promise.all([one, all])
    expect((await stand.chat.getConversationProfile('C2Cparent')).data.conversation.unreadCount).toBe(0)
  })

  test('with partialUpdatedConversations an event has only what changed', async () => {
    const stand = await readyStand({ isPartial: true })
    stand.client.store(idOf('a'), 'a', { elements: [{ type: 'text', text: 'x' }] })
    parentSays(stand, 'x')
    const [list] = stand.seen(EVENT.CONVERSATION_LIST_UPDATED) as Conversation[][]
    expect(list?.map(({ conversationID }) => conversationID)).toEqual(['C2Cparent'])
  })
})

describe('drafts', () => {
  test('are told when they change and not when they do not', async () => {
    const stand = await readyStand()
    parentSays(stand, 'x')
    const before = stand.seen(EVENT.CONVERSATION_LIST_UPDATED).length
    const set = (draftText: string) => stand.chat.setConversationDraft({ conversationID: 'C2Cparent', draftText })
    for (const text of ['', '', '草稿', '草稿', '']) await set(text)
    expect(stand.seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(before + 2)
    await expect(stand.chat.setConversationDraft({ conversationID: 'C2Cx', draftText: '' })).rejects.toMatchObject({
      code: 2500,
    })
  })
})

describe('reading', () => {
  test('what I read anywhere is read on the objects here; what the peer read is told once per message', async () => {
    const stand = await readyStand()
    const { chat, client, seen } = stand
    parentSays(stand, '1', '2')
    const { messageList } = (await chat.getMessageList({ conversationID: 'C2Cparent' })).data
    client.put(WITH_PARENT, { readSeq: 1 })
    client.tell({ kind: 'conversations', ids: [WITH_PARENT], isSyncComplete: true })
    expect(messageList.map(({ isRead }) => isRead)).toEqual([true, false])

    const { message } = (
      await chat.sendMessage(chat.createTextMessage({ to: 'parent', conversationType: 'C2C', payload: { text: '3' } }))
    ).data
    // Away too long to be told of the reading itself: the conversation says it.
    client.put(WITH_PARENT, { peerReadSeq: 3, peerReadAtMs: 5_000 })
    client.tell({ kind: 'conversations', ids: [WITH_PARENT], isSyncComplete: true })
    expect(seen(EVENT.MESSAGE_READ_BY_PEER)).toEqual([[message]])
    client.tell({ kind: 'read-by-peer', conversationId: WITH_PARENT, seq: 3, atMs: 5_000 })
    expect(seen(EVENT.MESSAGE_READ_BY_PEER)).toEqual([[message]])
    const { conversation } = (await chat.getConversationProfile('C2Cparent')).data
    expect(conversation).toMatchObject({ peerReadTime: 5, lastMessage: { isPeerRead: true } })
  })

  test('of groups and the system, which are not here, is done without a request', async () => {
    const { chat, client } = await readyStand()
    for (const conversationID of ['GROUPclass1', '@TIM#SYSTEM', 'C2Cnobody']) {
      await expect(chat.setMessageRead({ conversationID })).resolves.toEqual({ code: 0, data: {} })
    }
    expect(client.reads).toEqual([])
  })

  test('the total is told when it changes and only then', async () => {
    const stand = await readyStand()
    parentSays(stand, '1', '2')
    stand.client.tell({ kind: 'conversations', ids: [WITH_PARENT], isSyncComplete: true })
    await stand.chat.setMessageRead({ conversationID: 'C2Cparent' })
    expect(stand.seen(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED)).toEqual([1, 2, 0])
    expect(stand.chat.getTotalUnreadMessageCount()).toBe(0)
  })
})
