import type { FileKind } from '@hongyan/protocol'

const IMAGES: { readonly [format: string]: string } = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  bmp: 'image/bmp',
  webp: 'image/webp',
}

const AUDIO: { readonly [format: string]: string } = {
  aac: 'audio/aac',
  amr: 'audio/amr',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
}

const VIDEO: { readonly [format: string]: string } = {
  '3g2': 'video/3gpp2',
  '3gp': 'video/3gpp',
  avi: 'video/x-msvideo',
  m4v: 'video/x-m4v',
  mkv: 'video/x-matroska',
  mov: 'video/quicktime',
  mp4: 'video/mp4',
  mpg: 'video/mpeg',
  ogv: 'video/ogg',
  webm: 'video/webm',
}

/** Containers in which recorders put sound alone: their content does not say by its head that there is no picture. */
const AUDIO_CONTAINERS = new Set(['3gp', 'mp4', 'webm'])

/** Documents that people send; whatever else it is, it is bytes. None of these is ever shown in place. */
const DOCUMENTS: { readonly [format: string]: string } = {
  '7z': 'application/x-7z-compressed',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gz: 'application/gzip',
  json: 'application/json',
  pdf: 'application/pdf',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  rar: 'application/vnd.rar',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  zip: 'application/zip',
}

/** May content of this format be sent as a file of this kind? Anything may be a `file`. */
export function isOfKind(kind: FileKind, format: string): boolean {
  switch (kind) {
    case 'image':
      return Object.hasOwn(IMAGES, format)
    case 'audio':
      return Object.hasOwn(AUDIO, format) || AUDIO_CONTAINERS.has(format)
    case 'video':
      return Object.hasOwn(VIDEO, format)
    case 'merger':
      return format === 'json'
    case 'file':
      return true
  }
}

/** What a browser is told; bytes without a meaning for all that is not in our lists. */
export function contentTypeOf(kind: FileKind, format: string): string {
  if (kind === 'audio' && AUDIO_CONTAINERS.has(format)) return `audio/${format === '3gp' ? '3gpp' : format}`
  const types = [IMAGES, AUDIO, VIDEO, DOCUMENTS].find((list) => Object.hasOwn(list, format))
  return types?.[format] ?? 'application/octet-stream'
}

/** May a browser show it in place? Raster images, sound and film: nothing that can hold a script. */
export function isShownInPlace(format: string): boolean {
  return [IMAGES, AUDIO, VIDEO].some((list) => Object.hasOwn(list, format))
}

/** Is this text JSON of an object or a list, as a merged list is? */
export function isJsonDocument(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
