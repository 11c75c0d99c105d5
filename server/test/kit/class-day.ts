import sharp from 'sharp'
import type { Platform, Socket } from '../../../client-sdk/src/core/client-api.ts'
import { nodePlatform } from '../../../client-sdk/src/platform/node.ts'
import { EVENT } from '../../../client-sdk/src/tim/events.ts'
import type { TimInstance } from '../../../client-sdk/src/tim/facade.ts'
import type { Message } from '../../../client-sdk/src/tim/mapping/message.ts'
import { createModule } from '../../../client-sdk/src/tim/module.ts'
import { TYPES } from '../../../client-sdk/src/tim/types.ts'
import { until } from './until.ts'

/** A server, and who may log in to it. */
export interface School {
  readonly endpoint: string
  readonly sdkAppId: number
  userSig(userId: string): string
}

const GROUP = 'class-3-2'
const CONVERSATION = `GROUP${GROUP}`
const PARENTS = 60

/** One device of one person, with the SDK as every application has it, and a network that can be taken away. */
class Device {
  readonly name: string
  readonly userID: string
  readonly chat: TimInstance
  readonly received: Message[] = []
  receipts: { readCount: number; unreadCount: number } | undefined
  #sockets = new Set<Socket>()
  #isCut = false

  constructor(school: School, userID: string, name: string, device: 'node' | 'wx') {
    this.userID = userID
    this.name = name
    const platform = nodePlatform()
    const chat = createModule({
      ...platform,
      device,
      transport: { dial: (...call) => this.#dial(platform, ...call) },
    }).create({
      SDKAppID: school.sdkAppId,
      endpoint: school.endpoint,
      eventThrottling: false,
    })
    this.chat = chat
    chat.on(EVENT.MESSAGE_RECEIVED, ({ data }) => void this.received.push(...data))
    chat.on(EVENT.MESSAGE_READ_RECEIPT_RECEIVED, ({ data }) => {
      const [first] = data as { readCount: number; unreadCount: number }[]
      if (first) this.receipts = first
    })
  }

  async login(userSig: string): Promise<void> {
    await this.chat.login({ userID: this.userID, userSig })
    await until(`${this.name} is ready`, () => this.chat.isReady())
    await this.chat.getConversationList()
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.close(1000, 'interrupted')
  }

  heal(): void {
    this.#isCut = false
  }

  async conversation() {
    const { data } = await this.chat.getConversationList()
    return data.conversationList.find(({ conversationID }) => conversationID === CONVERSATION)
  }

  async unread(): Promise<number> {
    return (await this.conversation())?.unreadCount ?? 0
  }

  async history(): Promise<readonly Message[]> {
    return (await this.chat.getMessageList({ conversationID: CONVERSATION })).data.messageList
  }

  /** What a person would see: the badge, the list, and who is called. */
  async view(): Promise<string> {
    const conversation = await this.conversation()
    if (!conversation) return '没有这个会话 (no such conversation)'
    if (this.#isCut) return `无网络,未读 ${conversation.unreadCount} (no network)`
    const said = await this.history().then(
      (messages) => messages.map(shortOf).join(' | '),
      (error: { code: number }) => `无权查看 (refused with ${error.code})`,
    )
    const at = conversation.groupAtInfoList.length > 0 ? ' [有人@我]' : ''
    return `未读 ${conversation.unreadCount}${at}  ${said}`
  }

  async send(message: Message): Promise<Message> {
    return (await this.chat.sendMessage(message)).data.message
  }

  text(text: string, more: object = {}): Message {
    return this.chat.createTextMessage({ to: GROUP, conversationType: TYPES.CONV_GROUP, payload: { text }, ...more })
  }

  #dial(platform: Platform, ...[url, events]: Parameters<Platform['transport']['dial']>): Socket {
    const target = this.#isCut ? 'ws://127.0.0.1:9/' : url
    const socket = platform.transport.dial(target, {
      ...events,
      onClose: (...ending) => {
        this.#sockets.delete(socket)
        events.onClose(...ending)
      },
    })
    this.#sockets.add(socket)
    return socket
  }
}

function shortOf(message: Message): string {
  if (message.isRevoked) return `${message.nick || message.from}撤回了一条消息`
  if (message.type === TYPES.MSG_GRP_TIP) return `〔提示 ${String(message.payload['operationType'])}〕`
  if (message.type === TYPES.MSG_IMAGE) return `${message.from}: [图片]`
  if (message.type === TYPES.MSG_CUSTOM)
    return `〔${String(JSON.parse(message.payload.data ?? '{}').content ?? '自定义消息')}〕`
  return `${message.from}: ${message.payload.text ?? message.type}`
}

/** What a day has shown, for those who check it. */
export interface DayResult {
  readonly readIds: readonly string[]
  readonly unreadIds: readonly string[]
  readonly views: ReadonlyMap<string, string>
  readonly pictureBefore: number
  readonly pictureAfter: number
}

/** A day of a class: founded, a notice with receipts, replies, a picture, a recall, a late joiner, a removal, a lost network. */
export async function classDay(school: School, print: (line: string) => void): Promise<DayResult> {
  const devices: Device[] = []
  const open = async (userID: string, name: string, kind: 'node' | 'wx'): Promise<Device> => {
    const device = new Device(school, userID, name, kind)
    await device.login(school.userSig(userID))
    devices.push(device)
    return device
  }
  const views = new Map<string, string>()
  const show = async (title: string): Promise<void> => {
    print(`\n== ${title}`)
    for (const device of devices) {
      views.set(device.name, await device.view())
      print(`${device.name.padEnd(14)} ${views.get(device.name)}`)
    }
  }

  const teacher = await open('t_wang', '王老师(电脑)', 'node')
  const phone = await open('p_1', '家长1(手机)', 'wx')
  const computer = await open('p_1', '家长1(电脑)', 'node')
  const second = await open('p_2', '家长2(手机)', 'wx')
  const third = await open('p_3', '家长3(手机)', 'wx')

  await teacher.chat.createGroup({
    groupID: GROUP,
    type: TYPES.GRP_WORK,
    name: '三年二班',
    memberList: Array.from({ length: PARENTS }, (_, index) => ({ userID: `p_${index + 1}` })),
  })
  for (const one of [phone, computer, second, third]) {
    await until(
      `${one.name} is in the class`,
      async () => (await one.conversation())?.groupProfile?.name === '三年二班',
    )
  }
  await show('建班 (the class is founded)')

  const notice = teacher.chat.createTextAtMessage({
    to: GROUP,
    conversationType: TYPES.CONV_GROUP,
    payload: { text: '明天春游,请带水壶', atUserList: [TYPES.MSG_AT_ALL] },
    needReadReceipt: true,
  })
  await teacher.send(notice)
  for (const one of [phone, computer, second, third]) {
    await until(`${one.name} hears the notice`, () => one.received.some(({ ID }) => ID === notice.ID))
  }
  await show('通知,@所有人,要求回执 (a notice to all, with receipts)')

  await computer.chat.setMessageRead({ conversationID: CONVERSATION })
  await until('reading on the computer clears the phone', async () => (await phone.unread()) === 0)
  for (const one of [computer, third]) {
    await one.chat.sendMessageReadReceipt((await one.history()).filter(({ needReadReceipt }) => needReadReceipt))
  }
  await until('the teacher sees two readers', () => teacher.receipts?.readCount === 2)
  const listOf = async (filter: 0 | 1): Promise<string[]> => {
    const ids: string[] = []
    for (let cursor = ''; ;) {
      const { data } = await teacher.chat.getGroupMessageReadMemberList({ message: notice, filter, cursor, count: 25 })
      ids.push(...(filter === 0 ? data.readUserIDList : data.unreadUserIDList))
      if (data.isCompleted) return ids
      cursor = data.cursor
    }
  }
  const [readIds, unreadIds] = [await listOf(0), await listOf(1)]
  print(`\n== 回执 (receipts): 已读 ${teacher.receipts?.readCount} (${readIds.join(', ')}) 未读 ${unreadIds.length}`)

  await second.send(second.text('收到'))
  await third.send(third.text('好的,谢谢老师'))
  const png = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#3a7' } })
    .png()
    .toBuffer()
  const picture = await teacher.send(
    teacher.chat.createImageMessage({
      to: GROUP,
      conversationType: TYPES.CONV_GROUP,
      payload: { file: { data: png, name: 'trip.png' } },
    }),
  )
  await until('the picture arrives', () => third.received.some(({ ID }) => ID === picture.ID))
  const arrived = third.received.find(({ ID }) => ID === picture.ID)
  const images = arrived?.payload['imageInfoArray'] as { url: string; width: number; height: number }[] | undefined
  const url = images?.[1]?.url ?? ''
  const pictureBefore = (await fetch(url)).status
  await show(
    `回复与图片 (replies and a picture: ${images?.map(({ width, height }) => `${width}×${height}`).join(', ')})`,
  )

  await teacher.chat.revokeMessage(picture)
  await until('the picture is revoked everywhere', () => arrived?.isRevoked === true)
  const pictureAfter = (await fetch(url)).status
  await show(`撤回图片 (the picture is taken back: ${pictureBefore} before, ${pictureAfter} after)`)

  phone.cut()
  await teacher.chat.addGroupMember({ groupID: GROUP, userIDList: ['p_61'] })
  const late = await open('p_61', '家长61(后加入)', 'wx')
  await until('the late joiner is in', async () => (await late.conversation()) !== undefined)
  await teacher.chat.deleteGroupMember({ groupID: GROUP, userIDList: ['p_2'], reason: '转学' })
  await until('the removed one is told', () => second.received.some(({ payload }) => payload['operationType'] === 4))
  await teacher.send(teacher.text('欢迎新家长'))
  await until('the late joiner hears it', () => late.received.some(({ payload }) => payload.text === '欢迎新家长'))
  await show('新家长加入,家长2被移出,家长1的手机断网 (a late joiner, a removal, a phone without a network)')

  phone.heal()
  await until(
    'the phone is up to date again',
    () => phone.received.some(({ payload }) => payload.text === '欢迎新家长'),
    40_000,
  )
  await until('both devices show the same', async () => (await phone.view()) === (await computer.view()))
  await show('手机恢复网络 (the phone is back)')
  for (const { chat } of devices) await chat.destroy().catch(() => undefined)
  return { readIds, unreadIds, views, pictureBefore, pictureAfter }
}
