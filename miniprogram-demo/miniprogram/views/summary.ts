import { TYPES } from '../im/sdk'
import { customText, founderIn } from './custom-text'
import { textAt } from './fields'
import { noticeText } from './notice-text'
import { tipText } from './tip-text'
import type { Words } from '../text/zh'

interface Said {
  readonly type: string
  readonly payload: unknown
}

const WITH_DETAIL: { readonly [type: string]: readonly [tag: keyof Words['tags'], detail: string] } = {
  [TYPES.MSG_FILE]: ['file', 'fileName'],
  [TYPES.MSG_LOCATION]: ['place', 'description'],
  [TYPES.MSG_MERGER]: ['merger', 'title'],
}

const TAGS: { readonly [type: string]: keyof Words['tags'] } = {
  [TYPES.MSG_IMAGE]: 'image',
  [TYPES.MSG_AUDIO]: 'sound',
  [TYPES.MSG_VIDEO]: 'video',
  [TYPES.MSG_FACE]: 'face',
}

/** A message in one line, for lists and quotes. */
export function summaryOf({ type, payload }: Said, me: string, words: Words): string {
  if (type === '') return ''
  if (type === TYPES.MSG_TEXT) return oneLine(textAt(payload, 'text'))
  if (type === TYPES.MSG_GRP_TIP) return tipText(payload, me, words)
  if (type === TYPES.MSG_GRP_SYS_NOTICE) return noticeText(payload, words)
  if (type === TYPES.MSG_CUSTOM) {
    const founder = founderIn(payload)
    return founder === undefined ? oneLine(customText(payload, words)) : words.says.created(founder)
  }
  const detailed = WITH_DETAIL[type]
  if (detailed !== undefined) return `${words.tags[detailed[0]]} ${textAt(payload, detailed[1])}`.trim()
  return words.tags[TAGS[type] ?? 'unknown']
}

const MOST_CHARACTERS = 120

/** Long texts would go over the bridge with every change of a list. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line
}
