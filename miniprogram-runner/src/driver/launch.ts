import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium, PHONE_FLAGS } from './chromium.ts'
import * as inPage from './in-page.ts'
import type { LaunchOptions } from './launch-options.ts'
import { isLoopback } from './loopback.ts'
import { MiniProgram } from './mini-program.ts'
import { serveApp, type ServedApp } from './serve.ts'

const DEFAULT_VIEWPORT = { width: 375, height: 812 }

/**
 * Opens the mini-program on a phone of its own: a fresh browser context, so nobody shares storage. No request leaves
 * this machine; those that would are aborted and stand in the report. Resolves when the first page is shown.
 */
export async function launchMiniProgram(options: LaunchOptions): Promise<MiniProgram> {
  const browser = options.browser ?? (await launchChromium(PHONE_FLAGS))
  const served = typeof options.app === 'string' ? await serveApp(options.app) : options.app
  const closeRest = async (): Promise<void> => {
    if (typeof options.app === 'string') await served.close()
    if (options.browser === undefined) await browser.close()
  }
  try {
    return await open(browser, served, options, closeRest)
  } catch (err) {
    await closeRest()
    throw err
  }
}

async function open(
  browser: Browser,
  served: ServedApp,
  options: LaunchOptions,
  closeRest: () => Promise<void>,
): Promise<MiniProgram> {
  const context = await browser.newContext({
    viewport: options.viewport ?? DEFAULT_VIEWPORT,
    deviceScaleFactor: options.deviceScaleFactor ?? 2,
    colorScheme: options.colorScheme ?? 'light',
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
  })
  const page = await context.newPage()
  const watched = { blocked: [] as string[], pageErrors: [] as string[] }
  await isolate(context, served, watched.blocked)
  watch(page, watched.pageErrors)
  // Time is the test's from the start: timers made before the clock was installed could not be moved.
  await page.clock.install()
  await page.addInitScript(inPage.prepare, options.config ?? {})
  await page.goto(`${served.url}/`)
  await page.waitForFunction(inPage.isRunning).catch((cause: unknown) => {
    throw new Error(`the mini-program did not start: ${watched.pageErrors.join('; ')}`, { cause })
  })
  return new MiniProgram(page, watched, closeRest)
}

async function isolate(context: BrowserContext, served: ServedApp, blocked: string[]): Promise<void> {
  await context.route(
    (url) => !isLoopback(url.href),
    (route) => {
      blocked.push(route.request().url())
      return route.abort('blockedbyclient')
    },
  )
  await context.routeWebSocket(
    (url) => !isLoopback(url.href),
    async (socket) => {
      blocked.push(socket.url())
      await socket.close({ code: 1001, reason: 'hermetic' })
    },
  )
  context.on('close', () => blocked.push(...served.refused))
}

function watch(page: Page, pageErrors: string[]): void {
  page.on('pageerror', (err) => pageErrors.push(err.stack ?? err.message))
}
