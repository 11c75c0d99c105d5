import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Random } from '../kit/random.ts'
import { secretFault } from './key-ring.ts'

const OWNER_ONLY = 0o600
const OTHERS = 0o077
/** A secret has at most 256 characters; more than this is some other file. */
const MAX_FILE_BYTES = 1024

/**
 * The secret kept at `path`; made on the first call: 64 hexadecimal characters, as Tencent's are. The file is there
 * whole or not at all, whatever is killed, and of two processes that start at once both get the same secret.
 * Throws an Error with a one-line text when the file is readable by others, is not a secret, or cannot be written.
 */
export function readOrCreateSecret(path: string, random: Random): string {
  const kept = readSecret(path)
  if (kept !== undefined) return kept
  createSecretFile(path, random)
  const created = readSecret(path)
  if (created === undefined) throw new Error(`the secret file ${path} vanished while it was made`)
  return created
}

/** The secret kept at `path`; undefined when there is no such file. Throws as `readOrCreateSecret` does. */
export function readSecret(path: string): string | undefined {
  const file = openIfThere(path)
  if (file === undefined) return undefined
  try {
    const { mode, size } = fstatSync(file)
    // Windows has no such bits: Node invents them there.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new Error(`the secret file ${path} can be read by others; run: chmod 600 ${path}`)
    }
    if (size > MAX_FILE_BYTES) throw new Error(`the secret file ${path} is too large to be one`)
    const secret = readFileSync(file, 'latin1').trim()
    const fault = secretFault(secret)
    if (fault !== undefined) throw new Error(`the secret file ${path} is not valid: ${fault}`)
    return secret
  } finally {
    closeSync(file)
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (err) {
    if (isCode(err, 'ENOENT')) return undefined
    throw err
  }
}

/** `link` never replaces: whoever comes second keeps the first one's secret. */
function createSecretFile(path: string, random: Random): void {
  const draft = `${path}.${random.id()}.tmp`
  writeDurably(draft, `${newSecret(random)}\n`)
  try {
    linkSync(draft, path)
  } catch (err) {
    if (!isCode(err, 'EEXIST')) throw err
  } finally {
    unlinkSync(draft)
  }
  syncFolder(dirname(path))
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', OWNER_ONLY)
  try {
    // An exotic umask may have taken the owner's own bits away.
    fchmodSync(file, OWNER_ONLY)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function newSecret(random: Random): string {
  const halves = [random.id(), random.id()].map((id) => Buffer.from(id, 'base64url'))
  return Buffer.concat(halves).toString('hex')
}

function isCode(err: unknown, code: string): boolean {
  return err instanceof Error && 'code' in err && err.code === code
}
