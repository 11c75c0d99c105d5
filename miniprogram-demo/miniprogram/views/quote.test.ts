import { expect, test } from 'vitest'
import { TYPES } from '../im/sdk.ts'
import { quoteData, quoteIn } from './quote.ts'

test('a quote is written as Tencent’s kits write it, and read back', () => {
  const data = quoteData({ ID: '1-2-3', type: TYPES.MSG_IMAGE }, '王老师', '[图片]')
  expect(JSON.parse(data)).toEqual({
    messageReply: {
      messageID: '1-2-3',
      messageAbstract: '[图片]',
      messageSender: '王老师',
      messageType: 3,
      version: 1,
    },
  })
  expect(quoteIn(data)).toEqual({ id: '1-2-3', sender: '王老师', text: '[图片]' })
})

test('what is no quote is none', () => {
  expect(['', 'x', '{}', '[]', '{"messageReply":7}'].map(quoteIn)).toEqual([null, null, null, null, null])
})
