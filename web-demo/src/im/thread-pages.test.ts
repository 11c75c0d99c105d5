import type { Message } from '@hongyan/client-sdk'
import { describe, expect, test } from 'vitest'
import { findFirstUnread, type Page } from './thread-pages.ts'

/** A conversation as the server has it: how each message stands to the reader. */
type Kind = 'read' | 'unread' | 'own'

const PAGE = 15

function conversation(kinds: readonly Kind[]) {
  const all = kinds.map((kind, index) => {
    const fields = { flow: kind === 'own' ? 'out' : 'in', isRead: kind !== 'unread', sequence: index + 1 }
    return { ID: `m${index + 1}`, status: 'success', _onlineOnlyFlag: false, ...fields } as Message
  })
  let looks = 0
  const upTo = (sequence: number): Promise<Page> => {
    looks++
    const messages = all.filter((message) => message.sequence <= sequence).slice(-PAGE)
    return Promise.resolve({ messages, isLast: messages[0]?.sequence === 1 })
  }
  const newest = { messages: all.slice(-2 * PAGE), isLast: all.length <= 2 * PAGE }
  const count = kinds.filter((kind) => kind === 'unread').length
  return { find: () => findFirstUnread(newest, { count, upTo }), looks: () => looks }
}

function many(kind: Kind, count: number): readonly Kind[] {
  return Array.from({ length: count }, () => kind)
}

describe('where what is unread begins', () => {
  test('on the newest page it is seen at once', async () => {
    const { find, looks } = conversation([...many('read', 40), ...many('unread', 5)])
    expect(await find()).toEqual({ sequence: 41, count: 5 })
    expect(looks()).toBe(0)
  })

  test('further back it is found by the number of them', async () => {
    const { find, looks } = conversation([...many('read', 400), ...many('unread', 500)])
    expect(await find()).toEqual({ sequence: 401, count: 500 })
    expect(looks()).toBe(1)
  })

  test('where everything is unread it is the very first', async () => {
    expect(await conversation(many('unread', 80)).find()).toEqual({ sequence: 1, count: 80 })
    expect(await conversation(many('unread', 3)).find()).toEqual({ sequence: 1, count: 3 })
  })

  test('what the user wrote in between on another device does not hide it', async () => {
    const mixed = Array.from({ length: 90 }, (_, index): Kind => (index % 3 === 2 ? 'own' : 'unread'))
    expect(await conversation([...many('read', 20), ...mixed]).find()).toEqual({ sequence: 21, count: 60 })
  })

  test('it gives up after a few looks', async () => {
    const { find, looks } = conversation([...many('read', 9), 'unread', ...many('own', 600), ...many('unread', 40)])
    expect(await find()).toBeUndefined()
    expect(looks()).toBeLessThan(6)
  })

  test('nothing unread, no place', async () => {
    expect(await conversation(many('read', 40)).find()).toBeUndefined()
  })
})
