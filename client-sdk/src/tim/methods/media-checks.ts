import { LIMITS } from '@hongyan/protocol/constants'
import type { UploadSource } from '../../core/client-api.ts'
import { mediaError, mediaTrouble } from './media-errors.ts'
import { extensionOf, type PickedKind } from './media-input.ts'

const MAX_BYTES: Readonly<Record<PickedKind, number>> = {
  image: LIMITS.imageBytes,
  audio: LIMITS.audioBytes,
  video: LIMITS.videoBytes,
  file: LIMITS.fileBytes,
}

/** TIM's (tim-semantics §4.12); the last of each is a class that mini-programs tell. */
const TYPES_OF: { readonly [kind in PickedKind]?: readonly string[] } = {
  image: ['jpg', 'jpeg', 'gif', 'png', 'bmp', 'webp', 'image'],
  video: ['mp4', 'quicktime', 'mov', 'video'],
}

/** Throws 2108, 2252, 2253, 2301, 2351, 2352, 2402: what the server would refuse anyway, before it is uploaded. */
export function assertFits(kind: PickedKind, { name, bytes }: UploadSource, type: string): void {
  if (bytes <= 0) throw mediaError(2108)
  if (!isAccepted(kind, name, type)) throw mediaTrouble(kind, 'badType', name)
  if (bytes > MAX_BYTES[kind]) throw mediaTrouble(kind, 'tooLarge')
}

/** By its MIME type or its name; what says nothing of itself is left to the server, which looks inside. */
function isAccepted(kind: PickedKind, name: string, type: string): boolean {
  const accepted = TYPES_OF[kind]
  const stated = [type.slice(type.lastIndexOf('/') + 1).toLowerCase(), extensionOf(name)].filter((word) => word !== '')
  return accepted === undefined || stated.length === 0 || stated.some((word) => accepted.includes(word))
}
