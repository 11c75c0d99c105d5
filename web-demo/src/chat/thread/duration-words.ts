import { language } from '../../words/language.ts'

const UNITS = [
  { seconds: 86_400, zh: '天', en: 'day' },
  { seconds: 3_600, zh: '小时', en: 'hour' },
  { seconds: 60, zh: '分钟', en: 'minute' },
  { seconds: 1, zh: '秒', en: 'second' },
] as const

/** 5400 is '90 分钟', 7200 '2 小时': in the largest unit in which it is a whole number. */
export function durationWords(seconds: number): string {
  const unit = UNITS.find((one) => seconds % one.seconds === 0 && seconds >= one.seconds) ?? UNITS[3]
  const count = Math.round(seconds / unit.seconds)
  if (language.value === 'zh') return `${count} ${unit.zh}`
  return `${count} ${unit.en}${count === 1 ? '' : 's'}`
}
