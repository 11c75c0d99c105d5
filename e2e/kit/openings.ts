import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core'

/** The ways by which a page can open an address without asking anybody. */
export const WAYS = [
  'iframe',
  'object',
  'embed',
  'script',
  'module',
  'stylesheet',
  'worker',
  'import-scripts',
  'service-worker',
  'img',
  'video',
  'popup',
  'top',
] as const

export type Way = (typeof WAYS)[number]

export interface Opening {
  readonly way: Way
  /** With a query, to which `&via=<way>` is added. */
  readonly url: string
}

/** What came of opening addresses; goes on being filled. */
export interface Opened {
  readonly context: BrowserContext
  /** Requests to any host but those of the page and of the addresses. */
  readonly elsewhere: string[]
  readonly dialogs: string[]
  /** What was asked for. */
  readonly asked: Set<string>
  /** The names under which the browser saves what it was to go to. */
  readonly downloads: string[]
}

/** Opens addresses from a page in a new profile; when it resolves, what comes of it may still be coming. */
export async function openFrom(
  browser: Browser,
  from: string,
  openings: readonly Opening[],
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ acceptDownloads: false, ...options })
  await context.addInitScript(() => {
    addEventListener('message', ({ data }) => data === '__xss' && Object.assign(window, { __told: true }))
    // Dialogs of many windows at once get in each other's way.
    window.alert = () => Object.assign(window, { __alerted: true })
  })
  const opened: Opened = { context, elsewhere: [], dialogs: [], asked: new Set(), downloads: [] }
  const full = openings.map(({ way, url }) => ({ way, url: `${url}&via=${way}` }))
  const hosts = [from, ...openings.map(({ url }) => url)].map((url) => new URL(url).host)
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && !hosts.includes(host)) opened.elsewhere.push(request.url())
    opened.asked.add(request.url())
  })
  context.on('dialog', (dialog) => {
    opened.dialogs.push(dialog.message())
    // It goes with its page, where that is left.
    dialog.dismiss().catch(() => undefined)
  })
  const page = await context.newPage()
  await page.goto(from)
  await page.evaluate(
    openAll,
    full.filter(({ way }) => way !== 'top'),
  )
  const visits = full.filter(({ way }) => way === 'top')
  await Promise.all(
    visits.map(async ({ url }) => {
      // In a page of its own, so that nothing ends what comes late.
      const visitor = await context.newPage()
      visitor.on('download', (download) => opened.downloads.push(download.suggestedFilename()))
      // What is saved instead of shown ends the going there.
      await visitor.goto(url).catch(() => undefined)
    }),
  )
  return opened
}

/** What hostile scripts have left in any frame or worker. */
export async function marksIn(context: BrowserContext): Promise<readonly string[]> {
  const find = (): string[] => ['__xss', '__told', '__alerted'].filter((name) => name in globalThis)
  const pages = context.pages()
  const found = await Promise.all([
    ...pages.flatMap((page) => page.frames()).map((frame) => frame.evaluate(find).catch(() => [])),
    ...pages.flatMap((page) => page.workers()).map((worker) => worker.evaluate(find).catch(() => [])),
    ...context.serviceWorkers().map((worker) => worker.evaluate(find).catch(() => [])),
  ])
  return [...new Set(found.flat())].sort()
}

/** What comes of it is to be seen elsewhere. Runs in the page, so it stands alone. */
async function openAll(openings: readonly Opening[]): Promise<void> {
  const add = (tag: string, attributes: Readonly<Record<string, string>>, parent: Element = document.body): Element => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    parent.append(element)
    return element
  }
  const blobOf = (code: string): string => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  const open = async ({ way, url }: Opening): Promise<void> => {
    const quoted = JSON.stringify(url)
    try {
      switch (way) {
        case 'iframe':
        case 'embed':
        case 'img':
        case 'script':
          return void add(way, { src: url })
        case 'video':
          return void add(way, { src: url, preload: 'auto' })
        case 'object':
          return void add('object', { data: url })
        case 'module':
          return void add('script', { src: url, type: 'module' })
        case 'stylesheet':
          return void add('link', { rel: 'stylesheet', href: url })
        case 'worker':
          return void new Worker(url)
        case 'import-scripts':
          return void new Worker(blobOf(`importScripts(${quoted})`))
        case 'service-worker':
          return void (await navigator.serviceWorker.register(url, {
            scope: new URL('.', url).pathname + Math.random(),
          }))
        case 'popup':
          return void window.open(url)
        case 'top':
          // Not from a page.
          return undefined
      }
    } catch {
      // The browser forbids it.
    }
  }
  await Promise.all(openings.map(open))
}
