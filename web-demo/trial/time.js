import { locale, t } from './i18n.js'

const DAY_MS = 86_400_000

/** 14:05 */
export function clockTime(seconds) {
  return format(seconds, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** Today, yesterday, the day of the week within a week, else the date. */
export function dayName(seconds) {
  const days = daysAgo(seconds)
  if (days <= 0) return t('today')
  if (days === 1) return t('yesterday')
  if (days < 7) return format(seconds, { weekday: 'long' })
  return format(seconds, { year: isThisYear(seconds) ? undefined : 'numeric', month: 'long', day: 'numeric' })
}

/** The time of today, else the day: for a narrow place. */
export function shortTime(seconds) {
  const days = daysAgo(seconds)
  if (days <= 0) return clockTime(seconds)
  if (days === 1) return t('yesterday')
  if (days < 7) return format(seconds, { weekday: 'short' })
  return format(seconds, { year: isThisYear(seconds) ? undefined : '2-digit', month: 'numeric', day: 'numeric' })
}

/** A value that is the same for all times of one day. */
export function dayKey(seconds) {
  return startOfDay(seconds * 1000).getTime()
}

function daysAgo(seconds) {
  return Math.round((startOfDay(Date.now()) - startOfDay(seconds * 1000)) / DAY_MS)
}

function startOfDay(ms) {
  const day = new Date(ms)
  day.setHours(0, 0, 0, 0)
  return day
}

function isThisYear(seconds) {
  return new Date(seconds * 1000).getFullYear() === new Date().getFullYear()
}

function format(seconds, options) {
  return new Intl.DateTimeFormat(locale(), options).format(new Date(seconds * 1000))
}
