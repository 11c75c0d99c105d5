import { readFileSync } from 'node:fs'
import { env } from 'node:process'

// Loaded into the server before its own modules (NODE_OPTIONS): its Date is moved by as many milliseconds as the file
// MOVED_CLOCK says at the moment, so that a school's days pass in seconds.

const REREAD_MS = 5
const RealDate = Date
let movedMs = 0
let readAtMs = -Infinity

function nowMs() {
  const atMs = performance.now()
  if (atMs - readAtMs > REREAD_MS) {
    readAtMs = atMs
    movedMs = Number(readFileSync(env['MOVED_CLOCK'] ?? '', 'utf8'))
  }
  return RealDate.now() + movedMs
}

globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(nowMs())
    else super(...values)
  }

  static now() {
    return nowMs()
  }
}
