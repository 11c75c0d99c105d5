/** Chunks that say how the picture looks or moves. */
const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const HEAD_BYTES = 12
/** Of the flags of VP8X: "there is Exif" and "there is XMP". */
const METADATA_FLAGS = 0x08 | 0x04

/** A WebP without Exif, XMP and unknown chunks. Undefined for what cannot be followed to its end. */
export function stripWebp(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined
  // Chunks have even lengths; an odd file has lost its last padding.
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4))
  const kept: Buffer[] = []
  for (let at = HEAD_BYTES; at < end;) {
    if (at + 8 > end) return undefined
    const type = bytes.toString('latin1', at, at + 4)
    const dataBytes = bytes.readUInt32LE(at + 4)
    if (at + 8 + dataBytes > bytes.length) return undefined
    if (KEPT.has(type)) kept.push(chunk(type, bytes.subarray(at + 8, at + 8 + dataBytes)))
    at += 8 + dataBytes + (dataBytes % 2)
  }
  const body = Buffer.concat(kept)
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + body.length, 4)
  return kept.length === 0 ? undefined : Buffer.concat([head, body])
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  const copy = Buffer.from(data)
  if (type === 'VP8X' && copy[0] !== undefined) copy[0] &= ~METADATA_FLAGS
  return Buffer.concat([head, copy, Buffer.alloc(data.length % 2)])
}
