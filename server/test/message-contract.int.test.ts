import { Refused, type GroupId } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import type { Conversation } from '../../client-sdk/src/tim/mapping/conversation.ts'
import type { Message } from '../../client-sdk/src/tim/mapping/message.ts'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { connect, type Db } from '../src/db/db.ts'
import { ExtensionsService } from '../src/extensions/extensions-service.ts'
import { GroupDataService } from '../src/group-data/group-data-service.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { ReactionsService } from '../src/reactions/reactions-service.ts'
import { Announcer } from '../src/timelines/announcer.ts'
import { Device } from './kit/device.ts'
import { GroupRows, makeActors } from './kit/group-rows.ts'
import { LossyTransport } from './kit/lossy-transport.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, startWorld, type World } from './kit/world.ts'

let world: World
let anna: Device
let annasPhone: Device
let bert: Device
let carl: Device

const GROUP = 'contract'
const IN_GROUP = `GROUP${GROUP}`

beforeAll(async () => {
  world = await startWorld()
  anna = await Device.login(world, 'anna')
  annasPhone = await Device.login(world, 'anna', { device: 'wx' })
  bert = await Device.login(world, 'bert')
  carl = await Device.login(world, 'carl')
  const memberList = [{ userID: 'bert' }, { userID: 'carl' }]
  await anna.chat.createGroup({ type: TYPES.GRP_PUBLIC, name: '三年二班', groupID: GROUP, memberList })
  for (const device of [anna, annasPhone, bert, carl]) {
    await until(`${device.userID} is in the group`, () => device.chat.getTotalUnreadMessageCount() > 0)
  }
})
afterAll(() => world.stop())

function toGroup(device: Device, text: string, options: object = {}): Message {
  return device.chat.createTextMessage({
    to: GROUP,
    conversationType: TYPES.CONV_GROUP,
    payload: { text },
    ...options,
  })
}

async function sayInGroup(device: Device, text: string, options: object = {}): Promise<Message> {
  return (await device.chat.sendMessage(toGroup(device, text, options))).data.message
}

/** The device's own object of a message that somebody sent. */
async function seenBy(device: Device, { ID }: Message): Promise<Message> {
  await until(`${device.userID} has the message`, () => device.chat.findMessage(ID) !== null)
  const message = device.chat.findMessage(ID)
  if (!message) throw new Error('no message')
  return message
}

async function conversationOn(device: Device, conversationID: string): Promise<Conversation> {
  const { data } = await device.chat.getConversationList([conversationID])
  const [conversation] = data.conversationList
  if (!conversation) throw new Error(`no conversation ${conversationID}`)
  return conversation
}

/** What a call rejects with. */
async function failureOf(call: Promise<unknown>): Promise<{ code: number; data: { message?: Message } }> {
  return call.then(
    () => {
      throw new Error('it was granted')
    },
    (error: unknown) => error as { code: number; data: { message?: Message } },
  )
}

describe('a request that was carried out, and whose answer was lost with the connection,', () => {
  /** Has anna do it on a device that loses the answer; the application must not notice. */
  async function losing<Data>(command: string, run: (chat: Device['chat']) => Promise<Data>): Promise<Data> {
    const networks: LossyTransport[] = []
    const device = await Device.login(world, 'anna', {
      device: 'node',
      transportOf: (transport) => {
        const network = new LossyTransport(transport)
        networks.push(network)
        network.loseAnswerTo(command)
        return network
      },
    })
    const data = await run(device.chat)
    expect(networks.map(({ lost }) => lost)).toEqual([1])
    await device.leave()
    return data
  }

  test('is granted: reactions put on and taken off, though the server refuses the second time', async () => {
    const message = await anna.say('bert', 'react to me')
    const changes = (): number => bert.seen(EVENT.MESSAGE_REACTIONS_UPDATED).length
    const before = changes()
    await losing('reaction.add', (chat) => chat.addMessageReaction(message, 'heart'))
    expect(await failureOf(anna.chat.addMessageReaction(message, 'heart'))).toMatchObject({ code: 23007 })
    await losing('reaction.remove', (chat) => chat.removeMessageReaction(message, 'heart'))
    expect(await failureOf(anna.chat.removeMessageReaction(message, 'heart'))).toMatchObject({ code: 23008 })
    await until('bert sees both', () => changes() === before + 2)
  })

  test('is granted: extensions deleted', async () => {
    const message = await sayInGroup(anna, 'vote', { isSupportExtension: true })
    await anna.chat.setMessageExtensions(message, [{ key: 'a', value: '1' }])
    const { data } = await losing('extension.delete', (chat) => chat.deleteMessageExtensions(message, ['a']))
    expect(data.extensions).toEqual([{ code: 0, key: 'a', value: '' }])
    expect(await failureOf(anna.chat.deleteMessageExtensions(message, ['a']))).toMatchObject({ code: 23004 })
  })

  test('is granted: messages pinned, changed and taken back', async () => {
    const message = await sayInGroup(anna, 'pin me')
    const pin = (chat: Device['chat'], isPinned: boolean): Promise<unknown> =>
      chat.pinGroupMessage({ groupID: GROUP, message, isPinned })
    await losing('group.pinMessage', (chat) => pin(chat, true))
    expect(await failureOf(pin(anna.chat, true))).toMatchObject({ code: 10071 })
    await losing('group.pinMessage', (chat) => pin(chat, false))
    await losing('message.modify', async (chat) => {
      const { data } = await chat.getMessageList({ conversationID: IN_GROUP })
      const mine = data.messageList.find(({ ID }) => ID === message.ID)
      if (!mine) throw new Error('no message')
      mine.payload = { text: 'changed' }
      return chat.modifyMessage(mine)
    })
    await until('it is changed', () => message.version === 1 && message.payload['text'] === 'changed')
    await losing('message.revoke', (chat) => chat.revokeMessage(message))
  })

  test('is granted: groups founded with an id, their attributes deleted, left and dismissed', async () => {
    const options = { type: TYPES.GRP_PUBLIC, name: '社团', groupID: 'lossy' }
    await losing('group.create', (chat) => chat.createGroup(options))
    await anna.chat.setGroupAttributes({ groupID: 'lossy', groupAttributes: { a: '1' } })
    const { data } = await losing('group.deleteAttributes', (chat) =>
      chat.deleteGroupAttributes({ groupID: 'lossy', keyList: ['a'] }),
    )
    expect(data.keyList).toEqual(['a'])
    await losing('group.dismiss', (chat) => chat.dismissGroup('lossy'))
    const memberList = [{ userID: 'anna' }]
    await bert.chat.createGroup({ type: TYPES.GRP_WORK, name: '小组', groupID: 'left', memberList })
    await losing('group.quit', (chat) => chat.quitGroup('left'))
  })

  test('is granted by the server, too, when it was the commit’s confirmation that was lost', async () => {
    const db = connect({
      url: world.databaseUrl,
      name: 'test',
      size: 2,
      statementDeadlineMs: 5_000,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger(),
    })
    // Committed, not confirmed, and done again: what db.ts does after a connection that broke in its COMMIT.
    const doubtful: Db = {
      ...db,
      transaction: (work, options) => db.transaction(work, options).then(() => db.transaction(work, options)),
    }
    try {
      const announcer = new Announcer(new MemoryBroker({ onFault: () => {} }))
      const [actor] = await makeActors(db, 'doubt', 1)
      if (!actor) throw new Error('no actor')
      const group = await GroupRows.create(db, 'doubt', 'public')
      const { conversationId } = group
      await group.join([actor.accountKey])
      const seq = await group.say(actor.accountKey)
      await db.transaction((tx) =>
        tx.query(`UPDATE message SET body = '{"elements":[],"extensible":true}' WHERE timeline_key = $1`, [
          group.timelineKey,
        ]),
      )
      const reaction = { conversationId, seq, reactionId: 'ok' }
      const reactions = new ReactionsService({ db: doubtful, announcer })
      await reactions.add(actor, reaction)
      await expect(new ReactionsService({ db, announcer }).add(actor, reaction)).rejects.toThrow(
        new Refused('ALREADY_REACTED'),
      )
      await reactions.remove(actor, reaction)
      const extensions = [{ key: 'a', value: '1' }]
      await new ExtensionsService({ db, announcer }).set(actor, { conversationId, seq, extensions })
      const deleting = new ExtensionsService({ db: doubtful, announcer })
      expect(await deleting.delete(actor, { conversationId, seq, keys: [] })).toEqual(['a'])

      const deps = { announcer, clock: systemClock, standingInRoom: () => Promise.resolve(undefined) }
      const [sure, unsure] = [new GroupDataService({ ...deps, db }), new GroupDataService({ ...deps, db: doubtful })]
      const groupId = 'doubt' as GroupId
      await sure.setAttributes(actor, { groupId, attributes: { a: '1' }, replaces: true })
      expect(await unsure.deleteAttributes(actor, { groupId, keys: ['a'] })).toEqual(['a'])
      await db.transaction((tx) => tx.query('UPDATE member SET role = 0 WHERE timeline_key = $1', [group.timelineKey]))
      for (const pinned of [true, false]) {
        const pinning = { conversationId, seq, pinned }
        await unsure.pinMessage(actor, pinning)
        await expect(sure.pinMessage(actor, pinning)).rejects.toThrow(
          new Refused(pinned ? 'ALREADY_PINNED' : 'NOT_PINNED'),
        )
      }
    } finally {
      await db.close()
    }
  })
})

describe('a request that no frame can hold', () => {
  test('is refused at once, and what follows it is not harmed', async () => {
    const tooLong = anna.text('bert', 'x'.repeat(70_000))
    expect(await failureOf(anna.chat.sendMessage(tooLong))).toMatchObject({ code: 80002, data: { message: tooLong } })
    const called = Array.from({ length: 5_000 }, (_, index) => `u${index}`)
    const tooMany = anna.chat.createTextAtMessage({
      to: GROUP,
      conversationType: TYPES.CONV_GROUP,
      payload: { text: 'all of you', atUserList: called },
    })
    expect(await failureOf(anna.chat.sendMessage(tooMany))).toMatchObject({ code: 80002 })
    expect(await failureOf(anna.chat.updateMyProfile({ nick: 'x'.repeat(70_000) }))).toMatchObject({ code: 40001 })
    expect(await anna.say('bert', 'and on')).toMatchObject({ status: 'success' })
    expect(anna.seen(EVENT.KICKED_OUT)).toEqual([])
  })
})

describe('reading', () => {
  const atInfo = async (device: Device): Promise<number> =>
    (await conversationOn(device, IN_GROUP)).groupAtInfoList.length

  test('clears, on all devices, a mention in a message that does not count', async () => {
    await anna.chat.setMessageRead({ conversationID: IN_GROUP })
    const message = bert.chat.createTextAtMessage({
      to: GROUP,
      conversationType: TYPES.CONV_GROUP,
      payload: { text: '@anna', atUserList: ['anna'] },
    })
    await bert.chat.sendMessage(message, { messageControlInfo: { excludedFromUnreadCount: true } })
    for (const device of [anna, annasPhone]) await until('she is called', async () => (await atInfo(device)) === 1)
    expect((await conversationOn(anna, IN_GROUP)).unreadCount).toBe(0)
    await anna.chat.setMessageRead({ conversationID: IN_GROUP })
    expect(await atInfo(anna)).toBe(0)
    await until('the phone knows', async () => (await atInfo(annasPhone)) === 0)
  })

  test.each([
    ['one conversation', (device: Device) => device.chat.setMessageRead({ conversationID: IN_GROUP })],
    ['all groups', (device: Device) => device.chat.setAllMessageRead({ scope: TYPES.READ_ALL_GROUP_MSG })],
  ])('of %s also reads what its reader does not want to hear of', async (_, read) => {
    await annasPhone.chat.setMessageRemindType({ groupID: GROUP, messageRemindType: TYPES.MSG_REMIND_DISCARD })
    const message = await sayInGroup(bert, 'not now')
    const isThere = async (): Promise<boolean> =>
      (await conversationOn(annasPhone, IN_GROUP)).lastMessage.lastSequence === message.sequence
    await until('it is there', isThere)
    await read(annasPhone)
    const { MSG_REMIND_ACPT_AND_NOTE: messageRemindType } = TYPES
    await annasPhone.chat.setMessageRemindType({ groupID: GROUP, messageRemindType })
    expect((await conversationOn(annasPhone, IN_GROUP)).unreadCount).toBe(0)
  })
})

describe('who is shown', () => {
  test('a peer’s new name shows on his conversation with his next message, and on his own older messages at once', async () => {
    const before = await bert.say('carl', 'before')
    await seenBy(carl, before)
    await bert.chat.updateMyProfile({ nick: '贝特', avatar: 'http://school.example/b.png' })
    expect(before).toMatchObject({ nick: '贝特', avatar: 'http://school.example/b.png' })
    const after = await seenBy(carl, await bert.say('carl', 'after'))
    expect(after.nick).toBe('贝特')
    const { userProfile } = await conversationOn(carl, 'C2Cbert')
    expect(userProfile).toMatchObject({ nick: '贝特', avatar: 'http://school.example/b.png' })
    expect(carl.chat.findMessage(before.ID)).toMatchObject({ nick: '贝特' })
  })

  test('the name card is on online-only messages, too', async () => {
    await carl.chat.setGroupMemberNameCard({ groupID: GROUP, nameCard: '卡尔爸爸' })
    const { data } = await carl.chat.sendMessage(toGroup(carl, 'typing'), { onlineUserOnly: true })
    await until('it comes', () => anna.received().some(({ ID }) => ID === data.message.ID))
    expect(anna.received().at(-1)).toMatchObject({ nameCard: '卡尔爸爸', _onlineOnlyFlag: true })
  })
})

describe('changing and taking back', () => {
  test('of two who change a message at once one is refused, with the message as the other made it', async () => {
    const mine = await sayInGroup(anna, 'draft')
    const onPhone = await seenBy(annasPhone, mine)
    mine.payload = { text: 'by the computer' }
    onPhone.payload = { text: 'by the phone' }
    const outcomes = await Promise.allSettled([anna.chat.modifyMessage(mine), annasPhone.chat.modifyMessage(onPhone)])
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.map(({ reason }) => reason as object)).toMatchObject([
      { code: 2480, data: { message: { version: 1 } } },
    ])
    await until('both show the same', () => mine.payload['text'] === onPhone.payload['text'] && mine.version === 1)
    const { lastMessage } = await conversationOn(annasPhone, IN_GROUP)
    expect(lastMessage).toMatchObject({ version: 1, messageForShow: mine.payload['text'] })
  })

  test('the list goes on to show what a revoked message said, also when lists are told in portions', async () => {
    const tim = createModule(nodePlatform())
    const chat = tim.create({ SDKAppID: SDK_APP_ID, endpoint: world.endpoint() })
    await chat.login({ userID: 'throttled', userSig: world.userSig('throttled') })
    await until('it is ready', () => chat.isReady())
    let shown: Conversation[] = []
    chat.on(EVENT.CONVERSATION_LIST_UPDATED, ({ data }) => void (shown = data))
    const revoked: unknown[] = []
    chat.on(EVENT.MESSAGE_REVOKED, ({ data }) => void revoked.push(data))
    await anna.say('throttled', 'first')
    await until('the first is there', () => shown.length > 0)
    const second = await anna.say('throttled', 'second')
    await until('it has come', () => chat.findMessage(second.ID) !== null)
    await anna.chat.revokeMessage(second)
    await until('it is told', () => revoked.length > 0 && shown[0]?.lastMessage.isRevoked === true)
    expect(shown[0]?.lastMessage).toMatchObject({ messageForShow: 'second', revoker: 'anna' })
    await chat.destroy()
  })
})

describe('messages for some', () => {
  test('that are online-only reach the members among these and nobody else', async () => {
    const stranger = await Device.login(world, 'stranger')
    const message = toGroup(anna, 'psst', { receiverList: ['bert', 'bert', 'stranger'] })
    await anna.chat.sendMessage(message, { onlineUserOnly: true })
    const toNobody = toGroup(anna, 'psst', { receiverList: ['stranger'] })
    expect(await failureOf(anna.chat.sendMessage(toNobody, { onlineUserOnly: true }))).toMatchObject({ code: 10004 })
    const fence = await anna.say('stranger', 'fence')
    await seenBy(stranger, fence)
    await until('bert has it', () => bert.received().some(({ ID }) => ID === message.ID))
    expect(bert.received().filter(({ ID }) => ID === message.ID)).toHaveLength(1)
    expect(stranger.receivedTexts()).toEqual(['fence'])
    await stranger.leave()
  })

  test('are not for live rooms, where everybody would see them', async () => {
    await anna.chat.createGroup({ type: TYPES.GRP_AVCHATROOM, name: '直播', groupID: 'contract-live' })
    for (const device of [anna, bert, carl]) await device.chat.joinGroup({ groupID: 'contract-live', type: '' })
    const options = { to: 'contract-live', conversationType: TYPES.CONV_GROUP, payload: { text: 'bert alone' } }
    const message = anna.chat.createTextMessage({ ...options, receiverList: ['bert'] })
    expect(await failureOf(anna.chat.sendMessage(message))).toMatchObject({ code: 10004 })
    await anna.chat.sendMessage(anna.chat.createTextMessage({ ...options, payload: { text: 'all' } }))
    await until('carl hears', () => carl.receivedTexts().includes('all'))
    expect(carl.receivedTexts()).not.toContain('bert alone')
  })

  test('what is said in a live room has no past, is read by nobody, and is not taken back or deleted', async () => {
    const { data } = await anna.chat.sendMessage(
      anna.chat.createTextMessage({
        to: 'contract-live',
        conversationType: TYPES.CONV_GROUP,
        payload: { text: 'passing' },
      }),
    )
    expect(data.message).toMatchObject({ status: 'success', isPeerRead: false })
    expect(await failureOf(anna.chat.revokeMessage(data.message))).toMatchObject({ code: 2110 })
    expect(await failureOf(anna.chat.deleteMessage([data.message]))).toMatchObject({ code: 10035 })
    const hop = await anna.chat.getMessageListHopping({ conversationID: 'GROUPcontract-live', sequence: 5 })
    expect(hop.data).toMatchObject({ messageList: [], isCompleted: true })
  })
})

describe('odd calls', () => {
  test('a send that fails on this device gives the message back, as every failed send does', async () => {
    const message = anna.chat.createTextMessage({
      to: 'x',
      conversationType: TYPES.CONV_SYSTEM,
      payload: { text: 'x' },
    })
    const failure = await failureOf(anna.chat.sendMessage(message))
    expect([failure.code, failure.data.message]).toEqual([2106, message])
    expect(await failureOf(anna.say('no such\u3000id', 'x'))).toMatchObject({ code: 20003 })
    const nowhere = anna.chat.createTextMessage({
      to: '班',
      conversationType: TYPES.CONV_GROUP,
      payload: { text: 'x' },
    })
    expect(await failureOf(anna.chat.sendMessage(nowhere))).toMatchObject({ code: 10015, data: { message: nowhere } })
  })

  test('a message that is sent a second time, and refused, stays the one that was sent', async () => {
    const message = await anna.say('bert', 'once')
    message.payload = { text: 'twice' }
    expect(await failureOf(anna.chat.sendMessage(message))).toMatchObject({ code: 20001, data: { message } })
    expect(message.status).toBe('success')
  })

  test('an online-only message is deleted without the server, which never had it', async () => {
    const { data } = await bert.chat.sendMessage(bert.text('anna', 'volatile'), { onlineUserOnly: true })
    await until('it comes', () => anna.received().some(({ ID }) => ID === data.message.ID))
    const message = anna.received().find(({ ID }) => ID === data.message.ID)
    if (!message) throw new Error('no message')
    expect((await anna.chat.deleteMessage([message])).data.messageList).toEqual([message])
    expect(message.isDeleted).toBe(true)
  })

  test('who did not send a message is not told who has read it: 10007', async () => {
    const message = await seenBy(anna, await sayInGroup(bert, 'read me', { needReadReceipt: true }))
    expect(await failureOf(anna.chat.getGroupMessageReadMemberList({ message }))).toMatchObject({ code: 10007 })
  })

  test('what is not said is taken as TIM’s default', async () => {
    const mine = await sayInGroup(anna, 'mine', { needReadReceipt: true })
    const asked = { message: mine, filter: 1, cursor: null, count: NaN } as never
    expect((await anna.chat.getGroupMessageReadMemberList(asked)).data).toMatchObject({
      isCompleted: true,
      unreadUserIDList: ['bert', 'carl'],
    })
    const first = await anna.chat.getMessageList({ conversationID: IN_GROUP, nextReqMessageID: null } as never)
    expect(first.data.messageList).toContain(mine)
    expect((await anna.chat.setAllMessageRead(null as never)).code).toBe(0)
    const { data } = await anna.chat.revokeMessage(mine, null as never)
    expect(data.message).toMatchObject({ isRevoked: true, revoker: 'anna' })
  })

  test('a message that an admin took back stays his when its sender takes it back again', async () => {
    const mine = await sayInGroup(carl, 'rude')
    await anna.chat.revokeMessage(await seenBy(anna, mine), { reason: 'no' })
    await until('carl is told', () => mine.isRevoked)
    expect((await carl.chat.revokeMessage(mine)).data.message).toMatchObject({ revoker: 'anna', revokeReason: 'no' })
  })

  test('a conversation that is named twice is removed once', async () => {
    await anna.say('twice', 'hello')
    await anna.chat.deleteConversation({ conversationIDList: ['C2Ctwice', 'C2Ctwice'] })
    expect((await anna.chat.getConversationList(['C2Ctwice'])).data.conversationList).toEqual([])
  })
})
