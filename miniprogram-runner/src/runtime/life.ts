import type { Theme } from './app-bundle.ts'
import type { AppEvents, AppLife, LaunchOptions, Reporter } from './host.ts'

type Listeners = { [K in keyof AppEvents]: ((event: AppEvents[K]) => void)[] }

/** What `App({…})` gave. */
export type AppInstance = Record<string, unknown>

/** What the life needs of the pages: they hear of hiding before the application does, and of showing after. */
export interface PagesLife {
  hideCurrent(): void
  showCurrent(): void
}

/** The life of the application: launch, foreground, background, errors. */
export class ApplicationLife implements AppLife {
  readonly launchOptions: LaunchOptions
  private readonly report: Reporter
  private instance: AppInstance | undefined
  /** What getApp({ allowDefault: true }) gives before App() is called; App()'s definition is laid over it. */
  private readonly early: AppInstance = {}
  private pages: PagesLife | undefined
  private isShown = false
  private phoneTheme: Theme
  private readonly listeners: Listeners = {
    show: [],
    hide: [],
    error: [],
    unhandledRejection: [],
    pageNotFound: [],
    themeChange: [],
    resize: [],
  }

  constructor(launchOptions: LaunchOptions, theme: Theme, report: Reporter) {
    this.launchOptions = launchOptions
    this.phoneTheme = theme
    this.report = report
  }

  isForeground(): boolean {
    return this.isShown
  }

  theme(): Theme {
    return this.phoneTheme
  }

  changeTheme(theme: Theme): void {
    if (theme === this.phoneTheme) return
    this.phoneTheme = theme
    this.call('onThemeChange', { theme })
    this.emit('themeChange', { theme })
  }

  app(): AppInstance | undefined {
    return this.instance
  }

  on<K extends keyof AppEvents>(name: K, listener: (event: AppEvents[K]) => void): void {
    this.listeners[name].push(listener)
  }

  off<K extends keyof AppEvents>(name: K, listener?: (event: AppEvents[K]) => void): void {
    const held = this.listeners[name]
    const at = listener === undefined ? 0 : held.indexOf(listener)
    if (at >= 0) held.splice(at, listener === undefined ? held.length : 1)
  }

  getApp(wish: { readonly allowDefault?: boolean } = {}): AppInstance | undefined {
    return this.instance ?? (wish.allowDefault === true ? this.early : undefined)
  }

  define(definition: AppInstance): void {
    if (this.instance !== undefined) throw new Error('App() is called more than once')
    this.instance = Object.assign(this.early, definition)
  }

  launch(pages: PagesLife): void {
    this.pages = pages
    this.instance ??= {}
    this.call('onLaunch', this.launchOptions)
    this.isShown = true
    this.call('onShow', this.launchOptions)
  }

  enterBackground(): void {
    if (!this.isShown) return
    this.isShown = false
    this.pages?.hideCurrent()
    this.call('onHide')
    this.emit('hide', undefined)
  }

  enterForeground(): void {
    if (this.isShown) return
    this.isShown = true
    this.call('onShow', this.launchOptions)
    this.emit('show', this.launchOptions)
    this.pages?.showCurrent()
  }

  pageNotFound(path: string, query: Readonly<Record<string, string>>): void {
    this.call('onPageNotFound', { path, query, isEntryPage: true })
    this.emit('pageNotFound', { path, query })
  }

  /** An error that the program did not catch: reported, then told to App.onError and wx.onError. */
  failed(where: string, err: unknown): void {
    this.report.error(where, err)
    const text = err instanceof Error ? `${err.message}\n${err.stack ?? ''}` : String(err)
    this.call('onError', text)
    this.emit('error', text)
  }

  rejected(reason: unknown): void {
    this.report.error('unhandled rejection', reason)
    this.call('onUnhandledRejection', { reason })
    this.emit('unhandledRejection', { reason })
  }

  emit<K extends keyof AppEvents>(name: K, event: AppEvents[K]): void {
    for (const listener of [...this.listeners[name]]) {
      try {
        listener(event)
      } catch (err) {
        this.report.error(`wx.onApp${name}`, err)
      }
    }
  }

  private call(name: string, ...args: readonly unknown[]): void {
    const method = this.instance?.[name]
    if (typeof method !== 'function') return
    try {
      Reflect.apply(method, this.instance, args)
    } catch (err) {
      if (name === 'onError') this.report.error('App.onError', err)
      else this.failed(`App.${name}`, err)
    }
  }
}
