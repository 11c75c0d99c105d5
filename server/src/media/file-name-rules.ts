import { LIMITS } from '@hongyan/protocol'

/** Control characters, and those that turn the direction of writing: `gpj.exe` must not look like `exe.jpg`. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
const FALLBACK = 'file'

/** The name without any folder, as it is shown and offered for saving; never part of a path of ours. */
export function cleanFileName(name: string): string {
  const bare = name.replace(INVISIBLE, '').split(/[/\\]/).at(-1)?.trim() ?? ''
  const isDots = /^\.*$/.test(bare)
  return isDots ? FALLBACK : wellFormed(bare.slice(0, LIMITS.fileNameChars))
}

/** Content-Disposition with the name as RFC 6266 and RFC 5987 write it, and as plain ASCII for old clients. */
export function contentDisposition(type: 'inline' | 'attachment', name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%;]/g, '_')
  const encoded = encodeURIComponent(wellFormed(name)).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${type}; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

/** Halves of characters can be neither stored nor encoded. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '')
}
