import type { Message } from '@hongyan/client-sdk'
import { describe, expect, test } from 'vitest'
import { abstractOf, quoteData, quoteIn } from './quote.ts'

const TEXT = {
  ID: '144115-1700000000-7',
  type: 'TIMTextElem',
  payload: { text: '明天\n  开家长会' },
  from: 't_2001',
  nick: '王老师',
  nameCard: '',
  time: 1_700_000_000,
  sequence: 42,
} as Message

describe('the quote of a message', () => {
  test('is written as the kits write it, and read again', () => {
    const data = quoteData(TEXT)
    expect(data).toEqual({
      messageReply: {
        messageID: '144115-1700000000-7',
        messageAbstract: '明天 开家长会',
        messageSender: '王老师',
        messageType: 1,
        messageTime: 1_700_000_000,
        messageSequence: 42,
        version: 1,
      },
    })
    expect(quoteIn(JSON.stringify(data))).toEqual({
      messageID: '144115-1700000000-7',
      abstract: '明天 开家长会',
      sender: '王老师',
      sequence: 42,
    })
  })

  test('of an older kit has no number', () => {
    const old =
      '{"messageReply":{"messageID":"1-2-3","messageAbstract":"好","messageSender":"a","messageType":1,"version":1}}'
    expect(quoteIn(old)?.sequence).toBe(0)
  })

  test.each([
    '',
    'messageReply',
    'null',
    '"messageReply"',
    '{"messageReply":null}',
    '{"messageReply":{}}',
    '{"messageReply":{"messageID":7}}',
    '{"messageReply":[]}',
    '{"messageFeature":{"needTyping":1}}',
  ])('is not there in %j', (data) => {
    expect(quoteIn(data)).toBeUndefined()
  })

  test('takes only texts and whole numbers from what anybody may have written', () => {
    const data = {
      messageReply: { messageID: 'x', messageAbstract: { a: 1 }, messageSender: 9, messageSequence: '1e9' },
    }
    expect(quoteIn(JSON.stringify(data))).toEqual({ messageID: 'x', abstract: '', sender: '', sequence: 0 })
    const long = { messageReply: { messageID: 'x', messageAbstract: '长'.repeat(9_999) } }
    expect(quoteIn(JSON.stringify(long))?.abstract).toHaveLength(101)
  })
})

describe('the line that stands for a message', () => {
  const line = (type: string, payload: object): string => abstractOf({ type, payload } as Message)

  test('is its text, shortened by characters', () => {
    expect(line('TIMTextElem', { text: '😀'.repeat(101) })).toBe(`${'😀'.repeat(100)}…`)
  })

  test('is the kits’ word for what has no text, with what is known of it', () => {
    expect(line('TIMImageElem', {})).toBe('[图片]')
    expect(line('TIMFileElem', { fileName: '作业.pdf' })).toBe('[文件] 作业.pdf')
    expect(line('TIMLocationElem', { description: '东门' })).toBe('[位置] 东门')
    expect(line('TIMRelayElem', { title: '聊天记录' })).toBe('[聊天记录] 聊天记录')
    expect(line('somethingNew', {})).toBe('[消息]')
  })
})
