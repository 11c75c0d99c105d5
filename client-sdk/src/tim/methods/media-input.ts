import type { FileKind } from '@hongyan/protocol'
import { LIMITS } from '@hongyan/protocol/constants'
import type { Platform, UploadSource } from '../../core/client-api.ts'
import { isObject } from '../validation.ts'

export type PickedKind = Exclude<FileKind, 'merger'>

/** What an application picked, as far as the picker tells. */
export interface Picked {
  readonly source: UploadSource
  /** A MIME type, or a class of files as WeChat names it; empty when it was not said. */
  readonly type: string
  /** As the picker gives it: ms of a recording, seconds of a video. */
  readonly duration: number
  readonly width: number
  readonly height: number
  /** A path of a video's cover; empty when there is none. */
  readonly coverPath: string
}

/** Nothing was chosen: an input that is empty. */
export const NOTHING = 'nothing'

/**
 * The file in what an application hands to `create…Message` (tim-semantics §6.4): read at once, for the kits empty their
 * input right after the call. Undefined for what does not fit the platform.
 */
export function readInput(
  device: Platform['device'],
  kind: PickedKind,
  input: unknown,
): Picked | typeof NOTHING | undefined {
  if (device === 'node' && isBytes(input)) return pickedOf(input, kind, {}, input.byteLength)
  if (!isObject(input)) return undefined
  if (device === 'node' && isBytes(input['data'])) return pickedOf(input['data'], kind, input, input['data'].byteLength)
  const first = [input['files'], input['tempFiles']].map(firstOf).find((one) => one !== undefined)
  if (first === null) return NOTHING
  return device === 'wx' ? readPath(kind, input, first) : readBlob(kind, input, first)
}

/** The first of a list; null for an empty one, undefined where there is none. */
function firstOf(list: unknown): unknown {
  if (!isObject(list) || typeof list['length'] !== 'number') return undefined
  return list[0] ?? null
}

/** A File or Blob: as it is, in an input, or as uni-app wraps it. */
function readBlob(kind: PickedKind, input: Facts, first: unknown): Picked | undefined {
  const blob = [first, input['tempFile'], input].find(isBlob)
  return blob && pickedOf(blob, kind, { ...numbersOf(input), ...factsOf(blob) }, blob.size)
}

/** A path, as the pickers and the recorder of a mini-program give it. */
function readPath(kind: PickedKind, input: Facts, first: unknown): Picked | undefined {
  const item = isObject(first) ? first : input
  const path = [item['tempFilePath'], item['path'], firstOf(input['tempFilePaths'])].find(isFilled)
  if (path === undefined) return undefined
  const bytes = [item['size'], item['fileSize']].find((size) => typeof size === 'number')
  const type = item['fileType'] ?? item['type'] ?? input['type']
  const facts = { ...item, name: isFilled(item['name']) ? item['name'] : nameIn(path), type }
  return pickedOf(path, kind, facts, bytes ?? 0)
}

type Facts = { readonly [name: string]: unknown }

function pickedOf(content: unknown, kind: PickedKind, facts: Facts, bytes: number): Picked {
  const type = isFilled(facts['type']) ? facts['type'] : ''
  const name = isFilled(facts['name']) ? facts['name'] : defaultName(kind, type)
  const { duration, width, height, thumbTempFilePath } = facts
  return {
    source: { name: fitName(name), bytes, content },
    type,
    duration: positive(duration),
    width: positive(width),
    height: positive(height),
    coverPath: isFilled(thumbTempFilePath) ? thumbTempFilePath : '',
  }
}

/** As the server takes it: not too long, with its ending. */
export function fitName(name: string): string {
  const ending = extensionOf(name)
  const longest = LIMITS.fileNameChars - ending.length - 1
  return name.length <= LIMITS.fileNameChars ? name : `${name.slice(0, longest)}.${ending}`
}

/** Without the dot and in small letters; empty when there is none. */
export function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,16})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

const DEFAULT_ENDINGS: Readonly<Record<PickedKind, string>> = { image: 'png', audio: 'mp3', video: 'mp4', file: 'bin' }

/** A Blob has no name. */
function defaultName(kind: PickedKind, type: string): string {
  const subtype = /^\w+\/([a-z0-9]+)/.exec(type)?.[1] ?? DEFAULT_ENDINGS[kind]
  return `${kind}.${subtype === 'quicktime' ? 'mov' : subtype}`
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What stands on a Blob's prototype, and what an application may have put on it. */
function factsOf(blob: BlobLike): Facts {
  const { name, type, duration, width, height } = blob
  return { name, type, ...(duration === undefined ? {} : { duration, width, height }) }
}

function numbersOf({ duration, width, height }: Facts): Facts {
  return { duration, width, height }
}

interface BlobLike {
  readonly size: number
  readonly type: string
  readonly [name: string]: unknown
}

function isBlob(value: unknown): value is BlobLike {
  return (
    isObject(value) &&
    typeof value['size'] === 'number' &&
    typeof value['type'] === 'string' &&
    typeof value['slice'] === 'function'
  )
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function positive(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Infinity ? value : 0
}
