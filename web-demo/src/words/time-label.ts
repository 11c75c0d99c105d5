import type { Language } from './language.ts'

const DAY_MS = 86_400_000
const LOCALES = { zh: 'zh-CN', en: 'en-GB' } as const

/** When something was, as short as a list needs it: the time today, then yesterday, the weekday within a week, the date. */
export function timeLabel(atMs: number, nowMs: number, language: Language): string {
  const locale = LOCALES[language]
  const at = new Date(atMs)
  const days = daysBetween(at, new Date(nowMs))
  if (days <= 0) return at.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  if (days === 1) return language === 'zh' ? '昨天' : 'Yesterday'
  if (days < 7) return at.toLocaleDateString(locale, { weekday: 'short' })
  const isThisYear = at.getFullYear() === new Date(nowMs).getFullYear()
  if (isThisYear) return at.toLocaleDateString(locale, { month: 'short', day: 'numeric' })
  return at.toLocaleDateString(locale, { year: 'numeric', month: 'numeric', day: 'numeric' })
}

/** The same moment in full, for titles. */
export function fullTime(atMs: number, language: Language): string {
  return new Date(atMs).toLocaleString(LOCALES[language], { dateStyle: 'medium', timeStyle: 'short' })
}

/** By the calendar where the reader is; days of 23 and 25 hours count as one. */
function daysBetween(at: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(at)) / DAY_MS)
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
