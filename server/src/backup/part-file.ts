import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip, constants } from 'node:zlib'
import type { Part } from './manifest.ts'

const OWNER_ONLY_FILE = 0o600
const OWNER_ONLY_FOLDER = 0o700

/** Writes a file of the backup, durably, and says what it is. It must not be there yet. */
export async function writePart(folder: string, file: string, chunks: AsyncIterable<Uint8Array>): Promise<Part> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER })
  const handle = await open(path, 'wx', OWNER_ONLY_FILE)
  try {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      await handle.writeFile(chunk)
    }
    await handle.sync()
    return { file, bytes, sha256: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}

/** The same bytes, compressed. What their source fails with is what this fails with. */
export async function* compressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  const pouring = pipeline(Readable.from(chunks, { objectMode: false }), gzip)
  pouring.catch(() => {})
  yield* bytesOf(gzip)
  await pouring
}

/** The bytes that `compressed` was given. */
export async function* readCompressed(folder: string, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip()
  const pouring = pipeline(createReadStream(join(folder, file)), gunzip)
  pouring.catch(() => {})
  yield* bytesOf(gunzip)
  await pouring
}

/** What the file is: its length and its hash. Undefined when it is not there. */
export async function measure(path: string): Promise<{ readonly bytes: number; readonly sha256: string } | undefined> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of bytesOf(createReadStream(path))) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (err) {
    if (isMissing(err)) return undefined
    throw err
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The lines of a file, without their ends, however long the file. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Has the folder's entries survive a power cut, and those of the folders in it. */
export async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name))
  }
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes gave something else')
    yield chunk
  }
}

function isMissing(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'ENOENT'
}
