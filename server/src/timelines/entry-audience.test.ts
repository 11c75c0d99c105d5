import { readFileSync } from 'node:fs'
import { parseUserId, type Entry, type PushFrame, type Tip, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { audienceOf, entryAs, removedBy } from './entry-audience.ts'

const golden = (
  JSON.parse(
    readFileSync(new URL('../../../protocol/src/fixtures/pushes.json', import.meta.url), 'utf8'),
  ) as readonly PushFrame[]
).flatMap(({ type, entry }) => (type === 'push' ? [entry] : []))

const sender = user('t_2001')
const receiver = user('p_3001')
const other = user('p_3002')

function user(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error('not a user id')
  return userId
}

function tipEntry(tip: Tip): Entry {
  const message = { id: '1-1', seq: 5, senderId: '@system', elements: [{ type: 'tip', tip }] }
  return { kind: 'message', message } as unknown as Entry
}

const by = { userId: sender }
const removals: readonly (readonly [string, Entry])[] = [
  ['being removed', tipEntry({ op: 'kicked', by, users: [{ userId: receiver }], memberCount: 1 })],
  ['leaving', tipEntry({ op: 'quit', by: { userId: receiver }, users: [{ userId: receiver }], memberCount: 1 })],
]

describe('the usual audience', () => {
  test('is everybody: a golden entry without receivers that removes nobody is seen by all as it is', () => {
    for (const entry of golden) {
      if (JSON.stringify(entry).includes('receiverIds') || removedBy(entry) || entry.kind === 'dismissed') continue
      expect(audienceOf(entry)).toBeUndefined()
      expect(entryAs(entry, other)).toBe(entry)
    }
  })
})

describe('an entry for some alone', () => {
  const message = { id: '7-1', seq: 42, senderId: sender, receiverIds: [receiver], elements: [] }
  const targeted = { kind: 'message', message } as unknown as Entry
  const about = { seq: 42, receiverIds: [receiver] }

  test.each<readonly [string, Entry]>([
    ['a message', targeted],
    ['a change of it', { kind: 'modified', senderId: sender, ...about } as unknown as Entry],
  ])('%s is seen by its receivers and its sender, and takes its place for all others', (_what, entry) => {
    expect(entryAs(entry, receiver)).toBe(entry)
    expect(entryAs(entry, sender)).toBe(entry)
    const skipped = { kind: 'skipped', seq: entry === targeted ? 42 : 0 }
    expect(entryAs(entry, other)).toEqual(skipped)
    expect(audienceOf(entry)?.isLast).toBe(false)
  })

  test.each(['reaction', 'extensions'])('a %s names all who may see it, the sender too', (kind) => {
    const entry = { kind, ...about } as unknown as Entry
    expect(entryAs(entry, receiver)).toBe(entry)
    expect(entryAs(entry, sender)).toEqual({ kind: 'skipped', seq: 0 })
  })

  test('says nothing to the others of what it holds', () => {
    for (const entry of golden) {
      const shown = entryAs(entry, other)
      if (!audienceOf(entry) || shown === undefined || shown.kind === 'dismissed' || removedBy(entry)) continue
      expect(Object.keys(shown)).toEqual(['kind', 'seq'])
    }
  })
})

describe('[I11] a removal', () => {
  test.each(removals)('by %s is not for who is removed: from there on nothing is', (_what, entry) => {
    expect(entryAs(entry, receiver)).toBeUndefined()
    expect(entryAs(entry, other)).toBe(entry)
    expect(entryAs(entry, sender)).toBe(entry)
    expect(audienceOf(entry)?.isLast).toBe(false)
    expect(removedBy(entry)).toEqual([receiver])
  })

  test.each<Tip>([
    { op: 'joined', invited: true, by, users: [{ userId: receiver }], memberCount: 2 },
    { op: 'admin-set', by, users: [{ userId: receiver }] },
    { op: 'admin-unset', by, users: [{ userId: receiver }] },
    { op: 'members-muted', by, users: [{ userId: receiver }], untilMs: 1, seconds: 1 },
    { op: 'group-changed', by, changed: { name: 'x' } },
  ])('is none when the tip is $op', (tip) => {
    expect(removedBy(tipEntry(tip))).toBeUndefined()
    expect(audienceOf(tipEntry(tip))).toBeUndefined()
  })

  test('of many names each of them, also those of whom the tip has only the id', () => {
    const users = Array.from({ length: 300 }, (_, index) => ({ userId: user(`u${index}`) }))
    const entry = tipEntry({ op: 'kicked', by, users, memberCount: 0 })
    for (const { userId } of users) expect(entryAs(entry, userId)).toBeUndefined()
    expect(entryAs(entry, other)).toBe(entry)
  })

  test('is none when a user says the same in his own words', () => {
    const data = JSON.stringify({ type: 'tip', tip: { op: 'kicked', users: [{ userId: receiver }] } })
    const element = { type: 'custom', data, description: '', extension: '' }
    const entry = { kind: 'message', message: { seq: 1, senderId: other, elements: [element] } } as unknown as Entry
    expect(audienceOf(entry)).toBeUndefined()
  })
})

test('[I11] the end of a group is the last that anybody gets', () => {
  const entry: Entry = { kind: 'dismissed', by }
  for (const userId of [sender, receiver, other]) expect(entryAs(entry, userId)).toBe(entry)
  expect(audienceOf(entry)?.isLast).toBe(true)
})

test('a message that was revoked removes nobody: nothing is left of what it said', () => {
  const entry = { kind: 'message', message: { seq: 1, senderId: sender, elements: [] } } as unknown as Entry
  expect(audienceOf(entry)).toBeUndefined()
})
