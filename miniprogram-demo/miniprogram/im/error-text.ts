import { isObject } from '../views/fields'
import { words } from '../text/words'
import type { Words } from '../text/zh'

type Key = keyof Words['errors']

const KEYS: { readonly [code: string]: Key } = {
  0: 'noServer',
  400: 'badUserID',
  404: 'noSuchUser',
  2501: 'noSuchUser',
  2800: 'noServer',
  2801: 'network',
  2805: 'network',
  3008: 'network',
  10007: 'notAllowed',
  10010: 'notMember',
  10016: 'notAllowed',
  10017: 'muted',
  10031: 'tooLate',
  20003: 'noSuchUser',
  20012: 'muted',
  20016: 'tooLate',
  40003: 'noSuchUser',
  70001: 'badSig',
  70003: 'badSig',
  70009: 'badSig',
  70013: 'badSig',
  70014: 'badSig',
  70051: 'disabled',
  70107: 'noSuchUser',
  80002: 'tooLong',
  114002: 'fileTooLarge',
  114011: 'badFile',
}

/** What to tell a person about something that failed. */
export function errorText(error: unknown): string {
  const code = codeOf(error)
  const { errors, says } = words()
  const key = KEYS[code]
  if (key !== undefined) return errors[key]
  return code === '' ? errors.failed : says.failedWith(code)
}

export function codeOf(error: unknown): string {
  const code = isObject(error) ? error['code'] : undefined
  return typeof code === 'number' || typeof code === 'string' ? String(code) : ''
}

/** Whether waiting may help: the network or the server, not what the user said. */
export function isPassing(error: unknown): boolean {
  return ['0', '502', '503', '504', '2800', '2801', '2802', '2803', '2805', '3008', '20004', '20005', '60018'].includes(
    codeOf(error),
  )
}
