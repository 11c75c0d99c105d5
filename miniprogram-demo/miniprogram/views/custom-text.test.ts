import { expect, test } from 'vitest'
import { linkIn, typingData, typingIn } from './custom-text.ts'

test('typing is told and heard in the words of Tencent’s kits', () => {
  expect(JSON.parse(typingData(true))).toMatchObject({
    businessID: 'user_typing_status',
    typingStatus: 1,
    userAction: 14,
  })
  expect([typingIn(typingData(true)), typingIn(typingData(false))]).toEqual([true, false])
  expect(['', '{}', 'null', '{"businessID":1}'].map(typingIn)).toEqual([undefined, undefined, undefined, undefined])
})

test('only web addresses are links', () => {
  const link = (address: string): string => linkIn({ data: JSON.stringify({ businessID: 'text_link', link: address }) })
  expect([link('https://a.example/b'), link('ftp://a.example'), linkIn(null)]).toEqual(['https://a.example/b', '', ''])
})
