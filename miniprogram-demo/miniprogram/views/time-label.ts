import type { Words } from '../text/zh'

const DAY_MS = 86_400_000

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}

function clock(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`
}

/** How many midnights lie between; 0: the same day. Negative when the clock here is behind the server's. */
function daysBetween(date: Date, now: Date): number {
  const midnight = (one: Date): number => new Date(one.getFullYear(), one.getMonth(), one.getDate()).getTime()
  return Math.round((midnight(now) - midnight(date)) / DAY_MS)
}

function dayLabel(date: Date, now: Date, words: Words): string {
  const days = daysBetween(date, now)
  if (days <= 0) return ''
  if (days === 1) return words.yesterday
  if (days < 7) return words.weekdays[date.getDay()] ?? ''
  const year = date.getFullYear() === now.getFullYear() ? 0 : date.getFullYear()
  return words.says.date(year, date.getMonth() + 1, date.getDate())
}

/** In a list: the time of today, else the day. Empty for 0, which is no time. */
export function listTime(seconds: number, nowMs: number, words: Words): string {
  if (seconds <= 0) return ''
  const date = new Date(seconds * 1000)
  const day = dayLabel(date, new Date(nowMs), words)
  return day === '' ? clock(date) : day
}

/** Between messages: day and time. */
export function separatorTime(seconds: number, nowMs: number, words: Words): string {
  const date = new Date(seconds * 1000)
  const day = dayLabel(date, new Date(nowMs), words)
  return day === '' ? clock(date) : `${day} ${clock(date)}`
}

/** As WeChat does: a new line of time after five minutes of silence. */
export const SILENCE_SECONDS = 300

export function isAfterSilence(previousSeconds: number, seconds: number): boolean {
  return seconds - previousSeconds > SILENCE_SECONDS
}
