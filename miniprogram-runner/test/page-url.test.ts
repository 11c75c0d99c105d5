import { describe, expect, test } from 'vitest'
import { joinPath, parsePageUrl } from '../src/runtime/page-url.ts'

describe('parsePageUrl', () => {
  test('is relative to the current route, and values are not decoded', () => {
    expect(parsePageUrl('../chat/chat?id=%E9%B8%BF&to=a=b&flag', 'pages/home/home')).toEqual({
      path: 'pages/chat/chat',
      query: { id: '%E9%B8%BF', to: 'a=b', flag: '' },
      hasQuery: true,
    })
  })

  test('a leading slash means the root', () => {
    expect(parsePageUrl('/pages/me/me', 'pages/home/home')).toEqual({ path: 'pages/me/me', query: {}, hasQuery: false })
  })
})

test('joinPath never climbs above the root', () => {
  expect(joinPath('a', '../../../b/./c')).toBe('b/c')
})
