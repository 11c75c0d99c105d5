import type { Message, Payload } from '@hongyan/client-sdk'
import { beforeEach, expect, test } from 'vitest'
import { language } from '../../words/language.ts'
import { abstractsOf, mergedMessagesOf, mergerHeading, titleOf } from './merger.ts'

beforeEach(() => (language.value = 'zh'))

function text(from: string, words: string): Message {
  return { from, type: 'TIMTextElem', payload: { text: words } } as Message
}

test('the card says whose chat it was and the first lines of it', () => {
  const messages = [text('a', '一'), text('b', '二'), text('a', '三'), text('b', '四')]
  const heading = mergerHeading(messages, '二班', (userID) => `${userID}家长`)
  expect(heading.title).toBe('二班的聊天记录')
  expect(heading.abstractList).toEqual(['a家长：一', 'b家长：二', 'a家长：三'])
  expect(heading.compatibleText).not.toBe('')
})

test('a list is read as Tencent’s SDK writes it', () => {
  const entry = {
    ID: 'x',
    from: 'a',
    nick: '小明妈妈',
    avatar: '',
    time: 7,
    messageBody: [{ type: 'TIMTextElem', payload: { text: '好' } }],
  }
  const [read] = mergedMessagesOf({ messageList: [entry] })
  expect(read).toEqual({
    ID: 'x',
    from: 'a',
    name: '小明妈妈',
    avatar: '',
    time: 7,
    type: 'TIMTextElem',
    payload: { text: '好' },
  })
})

test('what another client wrote wrongly is left out, and nothing breaks', () => {
  const wrong = (content: object) => content as Payload
  const list = [null, 1, 'x', {}, { messageBody: 1 }, { messageBody: [null] }, { messageBody: [{ type: 1 }] }]
  expect(mergedMessagesOf({ messageList: list })).toEqual([])
  expect(mergedMessagesOf({ messageList: 'x' })).toEqual([])
  expect(titleOf(wrong({ title: 3 }))).toBe('')
  expect(abstractsOf(wrong({ abstractList: ['a', 1, null] }))).toEqual(['a'])
})
