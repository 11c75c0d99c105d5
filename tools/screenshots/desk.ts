import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { TrialServer } from '../../e2e/kit/server.ts'
import { openTab, type WebWindow } from '../../e2e/kit/web-window.ts'
import { PEOPLE, type Name } from './people.ts'
import { TIME_ZONE, type SchoolClock } from './school-clock.ts'

const DEADLINE_MS = 15_000
const WIDE = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 }
const NARROW = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }

/** How the page is to look; wide, light and Chinese if nothing is said. */
export interface Look {
  readonly narrow?: true
  readonly dark?: true
  readonly english?: true
}

/** People's windows on the web demo, one of each width for each of them. */
export interface Desk {
  /** The page at this address, loaded anew. */
  open(name: Name, look: Look, at?: string): Promise<WebWindow>
  /** Before anybody has signed in; in a browser that nobody has used. */
  openSignIn(look: Look): Promise<Page>
  /** One more window, which takes the place of the oldest of this person. */
  signInOnceMore(name: Name): Promise<void>
}

export function openDesk(browser: Browser, { url }: TrialServer, clock: SchoolClock): Desk {
  const windows = new Map<string, WebWindow>()
  const newContext = async (look: Look): Promise<BrowserContext> => {
    const colorScheme = look.dark ? 'dark' : 'light'
    const size = look.narrow ? NARROW : WIDE
    const context = await browser.newContext({ ...size, colorScheme, locale: 'zh-CN', timezoneId: TIME_ZONE })
    context.setDefaultTimeout(DEADLINE_MS)
    await clock.setIn(context)
    return context
  }
  return {
    async open(name, look, at = '') {
      const address = `?user=${PEOPLE[name].userID}&lang=${look.english ? 'en' : 'zh'}#${at}`
      const key = `${name} ${look.narrow ?? false}`
      const window = windows.get(key) ?? (await openTab(await newContext(look), url, address))
      windows.set(key, window)
      await window.page.emulateMedia({ colorScheme: look.dark ? 'dark' : 'light' })
      await window.page.goto('about:blank')
      await window.page.goto(url + address)
      await window.page.locator('.shell').waitFor()
      return window
    },
    async openSignIn(look) {
      const { page } = await openTab(await newContext(look), url, `?lang=${look.english ? 'en' : 'zh'}`)
      await page.locator('.user').first().waitFor()
      return page
    },
    async signInOnceMore(name) {
      await openTab(await newContext({}), url, `?user=${PEOPLE[name].userID}`)
    },
  }
}

/** Resolves when the page stands still: everything is there and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const isDrawn = [...document.images].every((image) => image.complete)
    const rows = [...document.querySelectorAll<HTMLElement>('.list > li')].filter(({ offsetParent }) => offsetParent)
    const isMeasured = rows.every((row) => getComputedStyle(row).visibility === 'visible')
    // What is being looked at is about to be read.
    const isBusy = document.querySelector('.picture.loading, .t-loading, .t-message, .row.open .badge') !== null
    return isDrawn && isMeasured && !isBusy && document.fonts.status === 'loaded'
  })
  await page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  )
}
