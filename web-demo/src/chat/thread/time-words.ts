import { language } from '../../words/language.ts'
import { timeLabel } from '../../words/time-label.ts'

/** '14:03' */
export function clockWords(timeSeconds: number): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return new Date(timeSeconds * 1000).toLocaleTimeString('zh-CN', options)
}

/** '14:03', '昨天 14:03', '周五 14:03', '11月20日 14:03', '2025/11/20 14:03'. */
export function timeWords(timeSeconds: number, nowMs: number): string {
  const clock = clockWords(timeSeconds)
  const day = timeLabel(timeSeconds * 1000, nowMs, language.value)
  return day === clock ? clock : `${day} ${clock}`
}
