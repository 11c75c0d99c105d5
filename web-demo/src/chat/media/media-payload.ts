import type { Message, Payload } from '@hongyan/client-sdk'

/** One of the three sizes in which the server keeps a picture. */
export interface Copy {
  readonly url: string
  readonly width: number
  readonly height: number
  readonly bytes: number
}

export interface PictureContent {
  readonly original: Copy
  readonly small: Copy
  readonly large: Copy
  readonly isGif: boolean
}

export interface VideoContent {
  readonly url: string
  /** Empty when it has no cover, or none yet. */
  readonly cover: string
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly bytes: number
  /** 'mp4' */
  readonly format: string
}

export interface VoiceContent {
  readonly url: string
  readonly seconds: number
}

export interface FileContent {
  readonly url: string
  readonly name: string
  readonly bytes: number
}

export interface PlaceContent {
  readonly description: string
  readonly latitude: number
  readonly longitude: number
}

const GIF = 2
/** Of imageInfoArray: the order is another while it is sent. */
const ORIGINAL = 0
const SMALL = 1
const LARGE = 2

export function pictureOf({ payload }: Pick<Message, 'payload'>): PictureContent {
  const entries = Array.isArray(payload['imageInfoArray']) ? payload['imageInfoArray'].filter(isPayload) : []
  const copyOf = (type: number): Copy | undefined => {
    const entry = entries.find((candidate) => candidate['type'] === type)
    if (entry === undefined) return undefined
    const url = textAt(entry, 'url') || textAt(entry, 'imageUrl')
    return { url, width: numberAt(entry, 'width'), height: numberAt(entry, 'height'), bytes: numberAt(entry, 'size') }
  }
  const original = copyOf(ORIGINAL) ?? { url: '', width: 0, height: 0, bytes: 0 }
  return {
    original,
    small: copyOf(SMALL) ?? original,
    large: copyOf(LARGE) ?? original,
    isGif: payload['imageFormat'] === GIF,
  }
}

export function videoOf({ payload }: Pick<Message, 'payload'>): VideoContent {
  return {
    url: textAt(payload, 'remoteVideoUrl') || textAt(payload, 'videoUrl'),
    cover: textAt(payload, 'snapshotUrl') || textAt(payload, 'thumbUrl'),
    width: numberAt(payload, 'snapshotWidth'),
    height: numberAt(payload, 'snapshotHeight'),
    seconds: numberAt(payload, 'videoSecond'),
    bytes: numberAt(payload, 'videoSize'),
    format: textAt(payload, 'videoFormat'),
  }
}

export function voiceOf({ payload }: Pick<Message, 'payload'>): VoiceContent {
  return {
    url: textAt(payload, 'remoteAudioUrl') || textAt(payload, 'url'),
    seconds: Math.max(1, Math.round(numberAt(payload, 'second'))),
  }
}

export function fileOf({ payload }: Pick<Message, 'payload'>): FileContent {
  return {
    url: textAt(payload, 'remoteFileUrl') || textAt(payload, 'fileUrl'),
    name: textAt(payload, 'fileName'),
    bytes: numberAt(payload, 'fileSize'),
  }
}

export function placeOf({ payload }: Pick<Message, 'payload'>): PlaceContent {
  return {
    description: textAt(payload, 'description'),
    latitude: numberAt(payload, 'latitude'),
    longitude: numberAt(payload, 'longitude'),
  }
}

function textAt(payload: Payload, key: string): string {
  const value = payload[key]
  return typeof value === 'string' ? value : ''
}

function numberAt(payload: Payload, key: string): number {
  const value = payload[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null
}
