import type { EventChannel, EventListener, NavigateResult, PageHandle, Router, ShareMessage } from './host.ts'
import type { Theme, WindowConfig } from './app-bundle.ts'
import { createChannelPair } from './event-channel.ts'
import type { PageLook, PhoneFrame } from './frame/phone-frame.ts'
import { OpenPage, type PageMaker } from './page.ts'
import { parsePageUrl } from './page-url.ts'
import type { RunReport } from './report.ts'
import { measureTarget } from './scroll-target.ts'
import type { StyleSheets } from './styles.ts'

/** WeChat's limit of the page stack. */
export const MAX_PAGES = 10

/** The page stack. Tab pages live on while another tab is in front; everything else ends when it leaves the stack. */
export class PageRouter implements Router {
  private readonly maker: PageMaker
  private readonly frame: PhoneFrame
  private readonly styles: StyleSheets
  private readonly report: RunReport
  private readonly tabs = new Map<string, OpenPage>()
  private stack: OpenPage[] = []
  /** The page that the frame shows: title and colours that it sets are kept for its return. */
  private shown: OpenPage | undefined

  constructor(maker: PageMaker, frame: PhoneFrame, styles: StyleSheets, report: RunReport) {
    this.maker = maker
    this.frame = frame
    this.styles = styles
    this.report = report
  }

  pages(): readonly PageHandle[] {
    return [...this.stack]
  }

  current(): OpenPage | undefined {
    return this.stack.at(-1)
  }

  async navigateTo(url: string, events: Readonly<Record<string, EventListener>> = {}): Promise<NavigateResult> {
    const { path, query } = this.resolve('navigateTo', url)
    if (this.isTab(path)) throw new Error('navigateTo:fail can not navigateTo a tabbar page')
    if (this.stack.length >= MAX_PAGES) throw new Error('navigateTo:fail webview count limit exceed')
    const [opener, opened] = createChannelPair()
    for (const [name, listener] of Object.entries(events)) opener.on(name, listener)
    this.current()?.hide('remove')
    this.push(path, query, opened)
    return { eventChannel: opener }
  }

  async redirectTo(url: string): Promise<void> {
    const { path, query } = this.resolve('redirectTo', url)
    if (this.isTab(path)) throw new Error('redirectTo:fail can not redirectTo a tabbar page')
    const left = this.stack.pop()
    if (left !== undefined) this.end(left)
    this.push(path, query)
  }

  async reLaunch(url: string): Promise<void> {
    const { path, query } = this.resolve('reLaunch', url)
    this.close(0)
    for (const tab of [...this.tabs.values()]) this.end(tab)
    this.push(path, query)
  }

  async switchTab(url: string): Promise<void> {
    const { path, hasQuery } = this.resolve('switchTab', url)
    if (!this.isTab(path)) throw new Error('switchTab:fail can not switch to no-tabBar page')
    if (hasQuery) throw new Error('switchTab:fail url can not have a query')
    if (this.current()?.route === path) return
    this.close(0)
    const open = this.tabs.get(path)
    if (open === undefined) this.push(path, {})
    else this.bringBack([open])
  }

  async navigateBack(delta = 1): Promise<void> {
    if (this.stack.length <= 1) throw new Error('navigateBack:fail cannot navigate back at first page')
    const steps = Math.min(Math.max(1, Math.floor(delta)), this.stack.length - 1)
    this.close(this.stack.length - steps)
    this.bringBack(this.stack)
  }

  /** Opens the page that the application starts with. */
  launch(path: string, query: Readonly<Record<string, string>>): void {
    const isKnown = this.maker.bundle.pages.includes(path)
    if (!isKnown) this.maker.life.pageNotFound(path, query)
    // onPageNotFound may have gone elsewhere.
    if (this.stack.length > 0) return
    const first = this.maker.bundle.pages[0] ?? ''
    if (isKnown) this.push(path, query)
    else this.push(first, {})
  }

  hideCurrent(): void {
    this.current()?.hide('keep')
  }

  showCurrent(): void {
    this.current()?.show()
  }

  /** The user taps a tab of the frame. */
  tapTab(pagePath: string, index: number): void {
    const item = this.maker.bundle.tabBar?.light.items[index]
    this.attempt(
      this.switchTab(`/${pagePath}`).then(() => {
        this.current()?.call('onTabItemTap', { index, pagePath, text: item?.text ?? '' })
      }),
    )
  }

  /** The user taps the frame's back or home button. */
  tapBack(): void {
    this.attempt(this.navigateBack())
  }

  tapHome(): void {
    const first = this.maker.bundle.pages[0] ?? ''
    this.attempt(this.isTab(first) ? this.switchTab(`/${first}`) : this.reLaunch(`/${first}`))
  }

  async share(from: 'menu' | 'button', target?: unknown): Promise<ShareMessage | undefined> {
    const page = this.current()
    if (page === undefined || !page.has('onShareAppMessage')) return undefined
    const answer = page.call('onShareAppMessage', { from, target, webViewUrl: undefined })
    const own = toShare(answer)
    const promised = toShare(await own.promise)
    const message = {
      title: promised.title ?? own.title ?? page.look?.title ?? '',
      path: promised.path ?? own.path ?? `/${page.route}`,
      imageUrl: promised.imageUrl ?? own.imageUrl,
    }
    this.report.share(message)
    return message
  }

  canShare(): boolean {
    return this.current()?.has('onShareAppMessage') ?? false
  }

  tapShare(): void {
    this.attempt(this.share('menu'))
  }

  startPullDownRefresh(): void {
    this.current()?.view.startRefresh()
  }

  stopPullDownRefresh(): void {
    this.current()?.view.stopRefresh()
  }

  pageScrollTo(to: Parameters<Router['pageScrollTo']>[0]): void {
    const page = this.current()
    if (page === undefined) return
    const top = to.selector === undefined ? to.scrollTop : measureTarget(page, to.selector)
    if (top === undefined) return
    const behavior = to.duration === 0 ? 'instant' : 'smooth'
    page.scroller.scrollTo({ top: top + (to.offsetTop ?? 0), behavior })
  }

  /** Every open page takes the theme's colours; a title that it has set stays. */
  changeTheme(theme: Theme): void {
    this.rememberLook()
    for (const page of new Set([...this.stack, ...this.tabs.values()])) {
      const window = page.window[theme]
      page.view.setTheme(theme)
      if (page.look !== undefined) page.look = { ...page.look, window, ...barColors(window), theme }
    }
    if (this.shown?.look !== undefined) this.frame.show(this.shown.look)
  }

  resized(size: { readonly width: number; readonly height: number }): void {
    const page = this.current()
    page?.call('onResize', { size: { windowWidth: size.width, windowHeight: size.height } })
    page?.component.triggerPageLifetime('resize', [{ size }])
  }

  private push(path: string, query: Readonly<Record<string, string>>, channel?: EventChannel): void {
    const page = new OpenPage(this.maker, path, query, channel ?? createChannelPair()[1])
    if (this.isTab(path)) this.tabs.set(path, page)
    this.stack.push(page)
    this.bringBack(this.stack)
  }

  /** Shows the top of a stack, in the frame as it was left. */
  private bringBack(stack: OpenPage[]): void {
    this.rememberLook()
    this.stack = stack
    const page = this.current()
    if (page === undefined) return
    this.styles.showPage(page.route)
    page.look ??= this.firstLook(page)
    this.frame.show(page.look)
    this.shown = page
    page.show()
  }

  private rememberLook(): void {
    if (this.shown !== undefined) this.shown.look = this.frame.currentLook()
  }

  private firstLook(page: OpenPage): PageLook {
    const theme = this.maker.life.theme()
    const window = page.window[theme]
    const isTab = this.isTab(page.route)
    const isFirst = page.route === this.maker.bundle.pages[0]
    const alone = isTab || isFirst ? 'none' : 'home'
    return {
      window,
      title: window.navigationBarTitleText,
      ...barColors(window),
      backButton: this.stack.length > 1 ? 'back' : alone,
      tab: isTab ? page.route : undefined,
      isLoading: false,
      theme,
    }
  }

  /** Ends the pages from `from` upwards, the top one first; tab pages are only hidden. */
  private close(from: number): void {
    for (const page of this.stack.splice(Math.max(0, from)).toReversed()) {
      if (this.tabs.get(page.route) === page) page.hide('remove')
      else this.end(page)
    }
  }

  private end(page: OpenPage): void {
    if (this.tabs.get(page.route) === page) this.tabs.delete(page.route)
    if (this.shown === page) this.shown = undefined
    page.unload()
  }

  private resolve(api: string, url: string): ReturnType<typeof parsePageUrl> {
    const parsed = parsePageUrl(url, this.current()?.route ?? '')
    if (!this.maker.bundle.pages.includes(parsed.path))
      throw new Error(`${api}:fail page "${parsed.path}" is not found`)
    return parsed
  }

  private isTab(path: string): boolean {
    return this.maker.bundle.tabBar?.light.items.some((item) => item.pagePath === path) ?? false
  }

  /** For the frame's own buttons: nobody awaits them. */
  private attempt(navigation: Promise<unknown>): void {
    navigation.catch((err: unknown) => this.maker.life.failed('navigation', err))
  }
}

function barColors(window: WindowConfig): Pick<PageLook, 'frontColor' | 'barColor'> {
  return {
    frontColor: window.navigationBarTextStyle === 'white' ? '#ffffff' : '#000000',
    barColor: window.navigationBarBackgroundColor,
  }
}

interface ShareAnswer {
  readonly title?: string
  readonly path?: string
  readonly imageUrl?: string
  readonly promise?: unknown
}

/** What onShareAppMessage returned, or its promise gave. */
function toShare(answer: unknown): ShareAnswer {
  return typeof answer === 'object' && answer !== null ? answer : {}
}
