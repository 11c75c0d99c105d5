const UNITS = ['B', 'KB', 'MB', 'GB'] as const
const STEP = 1024

/** '1.5 MB', '12 KB', '0 B': two digits at least where they say something. */
export function showBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes <= 0) return '0 B'
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)))
  const amount = bytes / STEP ** power
  // 1023.9 KB would read as 1024 KB.
  if (Math.round(amount) >= STEP && power < UNITS.length - 1) return `1 ${UNITS[power + 1]}`
  const digits = power === 0 || amount >= 10 ? 0 : 1
  return `${Number(amount.toFixed(digits))} ${UNITS[power]}`
}

/** '0:07', '12:30', '1:02:03'. */
export function showDuration(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.round(seconds)) : 0
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = String(rest).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}
