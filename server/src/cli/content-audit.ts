import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../kit/clock.ts'

const OWNER_ONLY = 0o600
const FILE = 'audit.log'

/**
 * Writes down that the content of somebody's message is about to be read: one JSON object per line in DATA_DIR/audit.log,
 * on the disk when this returns. Throws when it cannot be written: then nothing may be read.
 */
export function noteContentRead(dataDir: string, reading: { readonly message: string; readonly reason: string }): void {
  mkdirSync(dataDir, { recursive: true })
  const line = JSON.stringify({
    time: new Date(systemClock.now()).toISOString(),
    event: 'message-content-read',
    by: userInfo().username,
    ...reading,
  })
  const file = openSync(join(dataDir, FILE), 'a', OWNER_ONLY)
  try {
    writeSync(file, `${line}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
