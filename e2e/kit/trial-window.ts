import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'

const DEADLINE_MS = 15_000

export interface WindowOptions extends BrowserContextOptions {
  /** Path and query below the server's address. */
  readonly at?: string
}

/** A person's window on the trial page, in a browser profile of its own. */
export interface TrialWindow {
  readonly page: Page
  readonly context: BrowserContext
  /** What must not happen: console errors (violations of the content policy are among them), uncaught errors, answers of 400 and above, requests to other hosts. */
  readonly problems: string[]
  readonly composer: Locator
  readonly bubbles: Locator
  readonly conversations: Locator
  /** Opens the conversation with this user through the search field. */
  talkTo(userID: string): Promise<void>
  /** Writes and presses Enter. */
  say(text: string): Promise<void>
  /** The row of the message with exactly this text. */
  row(text: string): Locator
  /** The texts of the bubbles, in order. */
  texts(): Promise<readonly string[]>
  /** Chooses from the menu of this row. */
  choose(row: Locator, action: string): Promise<void>
}

/** Opens a window; with `?user=…` in `at`, waits until that user is in. */
export async function openWindow(browser: Browser, url: string, options: WindowOptions = {}): Promise<TrialWindow> {
  const { at = '', ...contextOptions } = options
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...contextOptions })
  context.setDefaultTimeout(DEADLINE_MS)
  const page = await context.newPage()
  const problems = watch(page, url)
  await page.goto(url + at)
  await page.locator(at.includes('user=') ? '.conversations' : '.login').waitFor()
  return windowOf(page, context, problems)
}

/** The trial page as this user sees it. */
export function signIn(
  browser: Browser,
  url: string,
  userID: string,
  options: WindowOptions = {},
): Promise<TrialWindow> {
  return openWindow(browser, url, { ...options, at: `?user=${encodeURIComponent(userID)}${options.at ?? ''}` })
}

/** Another user in the same window: quicker than a new one, since the browser knows the page already. */
export async function signInAgain(window: TrialWindow, url: string, userID: string): Promise<void> {
  window.problems.length = 0
  await window.page.goto(`${url}?user=${encodeURIComponent(userID)}`)
  await window.page.locator('.conversations').waitFor()
}

function watch(page: Page, url: string): string[] {
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`))
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(url) || request.url().startsWith('data:')
    if (!isOwn) problems.push(`elsewhere: ${request.url()}`)
  })
  return problems
}

function windowOf(page: Page, context: BrowserContext, problems: string[]): TrialWindow {
  const composer = page.locator('.composer textarea')
  const bubbles = page.locator('.message .bubble')
  const search = page.locator('.search input')
  return {
    page,
    context,
    problems,
    composer,
    bubbles,
    conversations: page.locator('.conversation'),
    async talkTo(userID) {
      await search.fill(userID)
      await search.press('Enter')
      await page.locator('.peer small, .peer h1').getByText(userID, { exact: true }).waitFor()
    },
    async say(text) {
      await composer.fill(text)
      await composer.press('Enter')
    },
    row: (text) => page.locator('.message').filter({ has: page.getByText(text, { exact: true }) }),
    texts: () => bubbles.allInnerTexts(),
    async choose(row, action) {
      await row.hover()
      await row.locator('.more').click()
      await page.getByRole('menuitem', { name: action }).click()
    },
  }
}
