import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'

const DEADLINE_MS = 15_000

/** How a browser reports that it could not connect; in tests that cut the line the only problem that may be seen. */
export const COULD_NOT_CONNECT = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY)/

export interface WindowOptions extends BrowserContextOptions {
  /** Query and hash below the page's address, such as `?lang=en#/settings`. */
  readonly at?: string
}

/** A person's window on the web demo, in a browser profile of its own. */
export interface WebWindow {
  readonly page: Page
  readonly context: BrowserContext
  /** What must not happen: console errors (violations of the content policy are among them), uncaught errors, answers of 400 and above, requests to other hosts. */
  readonly problems: string[]
  /** The conversations in the list, in order. */
  readonly conversations: Locator
  /** The conversation in the list with exactly this name. */
  conversation(name: string): Locator
  /** Opens it by the address, whether or not it is in the list: `C2Cp_1001`, `GROUP…`. */
  open(conversationID: string): Promise<void>
  /** Opens the conversation with this user. */
  talkTo(userID: string): Promise<void>
  /** Goes to `/settings`, `/contacts` … without loading the page anew. */
  goTo(path: string): Promise<void>
}

/** Opens a window; with `?user=…` in `at`, waits until that user is in. */
export async function openWindow(browser: Browser, url: string, options: WindowOptions = {}): Promise<WebWindow> {
  const { at = '', ...contextOptions } = options
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...contextOptions })
  context.setDefaultTimeout(DEADLINE_MS)
  return openTab(context, url, at)
}

/** The web demo as this user sees it. Demo servers make every user that is named. */
export function signIn(browser: Browser, url: string, userID: string, options: WindowOptions = {}): Promise<WebWindow> {
  const at = options.at ?? ''
  const [query = '', hash = ''] = at.split('#')
  const asked = `?user=${encodeURIComponent(userID)}${query.replace('?', '&')}`
  return openWindow(browser, url, { ...options, at: hash ? `${asked}#${hash}` : asked })
}

/** A further tab of the same profile. */
export async function openTab(context: BrowserContext, url: string, at = ''): Promise<WebWindow> {
  const page = await context.newPage()
  const problems = watch(page, url)
  await page.goto(url + at)
  await page.locator(at.includes('user=') ? '.shell' : '.sign-in, .shell').waitFor()
  return windowOf(page, context, problems)
}

function watch(page: Page, url: string): string[] {
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`))
  page.on('request', (request) => {
    const isOwn = [url, 'data:', 'blob:'].some((start) => request.url().startsWith(start))
    if (!isOwn) problems.push(`elsewhere: ${request.url()}`)
  })
  return problems
}

function windowOf(page: Page, context: BrowserContext, problems: string[]): WebWindow {
  const conversations = page.locator('.conversation')
  const goTo = async (path: string): Promise<void> => {
    await page.evaluate((hash) => (location.hash = hash), `#${path}`)
  }
  const open = async (conversationID: string): Promise<void> => {
    await goTo(`/chats/${encodeURIComponent(conversationID)}`)
    await page.locator('.chat').waitFor()
  }
  return {
    page,
    context,
    problems,
    conversations,
    conversation: (name) => conversations.filter({ has: page.getByText(name, { exact: true }) }),
    open,
    talkTo: async (userID) => {
      await open(`C2C${userID}`)
      // It is there when what was said is.
      await page.locator('.composer').waitFor()
    },
    goTo,
  }
}
