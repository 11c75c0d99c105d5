import type { Size } from './picture-rules.ts'

const CORE_HEADER_BYTES = 12

/** The size of a BMP by its head, upright; undefined when it has none that makes sense. libvips as we get it cannot read BMP. */
export function bmpSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 26 || bytes.toString('latin1', 0, 2) !== 'BM') return undefined
  const headerBytes = bytes.readUInt32LE(14)
  const isCore = headerBytes === CORE_HEADER_BYTES
  const width = isCore ? bytes.readUInt16LE(18) : bytes.readInt32LE(18)
  // A picture that is stored from the top downwards has a negative height.
  const height = Math.abs(isCore ? bytes.readUInt16LE(20) : bytes.readInt32LE(22))
  return width > 0 && height > 0 ? { width, height } : undefined
}
