import { TYPES, type Message } from '../im/sdk'
import type { Words } from '../text/zh'
import { customText, linkIn } from './custom-text'
import { listAt, numberAt, textAt } from './fields'

/** What stands in a bubble. */
export type Body =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly url: string; readonly width: number; readonly height: number }
  | {
      readonly type: 'video'
      readonly url: string
      readonly width: number
      readonly height: number
      readonly text: string
    }
  | { readonly type: 'sound'; readonly text: string; readonly width: number; readonly isNew: boolean }
  | { readonly type: 'file'; readonly text: string; readonly size: string; readonly ending: string }
  | { readonly type: 'place'; readonly text: string }
  | { readonly type: 'merger'; readonly text: string; readonly lines: readonly string[] }
  | { readonly type: 'custom'; readonly text: string; readonly link: string }

interface BodyContext {
  readonly words: Words
  readonly isHeard: (id: string) => boolean
}

/** Pictures are fitted into this square, in rpx. */
const EDGE_RPX = 360
const LEAST_RPX = 120
const MOST_LINES = 4

/** Also of the entries of a merged message, which have no flow. */
export function bodyOf(
  { ID, type, payload, flow }: Pick<Message, 'ID' | 'type' | 'payload'> & { readonly flow?: string },
  { words, isHeard }: BodyContext,
): Body {
  switch (type) {
    case TYPES.MSG_TEXT:
      return { type: 'text', text: textAt(payload, 'text') }
    case TYPES.MSG_IMAGE:
      return imageBody(payload)
    case TYPES.MSG_VIDEO:
      return videoBody(payload, words)
    case TYPES.MSG_AUDIO:
      return soundBody(payload, flow === 'in' && !isHeard(ID))
    case TYPES.MSG_FILE:
      return fileBody(payload)
    case TYPES.MSG_LOCATION:
      return { type: 'place', text: textAt(payload, 'description') || words.tags.place }
    case TYPES.MSG_MERGER: {
      const lines = listAt(payload, 'abstractList').slice(0, MOST_LINES).map(String)
      return { type: 'merger', text: textAt(payload, 'title') || words.tags.merger, lines }
    }
    case TYPES.MSG_CUSTOM:
      return { type: 'custom', text: customText(payload, words), link: linkIn(payload) }
    default:
      return { type: 'text', text: type === TYPES.MSG_FACE ? faceText(payload, words) : words.tags.unknown }
  }
}

/** The kits' stickers are pictures of theirs; a name in brackets is what everybody can read. */
function faceText(payload: unknown, words: Words): string {
  const name = textAt(payload, 'data')
  return /^\[.+\]$/.test(name) || isEmoji(name) ? name : words.tags.face
}

function isEmoji(text: string): boolean {
  return (
    text !== '' &&
    Array.from(text).length <= 4 &&
    Array.from(text).every((character) => (character.codePointAt(0) ?? 0) > 0x2000)
  )
}

function imageBody(payload: unknown): Body {
  const pictures = listAt(payload, 'imageInfoArray')
  // The second is the small one, which a bubble has room for; a large screen deserves the 720 pixels of the third.
  const shown = pictures.find((picture) => numberAt(picture, 'type') === 2) ?? pictures[0]
  return { type: 'image', url: textAt(shown, 'url'), ...fit(numberAt(shown, 'width'), numberAt(shown, 'height')) }
}

function videoBody(payload: unknown, words: Words): Body {
  const size = fit(numberAt(payload, 'snapshotWidth'), numberAt(payload, 'snapshotHeight'))
  const url = textAt(payload, 'snapshotUrl') || textAt(payload, 'thumbUrl')
  return { type: 'video', url, ...size, text: words.says.duration(numberAt(payload, 'videoSecond')) }
}

/** The address of the largest picture, for a look at it alone. */
export function originalUrl(payload: unknown): string {
  const pictures = listAt(payload, 'imageInfoArray')
  return textAt(pictures.find((picture) => numberAt(picture, 'type') === 0) ?? pictures[0], 'url')
}

/** Longer recordings are wider, up to a limit. */
function soundBody(payload: unknown, isNew: boolean): Body {
  const seconds = Math.max(1, Math.round(numberAt(payload, 'second')))
  return { type: 'sound', text: `${seconds}″`, width: 140 + Math.min(seconds, 60) * 4, isNew }
}

function fileBody(payload: unknown): Body {
  const name = textAt(payload, 'fileName')
  const [, ending] = /\.(\w{1,5})$/.exec(name) ?? []
  return {
    type: 'file',
    text: name,
    size: sizeText(numberAt(payload, 'fileSize')),
    ending: (ending ?? '').toUpperCase(),
  }
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** The size a picture is shown in: its proportions, but neither a line nor a wall. */
export function fit(width: number, height: number): { readonly width: number; readonly height: number } {
  if (width <= 0 || height <= 0) return { width: EDGE_RPX, height: EDGE_RPX * 0.75 }
  const scale = EDGE_RPX / Math.max(width, height)
  const fitted = (edge: number): number => Math.max(LEAST_RPX, Math.round(edge * scale))
  return { width: fitted(width), height: fitted(height) }
}
