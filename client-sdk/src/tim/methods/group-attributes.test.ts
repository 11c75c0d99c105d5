import { describe, expect, test } from 'vitest'
import { EVENT } from '../events.ts'
import { CLASS, classStand, lastAsked } from '../test/group-stand.ts'
import type { Stand } from '../test/stand.ts'

const OF_CLASS = { groupID: 'class1' }

function tell({ client }: Stand, set: Record<string, string>, deleted: string[] = []): void {
  client.tell({ kind: 'annotated', conversationId: CLASS, annotation: { kind: 'attributes', set, deleted } })
}

describe('attributes', () => {
  test('are set, or take the place of all, and are given back as they were passed', async () => {
    const stand = await classStand()
    stand.client.answer('group.setAttributes', {})
    const groupAttributes = { a: '1' }
    const options = { ...OF_CLASS, groupAttributes }
    expect((await stand.chat.setGroupAttributes(options)).data).toEqual({ groupAttributes })
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', attributes: groupAttributes, replaces: false })
    await stand.chat.initGroupAttributes(options)
    expect(lastAsked(stand)?.body).toMatchObject({ replaces: true })
    await stand.chat.initGroupAttributes({ ...OF_CLASS, groupAttributes: {} })
    for (const bad of [{}, { a: 1 }]) {
      const call = () => stand.chat.setGroupAttributes({ ...OF_CLASS, groupAttributes: bad as never })
      expect(call).toThrow(/setGroupAttributes/)
    }
  })

  test('are read from the server every 30 s at most, by name or all', async () => {
    const stand = await classStand()
    stand.client.answer('group.attributes', { attributes: { a: '1', b: '2' } })
    const get = async (keyList?: string[]) =>
      (await stand.chat.getGroupAttributes({ ...OF_CLASS, ...(keyList ? { keyList } : {}) })).data.groupAttributes
    expect(await get()).toEqual({ a: '1', b: '2' })
    expect(await get([])).toEqual({ a: '1', b: '2' })
    expect(await get(['b', 'c'])).toEqual({ b: '2' })
    expect(stand.client.asked).toHaveLength(1)
    tell(stand, { a: '3' }, ['b'])
    expect(await get()).toEqual({ a: '3' })
    await stand.clock.pass(30_000)
    expect(await get()).toEqual({ a: '1', b: '2' })
  })

  test('are told with all there are, fetched where they are not known', async () => {
    const stand = await classStand()
    stand.client.answer('group.attributes', { attributes: { a: '1', b: '2' } })
    tell(stand, { b: '2' })
    await stand.clock.pass(1)
    tell(stand, { c: '3' }, ['a'])
    expect(stand.seen(EVENT.GROUP_ATTRIBUTES_UPDATED)).toEqual([
      { ...OF_CLASS, groupAttributes: { a: '1', b: '2' }, updatedKeyList: ['b'], deletedKeyList: [] },
      { ...OF_CLASS, groupAttributes: { b: '2', c: '3' }, updatedKeyList: ['c'], deletedKeyList: ['a'] },
    ])
  })

  test('an answer that is older than what was told meanwhile is asked for again', async () => {
    const stand = await classStand()
    stand.client.answer('group.attributes', () => {
      if (stand.client.asked.length > 1) return { attributes: { a: 'new' } }
      tell(stand, { a: 'new' })
      return { attributes: { a: 'old' } }
    })
    const { data } = await stand.chat.getGroupAttributes(OF_CLASS)
    expect(data.groupAttributes).toEqual({ a: 'new' })
  })

  test('are deleted by name, or all, and 10050 and 10056 say what went wrong', async () => {
    const stand = await classStand()
    stand.client.answer('group.deleteAttributes', { keys: ['a'] })
    const remove = (keyList: string[]) => stand.chat.deleteGroupAttributes({ ...OF_CLASS, keyList })
    expect((await remove([])).data).toEqual({ keyList: ['a'] })
    expect(lastAsked(stand)?.body).toEqual({ groupId: 'class1', keys: [] })
    stand.client.failing.set('group.deleteAttributes', 'NO_SUCH_ATTRIBUTE')
    await expect(remove(['x'])).rejects.toMatchObject({ code: 10050 })
    stand.client.failing.set('group.deleteAttributes', 'ATTRIBUTE_CONFLICT')
    await expect(remove(['x'])).rejects.toMatchObject({ code: 10056 })
  })

  test('are written ten times in 5 s at most', async () => {
    const stand = await classStand()
    stand.client.answer('group.setAttributes', {})
    const set = () => stand.chat.setGroupAttributes({ ...OF_CLASS, groupAttributes: { a: '1' } })
    for (let i = 0; i < 10; i++) await set()
    await expect(set()).rejects.toMatchObject({ code: 2996 })
    await stand.clock.pass(5_000)
    await expect(set()).resolves.toMatchObject({ code: 0 })
  })
})

describe('counters', () => {
  test('are set, raised, lowered and read', async () => {
    const stand = await classStand()
    stand.client.answer('group.setCounters', { counters: { votes: 4 } })
    stand.client.answer('group.counters', { counters: { votes: 4, views: 9 } })
    const { chat } = stand
    expect((await chat.setGroupCounters({ ...OF_CLASS, counters: { votes: 4 } })).data).toEqual({
      counters: { votes: 4 },
    })
    await chat.increaseGroupCounter({ ...OF_CLASS, key: 'votes', value: 2 })
    await chat.decreaseGroupCounter({ ...OF_CLASS, key: 'votes', value: 3 })
    expect(stand.client.asked.map(({ body }) => body)).toEqual([
      { groupId: 'class1', counters: { votes: 4 }, adds: false },
      { groupId: 'class1', counters: { votes: 2 }, adds: true },
      { groupId: 'class1', counters: { votes: -3 }, adds: true },
    ])
    expect((await chat.getGroupCounters({ ...OF_CLASS, keyList: ['views'] })).data.counters).toEqual({ views: 9 })
  })

  test('are told one by one', async () => {
    const stand = await classStand()
    const counters = { votes: 1, views: 2 }
    stand.client.tell({ kind: 'annotated', conversationId: CLASS, annotation: { kind: 'counters', counters } })
    expect(stand.seen(EVENT.GROUP_COUNTER_UPDATED)).toEqual([
      { ...OF_CLASS, key: 'votes', value: 1 },
      { ...OF_CLASS, key: 'views', value: 2 },
    ])
  })
})
