/** How many slots a Redis Cluster has. */
export const SLOTS = 16_384

const POLYNOMIAL = 0x1021

/** The slot of a key or a shard channel: of what stands between its first braces, or of all of it. */
export function slotOf(key: string): number {
  return crc16(Buffer.from(hashedPartOf(key))) % SLOTS
}

function hashedPartOf(key: string): string {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  return open < 0 || close <= open + 1 ? key : key.slice(open + 1, close)
}

/** CRC-16/XMODEM, as the specification of Redis Cluster names it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1) & 0xffff
  }
  return crc
}
