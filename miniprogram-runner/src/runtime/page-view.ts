import type { ByTheme, Theme, WindowConfig } from './app-bundle.ts'
import { make } from './frame/dom.ts'

/** Drawn so far down, the released page refreshes. */
const REFRESH_AT_PX = 50

export interface PageViewEvents {
  scrolled(scrollTop: number): void
  reachedBottom(): void
  pulledDown(): void
}

/** A page's element in the page area: its scrolling, the pull to refresh, the bottom that is reached. */
export class PageView {
  readonly scroller = make('div', 'mp-page')
  readonly content = make('wx-page', '')
  private readonly refresher: HTMLElement
  private readonly window: ByTheme<WindowConfig>
  private readonly events: PageViewEvents
  private isAtBottom = false
  private isRefreshing = false
  private pull: { readonly startY: number; height: number } | undefined

  constructor(window: ByTheme<WindowConfig>, theme: Theme, events: PageViewEvents) {
    this.window = window
    this.events = events
    this.refresher = make('div', 'mp-refresher', ...[1, 2, 3].map(() => make('i', '')))
    this.scroller.append(this.refresher, this.content)
    this.scroller.classList.toggle('mp-page-still', window.light.disableScroll)
    this.setTheme(theme)
    this.scroller.addEventListener('scroll', () => this.scrolled(), { passive: true })
    if (window.light.enablePullDownRefresh) this.listenForPull()
  }

  setTheme(theme: Theme): void {
    const { backgroundColor, backgroundTextStyle } = this.window[theme]
    this.scroller.style.background = backgroundColor
    this.refresher.classList.toggle('mp-refresher-light', backgroundTextStyle === 'light')
  }

  show(): void {
    this.scroller.classList.remove('mp-hidden')
  }

  hide(): void {
    // A hidden element forgets where it was scrolled to in some engines; Chromium keeps it.
    this.scroller.classList.add('mp-hidden')
  }

  remove(): void {
    this.scroller.remove()
  }

  startRefresh(): void {
    if (this.isRefreshing) return
    this.isRefreshing = true
    this.setRefresherHeight(REFRESH_AT_PX)
    this.events.pulledDown()
  }

  stopRefresh(): void {
    this.isRefreshing = false
    this.setRefresherHeight(0)
  }

  private scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller
    this.events.scrolled(scrollTop)
    const isAtBottom =
      scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - this.window.light.onReachBottomDistance
    const hasArrived = isAtBottom && !this.isAtBottom
    this.isAtBottom = isAtBottom
    if (hasArrived) this.events.reachedBottom()
  }

  private listenForPull(): void {
    this.scroller.addEventListener('touchstart', (ev) => this.startPull(ev.touches[0]?.clientY), { passive: true })
    this.scroller.addEventListener('touchmove', (ev) => this.movePull(ev.touches[0]?.clientY), { passive: true })
    this.scroller.addEventListener('mousedown', (ev) => this.startPull(ev.clientY))
    this.scroller.addEventListener('mousemove', (ev) => this.movePull(ev.buttons === 1 ? ev.clientY : undefined))
    for (const type of ['touchend', 'touchcancel', 'mouseup'])
      this.scroller.addEventListener(type, () => this.endPull())
  }

  private startPull(clientY: number | undefined): void {
    const canPull = clientY !== undefined && this.scroller.scrollTop <= 0 && !this.isRefreshing
    this.pull = canPull ? { startY: clientY, height: 0 } : undefined
  }

  private movePull(clientY: number | undefined): void {
    if (this.pull === undefined || clientY === undefined) return
    // The page follows the finger half as fast, as rubber does.
    this.pull.height = Math.min(80, Math.max(0, (clientY - this.pull.startY) / 2))
    this.setRefresherHeight(this.pull.height)
  }

  private endPull(): void {
    const height = this.pull?.height ?? 0
    const hasPulled = this.pull !== undefined
    this.pull = undefined
    if (!hasPulled) return
    if (height >= REFRESH_AT_PX) this.startRefresh()
    else this.setRefresherHeight(0)
  }

  private setRefresherHeight(height: number): void {
    this.refresher.style.height = `${height}px`
  }
}
