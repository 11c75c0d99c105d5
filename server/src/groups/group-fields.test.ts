import { parseGroupId, parseUserId, type Group } from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GroupRow } from '../conversations/group-row.ts'
import { mergeFields, whatChanges } from './group-fields.ts'

function rowOf(fields: Partial<GroupRow> = {}): GroupRow {
  const groupId = parseGroupId('class')
  const ownerId = parseUserId('anna')
  if (groupId === undefined || ownerId === undefined) throw new Error('not ids')
  return {
    timelineKey: 1,
    groupId,
    type: 'public',
    name: '7B',
    avatar: '',
    introduction: '',
    notice: 'Friday',
    ownerKey: 1,
    ownerId,
    maxMembers: 200,
    memberCount: 3,
    joinOption: 'approval',
    inviteOption: 'closed',
    isMuted: false,
    custom: [{ key: 'grade', value: '7' }],
    createdAtMs: 1,
    changedAtMs: 1,
    dismissedAtMs: null,
    ...fields,
  }
}

describe('what a request changes of a group', () => {
  test('is what has another value now, and nothing else', () => {
    const same = { name: '7B', notice: 'Friday', joinOption: 'approval', isMuted: false, avatar: undefined } as const
    expect(whatChanges(rowOf(), {})).toEqual({})
    expect(whatChanges(rowOf(), same as never)).toStrictEqual({})
    expect(whatChanges(rowOf(), { ...same, name: '8B', isMuted: true } as never)).toEqual({ name: '8B', isMuted: true })
  })

  test('may empty a field, and unmute', () => {
    expect(whatChanges(rowOf({ isMuted: true }), { notice: '', isMuted: false })).toEqual({
      notice: '',
      isMuted: false,
    })
  })

  test('of the custom fields is all of them, when one is new or has another value', () => {
    const grade = { key: 'grade', value: '7' }
    expect(whatChanges(rowOf(), { custom: [grade] })).toEqual({})
    expect(whatChanges(rowOf(), { custom: [] })).toEqual({})
    expect(whatChanges(rowOf(), { custom: [{ key: 'room', value: '203' }] })).toEqual({
      custom: [grade, { key: 'room', value: '203' }],
    })
    expect(whatChanges(rowOf(), { custom: [{ key: 'grade', value: '' }] })).toEqual({
      custom: [{ key: 'grade', value: '' }],
    })
  })
})

describe('custom fields', () => {
  const fields: fc.Arbitrary<Group['custom']> = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), value: fc.string({ maxLength: 3 }) }),
    { maxLength: 6 },
  )

  test('are merged by key: the later value counts, what is not named stays, and each key is there once', () => {
    fc.assert(
      fc.property(fields, fields, (known, named) => {
        const merged = mergeFields(known, named)
        const all = [...known, ...named]
        expect(new Set(merged.map(({ key }) => key))).toEqual(new Set(all.map(({ key }) => key)))
        expect(new Set(merged.map(({ key }) => key)).size).toBe(merged.length)
        for (const { key, value } of merged) {
          expect(value).toBe(all.findLast((field) => field.key === key)?.value)
        }
      }),
    )
  })

  test('merged again are the same', () => {
    fc.assert(
      fc.property(fields, fields, (known, named) => {
        const merged = mergeFields(known, named)
        expect(mergeFields(merged, named)).toEqual(merged)
      }),
    )
  })
})
