import type { Element } from '@hongyan/protocol'
import { TYPES } from '../types.ts'
import { isFileElement, isFileType, toFileElement, toTimFileElement, type FileElement } from './file-element.ts'
import { toMergerElement, toTimMergerElement, type MergerElement } from './merger-element.ts'
import type { Payload, TimElement, UrlOf } from './payload.ts'

/** Elements that show files, or may. */
export type MediaElement = FileElement | MergerElement

export function isMediaElement(element: Element): element is MediaElement {
  return isFileElement(element) || element.type === 'merger'
}

export function isMediaType(type: string): boolean {
  return isFileType(type) || type === TYPES.MSG_MERGER
}

export function toTimMediaElement(element: MediaElement, urlOf: UrlOf): TimElement {
  return element.type === 'merger' ? toTimMergerElement(element, urlOf) : toTimFileElement(element, urlOf)
}

/** The element as it goes over the wire. Rejects 2403 where a file is not uploaded. */
export function toMediaElement(element: TimElement): MediaElement {
  return element.type === TYPES.MSG_MERGER ? toMergerElement(element.content) : toFileElement(element)
}

/** A copy that shares nothing with the original, for a message that is handed on. The files it shows are the same. */
export function copyOfPayload(content: Payload): Payload {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, copyOf(value)]))
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)]))
}
