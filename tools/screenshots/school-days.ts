import TIM from '@hongyan/client-sdk'
import { pdfOf, recording } from './attachments.ts'
import { blackboard, childsDrawing, classPhoto } from './drawings.ts'
import { PEOPLE, type Name } from './people.ts'
import { conversationOf, type Place, type School } from './school.ts'

/** When the server starts and founds its demo class; when the pictures are taken. */
export const FIRST_DAY = '2026-09-22 16:40'
export const NOW = '2026-09-24 09:41'

const CLASS = { group: 'class_3_2' }
const OTHER_CLASS = { group: 'class_5_1' }
const OFFICE = { group: 'grade_3' }
const SPORTS = { group: 'sports_2026' }
const CHOIR = { group: 'choir' }
const READING = { group: 'reading' }
const PARENTS = ['ming', 'hong', 'gang', 'yuxuan', 'zihan', 'yinuo', 'haoran', 'yutong', 'zixuan'] as const

/** Two afternoons and a morning, seen most from 王老师's desk. */
export async function playSchoolDays(school: School): Promise<void> {
  await foundGroups(school)
  await wednesday(school)
  await thursdayEarly(school)
  await withXiaoMing(school)
  await inTheClass(school)
  await arrange(school)
  await whatIsNew(school)
  await school.clock.reach(NOW)
}

async function foundGroups({ of, clock }: School): Promise<void> {
  const { GRP_PUBLIC, GRP_WORK, GRP_MEETING } = TIM.TYPES
  await clock.reach('2026-09-22 16:52')
  const late = ['yuxuan', 'zihan', 'yinuo', 'haoran', 'yutong', 'zixuan'] as const
  await of('wang').addGroupMember({ groupID: CLASS.group, userIDList: idsOf(late) })
  const { messageList } = (await of('wang').getMessageList({ conversationID: conversationOf(CLASS) })).data
  const meeting = messageList.find(({ payload }) => payload.text?.startsWith('各位家长好'))
  if (!meeting) throw new Error('the demo class does not begin with the meeting')
  await of('wang').pinGroupMessage({ groupID: CLASS.group, message: meeting, isPinned: true })
  const groups = [
    { by: 'li', type: GRP_PUBLIC, place: OTHER_CLASS, name: '五年级一班', with: ['wang', 'zhou', 'ruoxi', 'jiayi'] },
    { by: 'sun', type: GRP_WORK, place: OFFICE, name: '三年级教研组', with: ['wang', 'li', 'chen'] },
    {
      by: 'zhou',
      type: GRP_PUBLIC,
      place: SPORTS,
      name: '秋季运动会筹备组',
      with: ['wang', 'sun', 'chen', 'hong', 'haoran'],
    },
    {
      by: 'chen',
      type: GRP_PUBLIC,
      place: CHOIR,
      name: '合唱团家长群',
      with: ['wang', 'ming', 'yinuo', 'yutong', 'ruoxi'],
    },
    { by: 'li', type: GRP_MEETING, place: READING, name: '亲子阅读打卡', with: ['wang', 'ming', 'hong', 'yuxuan'] },
  ] as const
  for (const { by, type, place, name, with: members } of groups) {
    const memberList = idsOf(members).map((userID) => ({ userID }))
    // Into such a group one is not put, one joins.
    const isOpen = type === GRP_MEETING
    await of(by).createGroup({ type, groupID: place.group, name, ...(!isOpen && { memberList }) })
    if (isOpen) for (const member of members) await of(member).joinGroup({ groupID: place.group })
  }
  await of('zhou').setGroupMemberRole({
    groupID: SPORTS.group,
    userID: PEOPLE.wang.userID,
    role: TIM.TYPES.GRP_MBR_ROLE_ADMIN,
  })
}

async function wednesday({ say, picture, clock }: School): Promise<void> {
  await clock.reach('2026-09-23 11:26')
  await say('li', OTHER_CLASS, '五年级的同学们下周开始排练课本剧，名单已贴在教室后面。')
  await clock.reach('2026-09-23 15:08')
  await say('sun', 'wang', '王老师，下周一升旗仪式轮到你们班，发言稿周五前给我看一下。')
  await say('wang', 'sun', '好的主任，我让孩子们准备。')
  await clock.reach('2026-09-23 17:18')
  await picture('li', CLASS, { data: await blackboard(), name: '今日作业.jpg' })
  const question = await say('haoran', CLASS, '请问明天的美术课要带什么？')
  await say('li', CLASS, '水彩笔和白纸就可以，颜料学校准备。', { answers: question })
  await say('haoran', CLASS, '明白了，谢谢李老师！')
  await clock.reach('2026-09-23 17:35')
  await say('ming', 'wang', '王老师，小明说今天被您表扬了，回家特别高兴 😊')
  await say('wang', 'ming', '他今天主动给同学讲题，讲得很清楚，值得表扬。')
  await clock.reach('2026-09-23 18:40')
  await say('yuxuan', READING, '第 12 天，《夏洛的网》读完啦 🎉')
  await say('hong', 'wang', '王老师，小红的水杯落在教室了，麻烦您帮忙看看。')
  await say('wang', 'hong', '找到了，在图书角，明天让她来我这里拿。')
  await say('hong', 'wang', '太感谢了！')
  await clock.reach('2026-09-23 20:05')
  await say('hong', 'ming', '明天放学我去接，要不要把小明一起带回来？')
  await say('ming', 'hong', '那太好了，我五点半到您家楼下 🙏')
}

async function thursdayEarly({ say, clock }: School): Promise<void> {
  await clock.reach('2026-09-24 07:21')
  await say('gang', 'wang', '王老师早，小刚烧退了，今天正常去上学。')
  await say('wang', 'gang', '好的奶奶，早上凉，给他带件外套。')
  await clock.reach('2026-09-24 07:32')
  await say('wang', CLASS, '@所有人 今天下午社会实践，请给孩子带好水壶和小黄帽 🌞', { calls: 'everybody' })
  await say('yuxuan', CLASS, '收到')
  await say('gang', CLASS, '收到，谢谢老师')
  await clock.reach('2026-09-24 07:55')
  await say('ming', READING, '第 13 天，小明读《昆虫记》，还画了一只螳螂。')
}

async function withXiaoMing({ say, picture, voice, file, location, react, read, clock }: School): Promise<void> {
  await clock.reach('2026-09-24 08:12')
  await say('ming', 'wang', '王老师早，请问周五的家长会在哪栋楼？')
  const hall = { description: '学校礼堂 · 实验楼一层', latitude: 39.9042, longitude: 116.4074 }
  await location('wang', 'ming', hall)
  await say('ming', 'wang', '明白了，谢谢王老师！')
  await clock.reach('2026-09-24 08:40')
  await say('wang', 'ming', '这是小明画的《我的学校》，已经贴在走廊的展板上了。')
  const drawing = await picture('wang', 'ming', { data: await childsDrawing(), name: '我的学校.jpg' })
  await say('ming', 'wang', '画得真好！我也给爷爷奶奶看看 😄')
  await react(drawing, '❤️', ['ming'])
  await voice('ming', 'wang', { data: recording(6), name: '语音.wav', duration: 6000 })
  await clock.reach('2026-09-24 09:02')
  const plan = await file('wang', 'ming', { data: await pdfOf(await blackboard()), name: '家长会安排.pdf' })
  await say('ming', 'wang', '收到，周五我准时到。', { answers: plan })
  await read('ming', ['wang'])
  await read('wang', ['ming'])
}

async function inTheClass({ say, picture, react, read, clock }: School): Promise<void> {
  await read(CLASS, ['ming'])
  await clock.reach('2026-09-24 09:12')
  await say('li', CLASS, '@小明妈妈 小明的美术作业忘在家里了，下午能送来吗？', { calls: ['ming'] })
  await clock.reach('2026-09-24 09:20')
  await say('wang', CLASS, '秋游的合影出来啦，孩子们笑得真开心！')
  const photo = await picture('wang', CLASS, { data: await classPhoto(), name: '秋游合影.jpg' })
  await say('hong', CLASS, '拍得真好，谢谢老师们！')
  await say('yinuo', CLASS, '能发一份原图吗？想洗出来做纪念。', { answers: photo })
  await say('wang', CLASS, '可以的，点开图片就能下载原图。')
  await react(photo, '👍', ['hong', 'yuxuan', 'haoran'])
  await react(photo, '❤️', ['yinuo', 'li'])
  await read(CLASS, ['li', 'hong', 'yinuo', 'yuxuan', 'haoran', 'gang'])
}

/** How 王老师 has her list: what is important on top, what is loud muted. */
async function arrange({ of, read }: School): Promise<void> {
  const { MSG_REMIND_ACPT_NOT_NOTE } = TIM.TYPES
  const places: readonly Place[] = [CLASS, OTHER_CLASS, OFFICE, SPORTS, CHOIR, READING, 'sun', 'hong', 'gang', 'ming']
  for (const place of places) await read(place, ['wang'])
  await of('wang').setMessageRead({ conversationID: TIM.TYPES.CONV_SYSTEM })
  for (const place of [CLASS, 'ming'] as const) {
    await of('wang').pinConversation({ conversationID: conversationOf(place), isPinned: true })
  }
  for (const groupID of [CHOIR.group, READING.group]) {
    await of('wang').setMessageRemindType({ groupID, messageRemindType: MSG_REMIND_ACPT_NOT_NOTE })
  }
  const toMother: readonly Place[] = ['wang', 'hong', READING]
  for (const place of toMother) await read(place, ['ming'])
  await of('ming').setMessageRemindType({ groupID: READING.group, messageRemindType: MSG_REMIND_ACPT_NOT_NOTE })
  await of('ming').pinConversation({ conversationID: conversationOf(CLASS), isPinned: true })
}

/** What waits when the pictures are taken. */
async function whatIsNew({ say, of, clock }: School): Promise<void> {
  await clock.reach('2026-09-24 09:24')
  for (const text of ['本周六上午九点排练，请穿白衬衫。', '乐谱已经打印好了，现场发。', '请家长们提前十分钟到。']) {
    await say('chen', CHOIR, text)
  }
  await clock.reach('2026-09-24 09:28')
  await say('zhou', SPORTS, '各班报名表今天放学前交到体育组。')
  await say('hong', SPORTS, '我可以帮忙搬器材，周六有空。')
  await say('haoran', SPORTS, '算我一个 💪')
  await clock.reach('2026-09-24 09:33')
  await say('chen', OFFICE, '我周五第三节有空，可以去听课。')
  await say('li', OFFICE, '@王老师 公开课的教案我改好了，麻烦您再看看', { calls: ['wang'] })
  await clock.reach('2026-09-24 09:38')
  await say('zihan', 'wang', '王老师您好，子涵今天下午要去看牙，能提前一节课走吗？')
  await of('ruoxi').joinGroup({ groupID: CLASS.group, applyMessage: '我是徐若曦的妈妈，孩子刚转到三年级二班' })
  await of('jiayi').joinGroup({ groupID: CLASS.group, applyMessage: '我是何嘉怡的爸爸' })
  for (const name of PARENTS) await of(name).setMessageRead({ conversationID: TIM.TYPES.CONV_SYSTEM })
}

function idsOf(names: readonly Name[]): string[] {
  return names.map((name) => PEOPLE[name].userID)
}
