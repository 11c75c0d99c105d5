import { readFile } from 'node:fs/promises'
import type { FileKind } from '@hongyan/protocol'
import { fileTypeFromFile } from 'file-type'
import { isJsonDocument } from './format-rules.ts'

/** Names of the same thing: an animated PNG is a PNG, an audio book is AAC in MP4. */
const SAME: { readonly [format: string]: string } = { apng: 'png', m4b: 'm4a' }

/** The format of a file of this machine by its content; empty when it is not known. Never rejects for what is in it. */
export async function sniffFormat(path: string, kind: FileKind): Promise<string> {
  if (kind === 'merger') return (await isJsonFile(path)) ? 'json' : ''
  try {
    const format: string = (await fileTypeFromFile(path))?.ext ?? ''
    return SAME[format] ?? format
  } catch {
    // A container that breaks off where its own head promises more.
    return ''
  }
}

async function isJsonFile(path: string): Promise<boolean> {
  const bytes = await readFile(path)
  try {
    return isJsonDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return false
  }
}
