import type { Element } from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol/constants'
import { timError } from '../errors.ts'
import { TYPES } from '../types.ts'
import { isPayload, numberAt, textAt, type Payload, type TimElement, type UrlOf } from './payload.ts'

type Of<Type extends Element['type']> = Extract<Element, { type: Type }>

/** Elements that show a file. */
export type FileElement = Of<'image' | 'audio' | 'video' | 'file'>
type Picture = Pick<Of<'image'>, 'bytes' | 'width' | 'height'>

/** The longest a smaller copy's shorter edge is. */
const SMALL_EDGE = 198
const LARGE_EDGE = 720
/** What a video's cover measures when nobody knows. */
const COVER_EDGE = 200
const DOWNLOAD_FLAG = 2

type ImageFormat = Of<'image'>['format']

/** TIM's numbers; it has none for the last two. */
const IMAGE_FORMATS: Readonly<Record<ImageFormat, number>> = { jpg: 1, gif: 2, png: 3, bmp: 4, webp: 255, other: 255 }
const NUMBERED_FORMATS: readonly ImageFormat[] = ['jpg', 'gif', 'png', 'bmp']

/** As the server calls what a picture's content is. */
export function imageFormatOf(format: string): ImageFormat {
  return [...NUMBERED_FORMATS, 'webp' as const].find((known) => known === format) ?? 'other'
}

export function isFileElement(element: Element): element is FileElement {
  return element.type === 'image' || element.type === 'audio' || element.type === 'video' || element.type === 'file'
}

/** Whether TIM's element of this type shows a file. */
export function isFileType(type: string): boolean {
  return FILE_TYPES.includes(type)
}

const FILE_TYPES: readonly string[] = [TYPES.MSG_IMAGE, TYPES.MSG_AUDIO, TYPES.MSG_VIDEO, TYPES.MSG_FILE]

/** TIM's element. Of a file that has no id yet, which is not uploaded, the addresses are the local ones. */
export function toTimFileElement(element: FileElement, urlOf: UrlOf): TimElement {
  if (element.type === 'image') return { type: TYPES.MSG_IMAGE, content: imageContent(element, urlOf) }
  if (element.type === 'video') return { type: TYPES.MSG_VIDEO, content: videoContent(element, urlOf) }
  const { fileId, bytes } = element
  const [url, remote] = urlsOf(fileId, urlOf)
  if (element.type === 'audio') {
    const content = { uuid: fileId, url, remoteAudioUrl: remote, size: bytes, second: element.seconds }
    return { type: TYPES.MSG_AUDIO, content: { ...content, downloadFlag: DOWNLOAD_FLAG } }
  }
  const content = { uuid: fileId, fileName: element.name, fileSize: bytes, fileUrl: url, remoteFileUrl: remote }
  return { type: TYPES.MSG_FILE, content: { ...content, downloadFlag: DOWNLOAD_FLAG } }
}

/** The element as it goes over the wire. Rejects 2403 where the file is not uploaded, 90002 where the payload has none. */
export function toFileElement({ type, content }: TimElement): FileElement {
  if (type === TYPES.MSG_IMAGE) return imageElement(content)
  if (type === TYPES.MSG_VIDEO) return videoElement(content)
  const fileId = fileIdAt(content, 'uuid')
  if (type === TYPES.MSG_AUDIO) {
    return { type: 'audio', fileId, bytes: numberAt(content, 'size'), seconds: numberAt(content, 'second') }
  }
  return { type: 'file', fileId, name: textAt(content, 'fileName'), bytes: numberAt(content, 'fileSize') }
}

/** The files that a payload shows. */
export function fileIdsOf(content: Payload): readonly string[] {
  return ['uuid', 'videoUUID', 'thumbUUID'].map((key) => textAt(content, key)).filter(isFileId)
}

export function isFileId(text: string): boolean {
  return text.length === LIMITS.fileIdChars && /^[\w-]+$/.test(text)
}

/** The three addresses of a picture stand in TIM's order: original, small, large; not uploaded: original, large, small. */
function imageContent({ fileId, format, small, large, ...original }: Of<'image'>, urlOf: UrlOf): Payload {
  const entry = (type: 0 | 1 | 2, { bytes, width, height }: Picture, variant?: 'small' | 'large') => {
    const [url, remote] = urlsOf(fileId, urlOf, variant)
    const sizeType = type === 0 ? 1 : type === 1 ? 3 : 2
    return { instanceID: type, sizeType, type, size: bytes, width, height, imageUrl: remote, url }
  }
  // What is small already is its own smaller copy.
  const shorterEdge = Math.min(original.width, original.height)
  const first = entry(0, original)
  const smallOne = shorterEdge <= SMALL_EDGE ? entry(1, original) : entry(1, small, 'small')
  const largeOne = shorterEdge <= LARGE_EDGE ? entry(2, original) : entry(2, large, 'large')
  return {
    uuid: fileId,
    imageFormat: IMAGE_FORMATS[format],
    imageInfoArray: fileId === '' ? [first, largeOne, smallOne] : [first, smallOne, largeOne],
  }
}

function imageElement(content: Payload): Of<'image'> {
  const { imageInfoArray } = content
  const entries: readonly unknown[] = Array.isArray(imageInfoArray) ? imageInfoArray : []
  // By its type: the order is another before the upload.
  const pictureOf = (type: number): Picture | undefined => {
    const entry = entries.filter(isPayload).find((candidate) => candidate['type'] === type)
    if (entry === undefined) return undefined
    return { bytes: numberAt(entry, 'size'), width: numberAt(entry, 'width'), height: numberAt(entry, 'height') }
  }
  const original = pictureOf(0) ?? { bytes: 0, width: 0, height: 0 }
  const number = content['imageFormat']
  return {
    type: 'image',
    fileId: fileIdAt(content, 'uuid'),
    format: NUMBERED_FORMATS.find((format) => IMAGE_FORMATS[format] === number) ?? 'other',
    ...original,
    small: pictureOf(1) ?? original,
    large: pictureOf(2) ?? original,
  }
}

function videoContent({ fileId, format, bytes, seconds, cover }: Of<'video'>, urlOf: UrlOf): Payload {
  const [videoUrl, remoteVideoUrl] = urlsOf(fileId, urlOf)
  const [thumbUrl, remoteThumbUrl] = cover === undefined ? ['', ''] : urlsOf(cover.fileId, urlOf)
  const thumbSize = cover?.bytes ?? 0
  const thumbWidth = cover?.width || COVER_EDGE
  const thumbHeight = cover?.height || COVER_EDGE
  return {
    videoUUID: fileId,
    videoUrl,
    remoteVideoUrl,
    videoFormat: format,
    videoSecond: seconds,
    videoSize: bytes,
    videoDownloadFlag: DOWNLOAD_FLAG,
    thumbUUID: cover?.fileId ?? '',
    thumbFormat: 'jpg',
    thumbUrl,
    remoteThumbUrl,
    thumbSize,
    thumbWidth,
    thumbHeight,
    thumbDownloadFlag: DOWNLOAD_FLAG,
    snapshotUrl: thumbUrl,
    remoteSnapshotUrl: remoteThumbUrl,
    snapshotSize: thumbSize,
    snapshotWidth: thumbWidth,
    snapshotHeight: thumbHeight,
  }
}

function videoElement(content: Payload): Of<'video'> {
  const coverId = textAt(content, 'thumbUUID')
  const cover = {
    fileId: coverId,
    bytes: numberAt(content, 'thumbSize'),
    width: numberAt(content, 'thumbWidth'),
    height: numberAt(content, 'thumbHeight'),
  }
  return {
    type: 'video',
    fileId: fileIdAt(content, 'videoUUID'),
    format: textAt(content, 'videoFormat').slice(0, 16),
    bytes: numberAt(content, 'videoSize'),
    seconds: numberAt(content, 'videoSecond'),
    ...(isFileId(coverId) ? { cover } : {}),
  }
}

/** Where it can be shown, and where the others find it. */
function urlsOf(fileId: string, urlOf: UrlOf, variant?: 'small' | 'large'): readonly [url: string, remote: string] {
  const url = urlOf(fileId, variant)
  return [url, fileId === '' ? '' : url]
}

function fileIdAt(content: Payload, key: string): string {
  const fileId = textAt(content, key)
  if (!isFileId(fileId)) throw timError(2403)
  return fileId
}
