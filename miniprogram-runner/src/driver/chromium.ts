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
  // A phone plays what the user tapped; a test's tap is no gesture for a sound that starts later.
  '--autoplay-policy=no-user-gesture-required',
]

/** Chromium of CHROMIUM_PATH, else of the system's packages. Throws when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = env['CHROMIUM_PATH'] || USUAL_PATHS.find(isProgram)
  if (executablePath === undefined) throw new Error('no Chromium: set CHROMIUM_PATH, or apt-get install chromium')
  return chromium.launch({ executablePath, args: FLAGS })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
