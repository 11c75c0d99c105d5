import type { Conversation } from '@hongyan/client-sdk'
import { describe, expect, test } from 'vitest'
import { filterConversations, markedParts, type Searchable } from './filter.ts'

function searchable(conversationID: string, name: string, lastText = ''): Searchable {
  return { conversation: { conversationID } as Conversation, name, lastText }
}

const ALL = [
  searchable('C2Cp_1001', '小明妈妈', '明天见'),
  searchable('GROUPclass3', '三年级二班', '小明今天请假'),
  searchable('C2Ct_2002', 'Miss Li', 'See the 小明 report'),
]
const found = (query: string): readonly string[] =>
  filterConversations(ALL, query).map(({ conversationID }) => conversationID)

describe('searching the list', () => {
  test('an empty search finds everything in its order', () => {
    expect(found('  ')).toEqual(['C2Cp_1001', 'GROUPclass3', 'C2Ct_2002'])
  })

  test('names, ids and last messages are looked through, in any case and width', () => {
    expect(found('二班')).toEqual(['GROUPclass3'])
    expect(found('P_1001')).toEqual(['C2Cp_1001'])
    expect(found('ｍｉｓｓ')).toEqual(['C2Ct_2002'])
  })

  test('all words must be found, and a name that begins with the first one comes first', () => {
    expect(found('小明')).toEqual(['C2Cp_1001', 'GROUPclass3', 'C2Ct_2002'])
    expect(found('li 小明')).toEqual(['C2Ct_2002'])
    expect(found('小明 请假')).toEqual(['GROUPclass3'])
  })

  test('the kind of a conversation is not part of its id', () => {
    expect(found('group')).toEqual([])
    expect(found('c2c')).toEqual([])
  })
})

describe('marking what was found', () => {
  test('every second part is a word that was looked for', () => {
    expect(markedParts('看 Report 和 report', ['report'])).toEqual(['看 ', 'Report', ' 和 ', 'report', ''])
  })

  test('what means something to a pattern is taken as it is written', () => {
    expect(markedParts('(a.b) [c]', ['a.b', '[c'])).toEqual(['(', 'a.b', ') ', '[c', ']'])
    expect(markedParts('axb', ['a.b'])).toEqual(['axb'])
  })
})
