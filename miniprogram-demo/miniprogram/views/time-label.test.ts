import { describe, expect, test } from 'vitest'
import { en } from '../text/en.ts'
import { zh } from '../text/zh.ts'
import { isAfterSilence, listTime, separatorTime } from './time-label.ts'

/** A Wednesday, in whatever zone the test runs. */
const NOW = new Date(2026, 10, 18, 14, 5)
const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime() / 1000

describe('a time in Chinese', () => {
  test.each([
    ['of today is the clock', at(2026, 10, 18, 9, 3), '09:03', '09:03'],
    ['of a minute to midnight is yesterday', at(2026, 10, 17, 23, 59), '昨天', '昨天 23:59'],
    ['of the last days is the weekday', at(2026, 10, 14, 8, 0), '星期六', '星期六 08:00'],
    ['of a week ago is the date', at(2026, 10, 11, 8, 0), '11月11日', '11月11日 08:00'],
    ['of another year says it', at(2025, 0, 2, 8, 0), '2025年1月2日', '2025年1月2日 08:00'],
    ['of a clock that goes before ours is the clock', at(2026, 10, 19, 0, 1), '00:01', '00:01'],
  ])('%s', (_title, seconds, inList, between) => {
    expect(listTime(seconds, NOW.getTime(), zh)).toBe(inList)
    expect(separatorTime(seconds, NOW.getTime(), zh)).toBe(between)
  })

  test('is empty where there is none', () => {
    expect(listTime(0, NOW.getTime(), zh)).toBe('')
  })
})

test('a date in English has two digits', () => {
  expect(listTime(at(2026, 2, 5, 8, 0), NOW.getTime(), en)).toBe('03-05')
})

test('a line of time stands after more than five minutes', () => {
  expect([isAfterSilence(1000, 1300), isAfterSilence(1000, 1301)]).toEqual([false, true])
})
