/** One size of a picture: `type` 0 the original, 1 small (198 pixels), 2 large (720 pixels). A type, so that it also is a Payload. */
export type ImageInfo = {
  type: number
  url: string
  imageUrl: string
  width: number
  height: number
  /** In bytes. */
  size: number
}

/** What a message says. Which of these are there depends on the message's `type` (tim-semantics §3.2). */
export interface Payload {
  text?: string
  data?: string
  description?: string
  extension?: string
  index?: number
  longitude?: number
  latitude?: number
  /** Pictures, sound and files. */
  uuid?: string
  imageFormat?: number
  imageInfoArray?: ImageInfo[]
  /** Sound: the address, seconds and bytes. */
  url?: string
  second?: number
  size?: number
  fileName?: string
  fileUrl?: string
  /** In bytes. */
  fileSize?: number
  videoUrl?: string
  /** In seconds. */
  videoSecond?: number
  /** In bytes. */
  videoSize?: number
  videoFormat?: string
  thumbUrl?: string
  thumbWidth?: number
  thumbHeight?: number
  snapshotUrl?: string
  snapshotWidth?: number
  snapshotHeight?: number
  /** Merged records. */
  title?: string
  abstractList?: string[]
  /** Tips and notices of groups. */
  operatorID?: string
  operationType?: number
  userIDList?: string[]
  [more: string]: unknown
}

/** A typed part of a TIM message. */
export interface TimElement {
  readonly type: string
  content: Payload
}

/** The address of a file, for whoever is logged in now. */
export type UrlOf = (fileId: string, variant?: 'small' | 'large') => string

/** An application may have put anything into a payload. */
export function textAt(content: Payload, key: string): string {
  const value = content[key]
  return typeof value === 'string' ? value : ''
}

/** A whole number from 0; 0 for what is none. */
export function numberAt(content: Payload, key: string): number {
  const value = Number(content[key])
  return value > 0 && value < Infinity ? Math.floor(value) : 0
}

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null
}
