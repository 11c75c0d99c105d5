import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { language } from '../../words/language.ts'
import { tipWords } from './tip-words.ts'

const NAMES: Readonly<Record<string, string>> = { t: '王老师', p: '小明妈妈' }
const NAMING = { me: 'me', nameOf: (userID: string) => NAMES[userID] ?? userID }

function person(userID: string, more: object = {}) {
  return { userID, nick: `昵称${userID}`, avatar: '', ...more }
}

function tip(operationType: number, by: string, people: readonly object[], more: object = {}): string {
  const payload = {
    operationType,
    operatorID: by,
    operatorInfo: person(by),
    memberList: people,
    userIDList: [],
    ...more,
  }
  return tipWords(payload, NAMING)
}

function changed(newGroupProfile: object): string {
  return tip(6, 't', [], { newGroupProfile })
}

describe('in Chinese', () => {
  beforeEach(() => (language.value = 'zh'))

  test.each([
    ['who came by himself', tip(1, 'p', [person('p')]), '小明妈妈 加入了群聊'],
    ['who was invited', tip(1, 't', [person('p'), person('x')]), '王老师 邀请 小明妈妈、昵称x 加入了群聊'],
    ['that I was invited', tip(1, 't', [person('me')]), '王老师 邀请你加入了群聊'],
    ['who left', tip(2, 'p', []), '小明妈妈 退出了群聊'],
    [
      'who was removed, and why',
      tip(3, 't', [person('p', { reason: '广告' })]),
      '王老师 将 小明妈妈 移出了群聊，原因：广告',
    ],
    ['who became an admin', tip(4, 'me', [person('p')]), '你将 小明妈妈 设为管理员'],
    ['who is no admin any more', tip(5, 't', [person('me')]), '王老师 取消了你的管理员身份'],
    ['who was muted, for how long', tip(7, 't', [person('p', { muteTime: 5400 })]), '王老师 将 小明妈妈 禁言 90 分钟'],
    ['who may speak again', tip(7, 't', [person('p', { muteTime: 0 })]), '王老师 解除了 小明妈妈 的禁言'],
    ['who was banned', tip(10, 't', [person('p')]), '王老师 封禁了 小明妈妈'],
    ['who is banned no more', tip(11, 't', [person('p')]), '王老师 解封了 小明妈妈'],
    ['a new topic', tip(8, 't', []), '王老师 修改了话题资料'],
    ['a new name', changed({ groupName: '二班' }), '王老师 将群名称改为“二班”'],
    ['a notice', changed({ notification: '周五开会' }), '王老师 更新了群公告：周五开会'],
    ['no notice any more', changed({ notification: '' }), '王老师 清空了群公告'],
    ['a new owner', changed({ ownerID: 'p' }), '王老师 将群主转让给 小明妈妈'],
    ['silence', changed({ muteAllMembers: true }), '王老师 开启了全员禁言'],
    ['its end', changed({ muteAllMembers: false }), '王老师 关闭了全员禁言'],
    ['several at once', changed({ avatar: 'x', introduction: 'y' }), '王老师 修改了群简介，更换了群头像'],
    ['what has no words', changed({ groupCustomField: [] }), '王老师 修改了群资料'],
  ])('a tip tells %s', (_, said, wanted) => {
    expect(said).toBe(wanted)
  })

  test('of many people a few are named', () => {
    const people = ['1', '2', '3', '4', '5', '6', '7'].map((userID) => person(userID))
    expect(tip(1, 't', people)).toBe('王老师 邀请 昵称1、昵称2、昵称3、昵称4、昵称5 等 7 人 加入了群聊')
  })

  test('people who are told by their ids alone are named all the same', () => {
    const payload = { operationType: 3, operatorID: 't', userIDList: ['p', 'me'] }
    expect(tipWords(payload, NAMING)).toBe('王老师 将 小明妈妈、你移出了群聊')
  })

  test('an operation of tomorrow says nothing rather than something wrong', () => {
    expect(tip(99, 't', [])).toBe('')
    expect(tipWords({}, NAMING)).toBe('')
  })
})

describe('in English', () => {
  beforeEach(() => (language.value = 'en'))
  afterEach(() => (language.value = 'zh'))

  test('the same is told', () => {
    expect(tip(1, 't', [person('me')])).toBe('王老师 invited you to the group')
    expect(tip(7, 't', [person('p', { muteTime: 3600 })])).toBe('王老师 muted 小明妈妈 for 1 hour')
    expect(changed({ joinOption: 'DisableApply' })).toBe('王老师 set joining to closed')
  })
})
