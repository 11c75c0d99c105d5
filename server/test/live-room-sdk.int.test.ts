import { afterAll, beforeAll, expect, test } from 'vitest'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { Device } from './kit/device.ts'
import { until } from './kit/until.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world.stop())

test('a live room through the SDK: in it again after a lost connection, and out of it when the owner wants', async () => {
  const [host, fan] = [await Device.login(world, 'host'), await Device.login(world, 'fan', { node: 1 })]
  await host.chat.createGroup({ groupID: 'show', type: TYPES.GRP_AVCHATROOM, name: '直播课' })
  for (const { chat } of [host, fan]) {
    const { data } = await chat.joinGroup({ groupID: 'show' })
    expect(data).toMatchObject({ status: TYPES.JOIN_STATUS_SUCCESS, group: { type: 'AVChatRoom', name: '直播课' } })
  }
  const say = (device: Device, text: string) =>
    device.chat.sendMessage(
      device.chat.createTextMessage({ to: 'show', conversationType: TYPES.CONV_GROUP, payload: { text } }),
    )
  expect((await say(fan, '老师好')).data.message).toMatchObject({ status: 'success', conversationType: 'GROUP' })
  await until('the host hears it', () => host.receivedTexts().includes('老师好'))
  expect(host.received().find(({ payload }) => payload.text === '老师好')).toMatchObject({
    conversationID: 'GROUPshow',
    conversationSubType: 'AVChatRoom',
    from: 'fan',
    flow: 'in',
  })
  expect(fan.receivedTexts()).not.toContain('老师好')
  expect(host.chat.getTotalUnreadMessageCount()).toBe(host.seen(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED).at(-1) ?? 0)
  const room = async (device: Device) =>
    (await device.chat.getConversationList()).data.conversationList.find((one) => one.conversationID === 'GROUPshow')
  expect((await room(host))?.unreadCount).toBe(0)
  expect((await host.chat.getMessageList({ conversationID: 'GROUPshow' })).data.messageList).toEqual([])
  expect((await host.chat.getGroupList()).data.groupList).toEqual([])
  await until(
    'both are counted',
    async () => (await host.chat.getGroupMemberList({ groupID: 'show' })).data.memberList.length >= 1,
  )

  // The node of the fan loses him; he comes back by himself, and into the room.
  for (const session of world.nodes[1]?.context.registry.all() ?? []) session.close(4000, 'the node goes down')
  await until('he hears the host again', async () => {
    await say(host, '在吗')
    return fan.receivedTexts().includes('在吗')
  })

  await host.chat.deleteGroupMember({ groupID: 'show', userIDList: ['fan'], duration: 600 })
  await until('the fan is out', async () => (await room(fan)) === undefined)
  await expect(say(fan, '我还在吗')).rejects.toMatchObject({ code: 10007 })
  await host.chat.dismissGroup('show')
  await until('the room is gone', async () => (await room(host)) === undefined)
  await Promise.all([host.leave(), fan.leave()])
})
