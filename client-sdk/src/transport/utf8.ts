const REPLACEMENT = 0xfffd

/** The text in these bytes; what is not UTF-8 becomes U+FFFD. Mini-programs have no TextDecoder. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length;) {
    const [codePoint, length] = decodeAt(bytes, i)
    text += String.fromCodePoint(codePoint)
    i += length
  }
  return text
}

function decodeAt(bytes: Uint8Array, at: number): readonly [codePoint: number, length: number] {
  const first = bytes[at] ?? 0
  if (first < 0x80) return [first, 1]
  const length = first >= 0xf5 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0) return [REPLACEMENT, 1]
  let codePoint = first & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0
    if ((next & 0xc0) !== 0x80) return [REPLACEMENT, i]
    codePoint = (codePoint << 6) | (next & 0x3f)
  }
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  const isValid = codePoint >= smallest && codePoint <= 0x10ffff && !isSurrogate
  return [isValid ? codePoint : REPLACEMENT, length]
}
