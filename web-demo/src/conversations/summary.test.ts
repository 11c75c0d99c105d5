import type { Conversation } from '@hongyan/client-sdk'
import { beforeAll, describe, expect, test } from 'vitest'
import { language } from '../words/language.ts'
import { summaryOf } from './summary.ts'

const ME = 't_2001'

function summary(type: string, lastMessage: Partial<Conversation['lastMessage']>, language: 'zh' | 'en' = 'zh') {
  const said = {
    fromAccount: 'p_1001',
    nick: '小明妈妈',
    nameCard: '',
    isRevoked: false,
    revoker: null,
    ...lastMessage,
  }
  return summaryOf({ type, lastMessage: said } as unknown as Conversation, ME, language)
}
const text = (words: string) => ({ type: 'TIMTextElem', payload: { text: words } })

describe('the last message in the list', () => {
  beforeAll(() => void (language.value = 'zh'))

  test('is empty where nothing was said', () => {
    expect(summary('C2C', { payload: null, type: '' })).toEqual({ sender: '', text: '' })
  })

  test('is one line of the text, however it was written', () => {
    expect(summary('C2C', text('  第一行\n\n第二行\t尾 ')).text).toBe('第一行 第二行 尾')
    expect(summary('C2C', text('长'.repeat(5000))).text).toHaveLength(120)
  })

  test('names who said it in groups only: by the name card, never oneself', () => {
    expect(summary('C2C', text('好')).sender).toBe('')
    expect(summary('GROUP', text('好')).sender).toBe('小明妈妈')
    expect(summary('GROUP', { ...text('好'), nameCard: '小明家长' }).sender).toBe('小明家长')
    expect(summary('GROUP', { ...text('好'), fromAccount: ME }).sender).toBe('')
  })

  test('says in words what is no text', () => {
    expect(summary('C2C', { type: 'TIMImageElem', payload: {} }).text).toBe('[图片]')
    expect(summary('C2C', { type: 'TIMFileElem', payload: { fileName: '春游.pdf' } }).text).toBe('[文件] 春游.pdf')
    expect(summary('C2C', { type: 'TIMLocationElem', payload: { description: '东门' } }, 'en').text).toBe(
      '[Location] 东门',
    )
    expect(summary('C2C', { type: 'TIMSomethingNew', payload: {} }).text).toBe('[消息]')
  })

  test('says who founded a group, instead of what the SDKs write into the message', () => {
    const founded = { type: 'TIMCustomElem', payload: { data: '{"businessID":"group_create","opUser":"p_1001"}' } }
    expect(summary('GROUP', founded)).toEqual({ sender: '', text: '小明妈妈 创建了群聊' })
    expect(summary('GROUP', { ...founded, fromAccount: ME }, 'en').text).toBe('You founded the group')
    expect(summary('GROUP', { type: 'TIMCustomElem', payload: { data: '{}' } }).text).toBe('[消息]')
  })

  test('says who took a message back', () => {
    const revoked = { ...text(''), isRevoked: true }
    expect(summary('C2C', { ...revoked, revoker: ME, fromAccount: ME }).text).toBe('你撤回了一条消息')
    expect(summary('C2C', { ...revoked, revoker: 'p_1001' }).text).toBe('小明妈妈 撤回了一条消息')
  })

  test('tells what happened in a group', () => {
    const payload = {
      operationType: 1,
      operatorInfo: { userID: 'p_1001', nick: '小明妈妈' },
      memberList: [{ userID: ME, nick: '王老师' }],
    }
    const tip = { type: 'TIMGroupTipElem', payload, fromAccount: '@TIM#SYSTEM' }
    expect(summary('GROUP', tip)).toEqual({ sender: '', text: '小明妈妈 邀请你加入了群聊' })
  })
})
