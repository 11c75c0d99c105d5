import { WxFailure } from './calls.ts'

export function bytesToBase64(bytes: Uint8Array): string {
  let text = ''
  // In slices: a spread of a large array overflows the stack.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

export function base64ToBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Bytes as FileSystemManager gives them: an ArrayBuffer without an encoding. Throws WxFailure for unknown ones. */
export function decodeBytes(bytes: Uint8Array<ArrayBuffer>, encoding: string | undefined): string | ArrayBuffer {
  switch (encoding) {
    case undefined:
      return bytes.slice().buffer
    case 'utf8':
    case 'utf-8':
      return new TextDecoder().decode(bytes)
    case 'base64':
      return bytesToBase64(bytes)
    case 'hex':
      return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    case 'ascii':
    case 'latin1':
    case 'binary':
      return [...bytes].map((byte) => String.fromCharCode(byte)).join('')
    default:
      throw new WxFailure(`invalid encoding "${encoding}"`)
  }
}

export function encodeBytes(data: unknown, encoding: string | undefined): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
  if (typeof data !== 'string') throw new WxFailure('parameter error: parameter.data should be String/ArrayBuffer')
  if (encoding === 'base64') return base64ToBytes(data)
  if (encoding === 'hex') return Uint8Array.from(data.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  if (encoding === 'ascii' || encoding === 'latin1' || encoding === 'binary')
    return Uint8Array.from(data, (character) => character.charCodeAt(0) & 0xff)
  return new TextEncoder().encode(data)
}
