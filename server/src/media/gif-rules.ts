const EXTENSION = 0x21
const IMAGE = 0x2c
const TRAILER = 0x3b
const GRAPHIC_CONTROL = 0xf9
const APPLICATION = 0xff
/** The one application block that belongs to the picture: how often the animation runs. */
const LOOPS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0'])
const HEAD_BYTES = 13

/** A GIF without comments, XMP and whatever hangs behind its end; its animation stays. Undefined for what cannot be followed to its end. */
export function stripGif(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEAD_BYTES || !/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return undefined
  let at = HEAD_BYTES + colorTableBytes(bytes[10])
  const kept: Buffer[] = [bytes.subarray(0, at)]
  for (;;) {
    const kind = bytes[at]
    if (kind === TRAILER) return Buffer.concat([...kept, Buffer.from([TRAILER])])
    const end = kind === IMAGE ? imageEnd(bytes, at) : kind === EXTENSION ? blocksEnd(bytes, at + 2) : undefined
    if (end === undefined) return undefined
    if (kind === IMAGE || isKeptExtension(bytes, at)) kept.push(bytes.subarray(at, end))
    at = end
  }
}

function isKeptExtension(bytes: Buffer, at: number): boolean {
  if (bytes[at + 1] === GRAPHIC_CONTROL) return true
  return bytes[at + 1] === APPLICATION && LOOPS.has(bytes.toString('latin1', at + 3, at + 14))
}

function colorTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0
}

/** Place and size, a colour table, the code size, then the data. */
function imageEnd(bytes: Buffer, at: number): number | undefined {
  return blocksEnd(bytes, at + 10 + colorTableBytes(bytes[at + 9]) + 1)
}

/** Blocks of at most 255 bytes, until an empty one. */
function blocksEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; ;) {
    const size = bytes[at]
    if (size === undefined) return undefined
    at += 1 + size
    if (size === 0) return at
  }
}
