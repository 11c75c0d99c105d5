import { describe, expect, test } from 'vitest'
import { en } from '../text/en.ts'
import { zh } from '../text/zh.ts'
import { tipText } from './tip-text.ts'

const teacher = { userID: 't1', nick: '王老师' }
const parent = { userID: 'p1', nick: '小明妈妈' }
const by = { operatorID: 't1', operatorInfo: teacher }

describe('what happened in a class', () => {
  test.each([
    [
      'joined',
      { operationType: 1, operatorID: 'p1', operatorInfo: parent, userIDList: ['p1'], memberList: [parent] },
      '小明妈妈 加入了班级',
    ],
    [
      'brought in',
      { operationType: 1, ...by, userIDList: ['p1'], memberList: [parent] },
      '王老师 邀请 小明妈妈 加入了班级',
    ],
    [
      'left',
      { operationType: 2, operatorID: 'p1', operatorInfo: parent, userIDList: ['p1'], memberList: [parent] },
      '小明妈妈 退出了班级',
    ],
    ['removed', { operationType: 3, ...by, userIDList: ['p1'], memberList: [parent] }, '王老师 将 小明妈妈 移出了班级'],
    [
      'notice',
      { operationType: 6, ...by, newGroupProfile: { notification: '周五春游' } },
      '王老师 发布了班级通知：周五春游',
    ],
    ['muted all', { operationType: 6, ...by, newGroupProfile: { muteAllMembers: true } }, '王老师 开启了全员禁言'],
    ['muted', { operationType: 7, ...by, memberList: [{ ...parent, muteTime: 7200 }] }, '王老师 将 小明妈妈 禁言2小时'],
    ['unmuted', { operationType: 7, ...by, memberList: [{ ...parent, muteTime: 0 }] }, '王老师 解除了 小明妈妈 的禁言'],
    ['unknown', { operationType: 99, ...by }, '[群提示消息]'],
    ['nothing at all', null, '[群提示消息]'],
  ])('%s', (_title, payload, text) => {
    expect(tipText(payload, 'somebody', zh)).toBe(text)
  })

  test('calls me “you”', () => {
    expect(
      tipText({ operationType: 4, ...by, userIDList: ['me'], memberList: [{ userID: 'me', nick: '我' }] }, 'me', zh),
    ).toBe('你 成为管理员')
  })

  test('names three of many', () => {
    const memberList = ['a', 'b', 'c', 'd'].map((userID) => ({ userID, nick: userID }))
    expect(tipText({ operationType: 3, ...by, memberList }, 'me', zh)).toBe('王老师 将 a、b、c等4人 移出了班级')
    expect(tipText({ operationType: 3, ...by, memberList }, 'me', en)).toBe('王老师 removed a, b, c and others (4)')
  })
})
