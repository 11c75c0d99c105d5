import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

/** What fits into the address of a Unix socket everywhere (macOS has the least room), its closing zero counted. */
const MAX_SOCKET_PATH_BYTES = 100

/** A folder by a name short enough for the sockets in it. */
export interface SocketFolder {
  readonly path: string
  /** The short name is good until then. */
  release(): void
}

/**
 * A data directory may lie deeper than a socket's address may be long. Linux then reaches it by the number of a handle
 * that we keep open; elsewhere there is no such name, and undefined is returned.
 */
export function openSocketFolder(folder: string, longestName: string): SocketFolder | undefined {
  if (Buffer.byteLength(join(folder, longestName)) < MAX_SOCKET_PATH_BYTES) return { path: folder, release: () => {} }
  if (process.platform !== 'linux') return undefined
  const handle = openSync(folder, 'r')
  return { path: `/proc/self/fd/${handle}`, release: () => closeSync(handle) }
}
