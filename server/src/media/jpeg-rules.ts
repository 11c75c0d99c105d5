/** Segments that change how the picture looks, and are kept: JFIF, colour profile, Adobe's colour transform. */
const APP0 = 0xe0
const APP2 = 0xe2
const APP14 = 0xee
const APP15 = 0xef
const COMMENT = 0xfe
const START_OF_IMAGE = 0xd8
const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda
const ICC = Buffer.from('ICC_PROFILE\0', 'latin1')
const JFIF = Buffer.from('JFIF\0', 'latin1')

/**
 * A JPEG without what it tells of its maker: Exif (with the place), XMP, IPTC, comments, thumbnails, and whatever hangs
 * behind its end, as the film of a moving photo does. The picture itself is not compressed anew. Its orientation stays,
 * as an Exif block that holds nothing else. Undefined for what cannot be followed from the start to the end.
 */
export function stripJpeg(bytes: Buffer, orientation: number): Buffer | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return undefined
  const kept: Buffer[] = [bytes.subarray(0, 2)]
  let hasOrientation = orientation <= 1
  for (let at = 2; ;) {
    const marker = markerAt(bytes, at)
    if (marker === undefined) return undefined
    const start = at
    at = marker.end
    // Exif stands before everything but JFIF.
    if (!hasOrientation && marker.code !== APP0) {
      kept.push(orientationSegment(orientation))
      hasOrientation = true
    }
    if (marker.code === END_OF_IMAGE) return Buffer.concat([...kept, Buffer.from([0xff, END_OF_IMAGE])])
    if (isBare(marker.code)) return undefined
    const end = at + (at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0)
    if (end < at + 2 || end > bytes.length) return undefined
    if (isKept(marker.code, bytes.subarray(at + 2, end)))
      kept.push(Buffer.from([0xff, marker.code]), bytes.subarray(at, end))
    at = end
    if (marker.code === START_OF_SCAN) {
      at = scanEnd(bytes, end)
      kept.push(bytes.subarray(end, at))
    }
    if (at <= start) return undefined
  }
}

/** A marker may be preceded by any number of 0xff. */
function markerAt(bytes: Buffer, at: number): { readonly code: number; readonly end: number } | undefined {
  if (bytes[at] !== 0xff) return undefined
  let end = at + 1
  while (bytes[end] === 0xff) end++
  const code = bytes[end]
  return code === undefined || code === 0 ? undefined : { code, end: end + 1 }
}

/** Markers without a length: restarts and a second start have no place between segments. */
function isBare(code: number): boolean {
  return (code >= 0xd0 && code <= START_OF_IMAGE) || code === 0x01
}

function isKept(code: number, body: Buffer): boolean {
  if (code === APP0) return body.subarray(0, JFIF.length).equals(JFIF)
  if (code === APP2) return body.subarray(0, ICC.length).equals(ICC)
  if (code === APP14) return true
  return code !== COMMENT && !(code > APP0 && code <= APP15)
}

/** Where the compressed data of a scan ends: at a marker that is neither an escaped 0xff nor a restart. */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  return bytes.length
}

/** Exif of one field: big-endian TIFF, one directory, tag 0x0112. */
function orientationSegment(orientation: number): Buffer {
  const body = Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1')
  body.writeUInt16BE(orientation, 24)
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2])
  return Buffer.concat([head, body])
}
