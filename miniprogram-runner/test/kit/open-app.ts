import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Browser, JSHandle, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Host, Report, RunnerConfig } from '../../src/runtime/host.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

/** A locator that finds nothing must say so soon. */
const ACTION_TIMEOUT_MS = 5000

/** A compiled program open in a phone-sized page, for tests of the runtime itself. */
export interface OpenApp {
  readonly page: Page
  readonly host: JSHandle<Host>
  report(): Promise<Report>
  /** The data of the page in front. */
  data(): Promise<Readonly<Record<string, unknown>>>
  /** Calls a method of the page in front. */
  call(method: string): Promise<unknown>
  /** Routes of the page stack. */
  routes(): Promise<readonly string[]>
}

export async function openApp(browser: Browser, outDir: string, config: Partial<RunnerConfig> = {}): Promise<OpenApp> {
  const server = await serve(outDir)
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  })
  onTestFinished(async () => {
    await context.close()
    server.close()
  })
  const page = await context.newPage()
  page.setDefaultTimeout(ACTION_TIMEOUT_MS)
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  await page.route(
    (url) => url.origin !== origin,
    (route) => route.abort(),
  )
  await page.addInitScript((wishes) => {
    globalThis.__miniprogramConfig = wishes
  }, config)
  await page.goto(`${origin}/`)
  await page.waitForFunction(() => (globalThis.__miniprogram?.router.pages().length ?? 0) > 0)
  const host = await page.evaluateHandle(() => {
    const made = globalThis.__miniprogram
    if (made === undefined) throw new Error('the runtime has not started')
    return made
  })
  return {
    page,
    host,
    report: () => host.evaluate(({ report }) => report.snapshot()),
    data: () => host.evaluate(({ router }) => structuredClone(router.current()?.instance.data ?? {})),
    call: (method) =>
      host.evaluate(({ router }, name) => {
        const instance = router.current()?.instance
        const called = instance?.[name]
        if (typeof called !== 'function') throw new Error(`the page has no ${name}`)
        return Reflect.apply(called, instance, []) as unknown
      }, method),
    routes: () => host.evaluate(({ router }) => router.pages().map((each) => each.route)),
  }
}

/** No eval and no inline script: what WeChat forbids must fail here as well. */
async function serve(directory: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    readFile(join(directory, path === '/' ? 'index.html' : path)).then(
      (body) => {
        const type = TYPES[extname(path) || '.html'] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, 'content-security-policy': "script-src 'self'" }).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
