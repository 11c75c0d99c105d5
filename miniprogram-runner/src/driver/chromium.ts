import { accessSync, constants } from 'node:fs'
import { env } from 'node:process'
import { chromium, type Browser } from 'playwright-core'

const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--headless',
  // Chromium's sandbox does not run as root, and containers often are root.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A phone plays what the user tapped; a test's tap is no gesture for a sound that starts later. */
export const PHONE_FLAGS: readonly string[] = ['--autoplay-policy=no-user-gesture-required']

/** Chromium's path: CHROMIUM_PATH, else where the system's packages put it; undefined when there is none. */
export function findChromium(): string | undefined {
  const asked = env['CHROMIUM_PATH']
  if (asked === undefined || asked === '') return USUAL_PATHS.find(isProgram)
  if (!isProgram(asked)) throw new Error(`CHROMIUM_PATH is not a program: ${asked}`)
  return asked
}

/** Starts it, headless. Throws when there is none. */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('no Chromium: set CHROMIUM_PATH, or apt-get install chromium')
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
