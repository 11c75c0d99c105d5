import { closeSync, openSync, readSync } from 'node:fs'

/** More than any secret takes: a path to something endless must not hang the start. */
const MAX_BYTES = 64 * 1024

/** The first 64 KiB of the file as text. Throws when it cannot be read. */
export function readSecretFile(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(MAX_BYTES)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}
