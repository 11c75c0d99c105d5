import { describe } from 'vitest'
import { findChromium } from './browser.ts'

/** `describe`, or a skipped one where there is no Chromium. */
export function describeInBrowser(name: string, tests: () => void): void {
  const hasBrowser = findChromium() !== undefined
  if (!hasBrowser) console.warn(`skipped, because there is no Chromium (apt-get install chromium): ${name}`)
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both are the caller's
  describe.skipIf(!hasBrowser)(name, tests)
}
