import type { Host, Report } from '../runtime/host.ts'

/** What the runtime leaves on the page's globalThis. */
interface RuntimeGlobal {
  readonly __miniprogram?: Host
  __miniprogramConfig?: unknown
  __miniprogramWakeAtMs?: number
}

// Every function here runs in the page: Playwright sends its source, so none may use anything from outside.

/** Installs the configuration, and the timer that wakes a sleeping program before all its own timers. */
export function prepare(config: unknown): void {
  const page = globalThis as unknown as RuntimeGlobal
  page.__miniprogramConfig = config
  const EVERY_MS = 200
  setInterval(() => {
    if (page.__miniprogramWakeAtMs === undefined || Date.now() < page.__miniprogramWakeAtMs) return
    delete page.__miniprogramWakeAtMs
    page.__miniprogram?.life.enterForeground()
  }, EVERY_MS)
}

export function isRunning(): boolean {
  const page = globalThis as unknown as RuntimeGlobal
  return page.__miniprogram?.router.current() !== undefined
}

export function enterBackground(): void {
  const page = globalThis as unknown as RuntimeGlobal
  page.__miniprogram?.life.enterBackground()
}

export function enterForeground(): void {
  const page = globalThis as unknown as RuntimeGlobal
  delete page.__miniprogramWakeAtMs
  page.__miniprogram?.life.enterForeground()
}

export function wakeIn(ms: number): void {
  const page = globalThis as unknown as RuntimeGlobal
  page.__miniprogramWakeAtMs = Date.now() + ms
}

export function isAwake(): boolean {
  const page = globalThis as unknown as RuntimeGlobal
  return page.__miniprogram?.life.isForeground() === true
}

export function control({ name, args }: { readonly name: string; readonly args: readonly unknown[] }): unknown {
  const page = globalThis as unknown as RuntimeGlobal
  const found = page.__miniprogram?.controls.get(name)
  if (found === undefined) throw new Error(`the runtime has no control ${name}`)
  return found(...args)
}

export function readReport(): Report | undefined {
  const page = globalThis as unknown as RuntimeGlobal
  return page.__miniprogram?.report.snapshot()
}

export function readData(): unknown {
  const page = globalThis as unknown as RuntimeGlobal
  const data = page.__miniprogram?.router.current()?.instance.data
  return data === undefined ? undefined : JSON.parse(JSON.stringify(data))
}

/** Calls a method of the visible page. */
export function callPage({ method, args }: { readonly method: string; readonly args: readonly unknown[] }): unknown {
  const page = globalThis as unknown as RuntimeGlobal
  const instance = page.__miniprogram?.router.current()?.instance
  const found = instance?.[method]
  if (typeof found !== 'function') throw new Error(`the page has no method ${method}`)
  return Reflect.apply(found, instance, args) as unknown
}

export function readRoute(): string {
  const page = globalThis as unknown as RuntimeGlobal
  return page.__miniprogram?.router.current()?.route ?? ''
}

export function readStack(): readonly string[] {
  const page = globalThis as unknown as RuntimeGlobal
  return page.__miniprogram?.router.pages().map(({ route }) => route) ?? []
}

/** Scrolls the visible page, or the scroll-view, to an edge or by pixels. */
export function scrollBox({ box, to }: { readonly box: Element | null; readonly to: number | 'top' | 'bottom' }): void {
  const page = globalThis as unknown as RuntimeGlobal
  const inner = box?.querySelector(':scope > .wx-scroll') ?? box
  const scroller = inner ?? page.__miniprogram?.router.current()?.scroller
  if (scroller === undefined) return
  const top = to === 'top' ? 0 : to === 'bottom' ? scroller.scrollHeight : scroller.scrollTop + to
  scroller.scrollTo({ top, behavior: 'instant' })
}
