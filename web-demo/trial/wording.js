import { TYPES } from './api.js'
import { t } from './i18n.js'

const TAGS = new Map([
  [TYPES.MSG_FACE, 'face'],
  [TYPES.MSG_LOCATION, 'placeTag'],
  [TYPES.MSG_IMAGE, 'image'],
  [TYPES.MSG_AUDIO, 'sound'],
  [TYPES.MSG_VIDEO, 'video'],
  [TYPES.MSG_FILE, 'file'],
  [TYPES.MSG_MERGER, 'merger'],
  [TYPES.MSG_CUSTOM, 'custom'],
])

/** A message, or a conversation's last one, in one line. */
export function summaryOf({ type, payload }) {
  if (type === TYPES.MSG_TEXT) return payload?.text ?? ''
  const tag = TAGS.get(type)
  if (tag === undefined) return ''
  if (type === TYPES.MSG_CUSTOM) return payload?.description || t(tag)
  if (type === TYPES.MSG_LOCATION) return [t(tag), payload?.description].filter(Boolean).join(' ')
  return t(tag)
}

const ERRORS = new Map([
  ['BAD_USER_ID', 'badUserId'],
  [2501, 'noSuchUser'],
  [90048, 'noSuchUser'],
  [20003, 'noSuchUser'],
  [20016, 'tooLate'],
  [80002, 'tooLong'],
  [2800, 'noAnswer'],
  [2801, 'noAnswer'],
  [2805, 'noAnswer'],
])

/** What to tell a person about an error of the SDK or of a fetch. */
export function explain(error) {
  if (error instanceof TypeError) return t('noAnswer')
  const key = ERRORS.get(error.code)
  return key === undefined ? t('failed', { code: error.code ?? error.message }) : t(key)
}
