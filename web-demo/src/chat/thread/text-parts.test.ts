import { describe, expect, test } from 'vitest'
import { isOnlyEmoji, textPartsOf } from './text-parts.ts'

function kinds(text: string, called: Parameters<typeof textPartsOf>[1] = []): readonly string[] {
  return textPartsOf(text, called).map((part) => `${part.kind}:${part.text}`)
}

describe('links', () => {
  test('an address is a link, the punctuation behind it is not', () => {
    expect(kinds('见 https://a.example/b?c=1。谢谢')).toEqual([
      'text:见 ',
      'link:https://a.example/b?c=1',
      'text:。谢谢',
    ])
    expect(kinds('(http://a.example/x).')).toEqual(['text:(', 'link:http://a.example/x', 'text:).'])
  })

  // oxlint-disable-next-line no-script-url -- that is what must not become a link
  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://', 'ftp://a.example'])(
    '%s is a text',
    (text) => {
      expect(kinds(text)).toEqual([`text:${text}`])
    },
  )

  test('nothing of a text is lost', () => {
    const text = '<b>https://a.example</b> "https://b.example" 和 http://c.example，完'
    expect(
      textPartsOf(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })
})

describe('calls by name', () => {
  const wang = { names: ['王老师'], isMe: false }
  const me = { names: ['小明妈妈', 'p_1001'], isMe: true }

  test('a name behind @ is a call only where that person was called', () => {
    expect(kinds('@王老师 你好 @李老师', [wang])).toEqual(['mention:@王老师', 'text: 你好 @李老师'])
  })

  test('who is called sees it, by the name or by the id', () => {
    expect(textPartsOf('@p_1001 在吗', [wang, me])[0]).toEqual({ kind: 'mention', text: '@p_1001', isMe: true })
  })

  test('of two names that begin alike the longer one is meant', () => {
    const both = [wang, { names: ['王老师傅'], isMe: false }]
    expect(kinds('@王老师傅 你好', both)).toEqual(['mention:@王老师傅', 'text: 你好'])
  })
})

describe('emoji', () => {
  test.each(['👍', '👍👍', '❤️', '👨‍👩‍👧', '🇨🇳', '👍🏽 🎉', '1️⃣'])('%s is drawn large', (text) => {
    expect(isOnlyEmoji(text)).toBe(true)
  })

  test.each(['', '  ', '好👍', '12', '👍👍👍👍👍👍👍', ':)'])('“%s” is not', (text) => {
    expect(isOnlyEmoji(text)).toBe(false)
  })
})
