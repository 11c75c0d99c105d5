import { describe, expect, test } from 'vitest'
import { timeLabel } from './time-label.ts'

// By the calendar of wherever the test runs, as for a reader.
const NOW = new Date(2026, 2, 12, 9, 30).getTime()
const label = (...at: readonly [number, number, number, number, number]): string =>
  timeLabel(new Date(...at).getTime(), NOW, 'zh')

describe('the time in a list', () => {
  test('is the time of day today, also right after midnight and when a clock is ahead', () => {
    expect(label(2026, 2, 12, 0, 5)).toBe('00:05')
    expect(label(2026, 2, 12, 23, 59)).toBe('23:59')
    expect(label(2026, 2, 13, 0, 1)).toBe('00:01')
  })

  test('is 昨天 for all of the day before, however few hours ago', () => {
    expect(label(2026, 2, 11, 23, 59)).toBe('昨天')
    expect(label(2026, 2, 11, 0, 0)).toBe('昨天')
  })

  test('is the weekday within a week, then the date, with the year when it is another', () => {
    expect(label(2026, 2, 10, 8, 0)).toBe('周二')
    expect(label(2026, 2, 6, 8, 0)).toBe('周五')
    expect(label(2026, 2, 5, 8, 0)).toBe('3月5日')
    expect(label(2025, 11, 31, 8, 0)).toBe('2025/12/31')
  })

  test('is English in English', () => {
    expect(timeLabel(new Date(2026, 2, 11, 8).getTime(), NOW, 'en')).toBe('Yesterday')
    expect(timeLabel(new Date(2026, 1, 3, 8).getTime(), NOW, 'en')).toBe('3 Feb')
  })
})
