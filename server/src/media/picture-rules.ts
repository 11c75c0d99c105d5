import type { StoredFile } from '@hongyan/protocol'

export interface Size {
  readonly width: number
  readonly height: number
}

/** TIM's smaller copies, by the length of their shorter edge in pixels. */
export const COPY_EDGES = { small: 198, large: 720 } as const

/** Formats of pictures cannot write longer edges than this (WebP: 16,383). */
const LONGEST_EDGE = 16_000

/** The size of a copy, or undefined where the picture is small enough to be its own copy: nothing is ever enlarged. */
export function copySize({ width, height }: Size, shorterEdge: number): Size | undefined {
  const shorter = Math.min(width, height)
  if (shorter <= shorterEdge) return undefined
  const scale = Math.min(shorterEdge / shorter, LONGEST_EDGE / Math.max(width, height))
  const scaled = (edge: number): number => Math.max(1, Math.round(edge * scale))
  return { width: scaled(width), height: scaled(height) }
}

/** One of the three forms of a picture, as it is in the store. */
export interface PictureForm extends Size {
  readonly hash: string
  readonly bytes: number
}

/** A picture upright, and its copies; what the column `picture` holds. A copy may be the original itself. */
export interface StoredPicture extends Size {
  readonly small: PictureForm
  readonly large: PictureForm
  /** How the copies are written. */
  readonly copyFormat: string
}

/** What clients are told of it. */
export function pictureFacts({ width, height, small, large }: StoredPicture): NonNullable<StoredFile['picture']> {
  const factsOf = ({ bytes, width, height }: PictureForm) => ({ bytes, width, height })
  return { width, height, small: factsOf(small), large: factsOf(large) }
}
