import { describe, expect, test } from 'vitest'
import { EMOJI, nextCell, withRecent } from './emoji.ts'
import { planFor } from './file-plan.ts'
import { excessBytes } from './message-size.ts'
import { silenceIn } from './silence-rules.ts'

const MB = 1024 * 1024

describe('emoji', () => {
  const all = EMOJI.flatMap((group) => group.all)

  test('are each one character to the eye, and none is there twice', () => {
    const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' })
    expect(all.filter((emoji) => [...segmenter.segment(emoji)].length !== 1)).toEqual([])
    expect(all.filter((emoji) => !/\p{Emoji}/u.test(emoji))).toEqual([])
    expect(new Set(all).size).toBe(all.length)
  })

  test('used last stand first, each once, and only so many', () => {
    expect(withRecent(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c'])
    expect(withRecent(all, '😀')).toHaveLength(18)
  })

  test.each([
    ['ArrowRight', 0, 1],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 5, 1],
    ['End', 0, 9],
    ['Home', 9, 0],
    ['x', 3, 3],
  ])('%s leads from %i to %i in rows of four', (key, at, next) => {
    expect(nextCell(key, at, { cells: 10, columns: 4 })).toBe(next)
  })
})

describe('a chosen file', () => {
  test.each([
    ['照片.JPG', 'image/jpeg', 1, { can: true, as: 'image' }],
    ['image.png', 'image/png', 20 * MB, { can: true, as: 'image' }],
    ['', 'image/png', 5, { can: true, as: 'image' }],
    ['太大.png', 'image/png', 20 * MB + 1, { can: true, as: 'file' }],
    ['苹果.heic', 'image/heic', 5, { can: true, as: 'file' }],
    ['画.svg', 'image/svg+xml', 5, { can: true, as: 'file' }],
    ['运动会.mp4', 'video/mp4', 100 * MB, { can: true, as: 'video' }],
    ['录像.MOV', 'video/quicktime', 5, { can: true, as: 'video' }],
    ['录像.webm', 'video/webm', 5, { can: true, as: 'file' }],
    ['作业.pdf', 'application/pdf', 5, { can: true, as: 'file' }],
    ['空.txt', 'text/plain', 0, { can: false, why: 'empty' }],
    ['大.zip', 'application/zip', 100 * MB + 1, { can: false, why: 'too-large' }],
  ])('%s (%s, %i bytes) goes as what the server takes', (name, type, size, plan) => {
    expect(planFor({ name, type, size })).toEqual(plan)
  })
})

describe('the size of a message', () => {
  test('is counted in bytes of UTF-8, with the custom data', () => {
    expect(excessBytes('好'.repeat(4_000), '')).toBe(0)
    expect(excessBytes('好'.repeat(4_100), '')).toBeGreaterThan(0)
    expect(excessBytes('a'.repeat(12_000), '')).toBe(0)
    expect(excessBytes('a'.repeat(12_000), JSON.stringify({ messageReply: 'x'.repeat(200) }))).toBeGreaterThan(0)
  })

  test('counts what JSON escapes', () => {
    expect(excessBytes('\n'.repeat(6_500), '')).toBeGreaterThan(0)
  })
})

describe('why nothing can be written', () => {
  const NOW_MS = 1_800_000_000_000
  const group = (role: string, muteAllMembers: boolean, muteTime = 0) => ({
    muteAllMembers,
    selfInfo: {
      userID: 'me',
      role,
      nameCard: '',
      joinTime: 0,
      messageRemindType: '',
      memberCustomField: [],
      readedSequence: 0,
      excludedUnreadSequenceList: [],
      muteTime,
    },
  })
  const inGroup = (of: ReturnType<typeof group> | undefined, isKnown = true) =>
    silenceIn({ type: 'GROUP', isKnown, group: of }, NOW_MS)?.reason

  test('is nothing between two people, or while nothing is known', () => {
    expect(silenceIn({ type: 'C2C', isKnown: true, group: undefined }, NOW_MS)).toBeUndefined()
    expect(inGroup(undefined, false)).toBeUndefined()
    expect(inGroup(group('Member', false))).toBeUndefined()
  })

  test('is that one has left, that all are muted, or a ban that lasts', () => {
    expect(inGroup(undefined)).toBe('not-a-member')
    expect(inGroup(group('Member', true))).toBe('all-muted')
    expect(['Owner', 'Admin'].map((role) => inGroup(group(role, true)))).toEqual([undefined, undefined])
    const untilMs = NOW_MS + 60_000
    expect(silenceIn({ type: 'GROUP', isKnown: true, group: group('Admin', false, untilMs / 1000) }, NOW_MS)).toEqual({
      reason: 'muted',
      untilMs,
    })
    expect(inGroup(group('Member', false, NOW_MS / 1000 - 1))).toBeUndefined()
  })

  test('is that nobody reads answers to the system', () => {
    expect(silenceIn({ type: 'SYSTEM', isKnown: true, group: undefined }, NOW_MS)?.reason).toBe('no-answers')
  })
})
