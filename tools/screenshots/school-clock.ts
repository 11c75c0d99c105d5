import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContext } from 'playwright-core'

/** Where the school is. */
export const TIME_ZONE = 'Asia/Shanghai'
const OFFSET_OF_ZONE = '+08:00'
const MODULE = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
/** Longer than the server keeps what it has read. */
const TAKES_EFFECT_MS = 20

/** The time of day at the school, the same in every run: pictures do not change because they were taken later. */
export interface SchoolClock {
  /** For the server's environment. */
  readonly settings: Readonly<Record<string, string>>
  /** Moves on to `2026-09-24 08:05`; never back. */
  reach(time: string): Promise<void>
  /** The school's time now, in ms since 1970. */
  nowMs(): number
  /** Pages that are opened in this context from now on have the school's time. */
  setIn(context: BrowserContext): Promise<void>
}

export function schoolClock(folder: string, start: string): SchoolClock {
  const file = join(folder, 'clock')
  let movedMs = 0
  const write = (time: string): void => {
    movedMs = Date.parse(`${time.replace(' ', 'T')}:00${OFFSET_OF_ZONE}`) - Date.now()
    // Replaced as a whole: the server reads at any moment.
    writeFileSync(`${file}.new`, String(movedMs))
    renameSync(`${file}.new`, file)
  }
  write(start)
  return {
    settings: { NODE_OPTIONS: `--import=${MODULE}`, MOVED_CLOCK: file },
    async reach(time) {
      write(time)
      await sleep(TAKES_EFFECT_MS)
    },
    nowMs: () => Date.now() + movedMs,
    async setIn(context) {
      await context.addInitScript(moveDate, movedMs)
    },
  }
}

/** Runs in the page, so it stands alone. */
function moveDate(byMs: number): void {
  const RealDate = Date
  globalThis.Date = class extends RealDate {
    constructor(...values: readonly unknown[]) {
      if (values.length === 0) super(RealDate.now() + byMs)
      else super(...(values as [number]))
    }

    static override now(): number {
      return RealDate.now() + byMs
    }
  } as DateConstructor
}
