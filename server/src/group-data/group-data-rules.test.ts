import { Refused } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { deleteAttributes, setAttributes, setCounters } from './group-data-rules.ts'

const map = <Value>(values: Record<string, Value>): ReadonlyMap<string, Value> => new Map(Object.entries(values))

describe('attributes', () => {
  test('that are set leave the others, and only what is different is told', () => {
    expect(setAttributes(map({ a: '1', b: '2' }), map({ b: '2', c: '3' }), { replaces: false })).toEqual({
      after: map({ a: '1', b: '2', c: '3' }),
      set: map({ c: '3' }),
      deleted: [],
    })
  })

  test('that replace are all there are', () => {
    expect(setAttributes(map({ a: '1', b: '2' }), map({ b: '3' }), { replaces: true })).toEqual({
      after: map({ b: '3' }),
      set: map({ b: '3' }),
      deleted: ['a'],
    })
  })

  test('may fill the room there is to the last byte', () => {
    const full = map(Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, 'x'.repeat(4095)])))
    expect(setAttributes(map({}), full, { replaces: false }).set.size).toBe(4)
    expect(() => setAttributes(full, map({ a: 'x'.repeat(4096) }), { replaces: false })).toThrow(
      new Refused('TOO_MANY_ATTRIBUTES'),
    )
    expect(setAttributes(full, map({ e: 'x' }), { replaces: true }).deleted).toHaveLength(4)
  })

  test('that are deleted are those that are there, or all', () => {
    expect(deleteAttributes(map({ a: '1', b: '2' }), ['b', 'c'])).toMatchObject({
      after: map({ a: '1' }),
      deleted: ['b'],
    })
    expect(deleteAttributes(map({ a: '1', b: '2' }), []).deleted).toEqual(['a', 'b'])
    expect(() => deleteAttributes(map({ a: '1' }), ['b'])).toThrow(new Refused('NO_SUCH_ATTRIBUTE'))
    expect(() => deleteAttributes(map({}), [])).toThrow(new Refused('NO_SUCH_ATTRIBUTE'))
  })
})

describe('counters', () => {
  test('are set or added; what is not there is 0', () => {
    expect(setCounters(map({ a: 5 }), map({ a: 2, b: 3 }), { adds: true })).toEqual(map({ a: 7, b: 3 }))
    expect(setCounters(map({ a: 5 }), map({ a: 2 }), { adds: false })).toEqual(map({ a: 2 }))
  })

  test('that would not be exact are refused', () => {
    const most = map({ a: Number.MAX_SAFE_INTEGER })
    expect(() => setCounters(most, map({ a: 1 }), { adds: true })).toThrow(new Refused('TOO_MANY_COUNTERS'))
    expect(setCounters(most, map({ a: -1 }), { adds: true })).toEqual(map({ a: Number.MAX_SAFE_INTEGER - 1 }))
  })
})
