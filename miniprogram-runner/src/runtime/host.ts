import type { ComponentSpace, GeneralComponent } from 'glass-easel'

/**
 * The one interface between the parts of the runtime: the boot code makes a `Host`, the wx layer and the builtin
 * components reach pages, application life, the phone's frame and the test's wishes through it, and through nothing
 * else. It stands on `globalThis.__miniprogram` for the driver.
 *
 * What the other author exports, and the boot code calls:
 *   runtime/wx/wx.ts             createWx(host: Host): Readonly<Record<string, unknown>>    before any module of the app runs
 *   runtime/builtins/builtins.ts registerBuiltins(space: ComponentSpace, host: Host): void  before any component is defined
 *   runtime/builtins/base.css    linked by index.html before the styles of the app
 *
 * How builtins are made. `space.defineComponent({ is: 'wx/view', … })` and `space.setGlobalUsingComponent('view', def)`.
 * The DOM element of a component used as `<view>` is `<wx-view>`; a tag `native-input` in a template is DOM's `<input>`
 * (any `native-x` is `<x>`). A template is a `.wxml` file beside the code: `import { template } from './input.wxml'`
 * gives what `defineComponent({ template })` takes. `<style>` never: base.css (plain CSS on `wx-…` tags, with `rpx`
 * written as `calc(100vw / 750 * n)`).
 */
export interface Host {
  readonly config: RunnerConfig
  /** Answers of the device, by wx name (`chooseMedia`, `login`, …): seeded from the config, changed by the driver. */
  readonly mocks: Map<string, unknown>
  readonly router: Router
  readonly life: AppLife
  readonly frame: Frame
  readonly report: Reporter
  /**
   * A `src` as the browser can fetch it: remote, data: and blob: URLs as they are, a path of the program relative to the
   * file of the component whose template wrote it.
   */
  assetUrl(src: string, owner: GeneralComponent | undefined): string
  /** Name and value of a custom component with the behavior wx://form-field, for `<form>`; undefined for others. */
  formFieldOf(component: GeneralComponent): { readonly name: string; readonly value: unknown } | undefined
  /** Names a function the driver may call: `globalThis.__miniprogram.controls.get(name)(…args)`. */
  readonly controls: Map<string, Control>
}

export type Control = (...args: readonly unknown[]) => unknown

/** What the driver sets as `globalThis.__miniprogramConfig` before runtime.js runs; every field has a default. */
export interface RunnerConfig {
  readonly appId: string
  /** `wx.getExtConfigSync()`'s answer. */
  readonly extConfig: Readonly<Record<string, unknown>>
  /** Lists of allowed origins as WeChat's console holds them; undefined: no check, as in devtools with the box ticked. */
  readonly urlCheck: DomainLists | undefined
  /** 'needed': private APIs fail with errno 104 until the user has agreed. */
  readonly privacy: 'ok' | 'needed'
  readonly mocks: Readonly<Record<string, unknown>>
  /** The page to launch, default the first of app.json, with its query. */
  readonly path: string | undefined
  readonly query: Readonly<Record<string, string>>
  readonly scene: number
}

export interface DomainLists {
  readonly request: readonly string[]
  readonly socket: readonly string[]
  readonly upload: readonly string[]
  readonly download: readonly string[]
}

// ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page of the stack. */
export interface PageHandle {
  /** Path without leading slash and query: `pages/chat/chat`. */
  readonly route: string
  readonly query: Readonly<Record<string, string>>
  /** What `getCurrentPages()` shows: the page's `this`. */
  readonly instance: PageInstance
  /** The framework's component under it: selector queries and intersection observers start here. */
  readonly component: GeneralComponent
  /** The scrolling element that holds the page; `position: fixed` of the page is relative to `frame.pageArea`. */
  readonly scroller: HTMLElement
}

/** `this` of a page: data, setData, route and the page's own methods. */
export interface PageInstance {
  readonly route: string
  readonly options: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, unknown>>
  setData(data: Readonly<Record<string, unknown>>, callback?: () => void): void
  readonly [name: string]: unknown
}

/** Every navigation resolves when the new page is shown and rejects with `Error('navigateTo:fail …')`, WeChat's errMsg. */
export interface Router {
  /** The stack, oldest first, at most 10. */
  pages(): readonly PageHandle[]
  current(): PageHandle | undefined
  navigateTo(url: string, events?: Readonly<Record<string, EventListener>>): Promise<NavigateResult>
  redirectTo(url: string): Promise<void>
  reLaunch(url: string): Promise<void>
  switchTab(url: string): Promise<void>
  navigateBack(delta?: number): Promise<void>
  /** Calls the page's onShareAppMessage as the menu or `<button open-type="share">` does; undefined: it has none. */
  share(from: 'menu' | 'button', target?: unknown): Promise<ShareMessage | undefined>
  startPullDownRefresh(): void
  stopPullDownRefresh(): void
  /** Scrolls the current page; `selector` wins over `scrollTop` when both are given. */
  pageScrollTo(to: {
    readonly scrollTop?: number
    readonly selector?: string
    readonly offsetTop?: number
    readonly duration?: number
  }): void
}

export type EventListener = (...args: readonly unknown[]) => void

export interface EventChannel {
  on(name: string, listener: EventListener): void
  once(name: string, listener: EventListener): void
  off(name: string, listener?: EventListener): void
  emit(name: string, ...args: readonly unknown[]): void
}

export interface NavigateResult {
  readonly eventChannel: EventChannel
}

export interface ShareMessage {
  readonly title: string
  readonly path: string
  readonly imageUrl: string | undefined
}

// ── the life of the application ─────────────────────────────────────────────────────────────────────────────────────

export interface AppEvents {
  readonly show: LaunchOptions
  readonly hide: undefined
  readonly error: string
  readonly unhandledRejection: { readonly reason: unknown }
  readonly pageNotFound: { readonly path: string; readonly query: Readonly<Record<string, string>> }
  readonly themeChange: { readonly theme: 'light' | 'dark' }
  readonly resize: { readonly windowWidth: number; readonly windowHeight: number }
}

export interface LaunchOptions {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly scene: number
}

export interface AppLife {
  readonly launchOptions: LaunchOptions
  isForeground(): boolean
  /** The phone's, for a program that says "darkmode"; 'light' for others. */
  theme(): 'light' | 'dark'
  /** `App({…})`'s instance; undefined before app.js ran. */
  app(): Readonly<Record<string, unknown>> | undefined
  on<K extends keyof AppEvents>(name: K, listener: (event: AppEvents[K]) => void): void
  off<K extends keyof AppEvents>(name: K, listener?: (event: AppEvents[K]) => void): void
  /** As when the user leaves to the home screen: onHide of page and app, then the listeners. No-op when hidden. */
  enterBackground(): void
  /** Back again: onShow of app and page. No-op when shown. */
  enterForeground(): void
}

// ── the phone ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Rect {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** CSS pixels; the window is the page area of the current page. */
export interface FrameMetrics {
  readonly screenWidth: number
  readonly screenHeight: number
  readonly windowWidth: number
  readonly windowHeight: number
  readonly statusBarHeight: number
  readonly navigationBarHeight: number
  readonly tabBarHeight: number
  readonly safeAreaBottom: number
  readonly menuButton: Rect
}

export interface Frame {
  /** The whole phone screen. */
  readonly element: HTMLElement
  /** Where pages live, between navigation bar and tab bar. */
  readonly pageArea: HTMLElement
  /** Over everything, lets touches through by itself: toasts, sheets, previews are appended here by the wx layer. */
  readonly overlay: HTMLElement
  metrics(): FrameMetrics
  /** Title, colours, loading mark of the current page's navigation bar. */
  setTitle(title: string): void
  setNavigationBarColor(colors: { readonly frontColor?: string; readonly backgroundColor?: string }): void
  setNavigationBarLoading(shown: 'shown' | 'hidden'): void
  setHomeButton(shown: 'shown' | 'hidden'): void
  setTabBadge(index: number, badge: TabBadge): void
  setTabBar(shown: 'shown' | 'hidden'): void
  setTabItem(index: number, item: { readonly text?: string }): void
  /** Whether the menu offers to forward the page although it has no onShareAppMessage; default 'hidden'. */
  setShareMenu(shown: 'shown' | 'hidden'): void
}

export type TabBadge =
  { readonly kind: 'none' } | { readonly kind: 'dot' } | { readonly kind: 'text'; readonly text: string }

// ── what a test reads afterwards ────────────────────────────────────────────────────────────────────────────────────

export interface Report {
  /** Uncaught errors and errors in handlers and lifetimes, with their stacks. */
  readonly errors: readonly string[]
  /** The framework's and the runtime's warnings (setData with undefined, duplicate attributes, …). */
  readonly warnings: readonly string[]
  /** The same about code in miniprogram_npm, which the program's author cannot mend. */
  readonly libraryWarnings: readonly string[]
  /** Names of `wx` that the program touched and the runner does not have. */
  readonly unknownApis: readonly string[]
  readonly setData: { readonly count: number; readonly largestBytes: number; readonly largestAt: string }
  /** How many sockets the program held at once, at most, without those it was closing. */
  readonly mostSockets: number
  readonly shares: readonly ShareMessage[]
  /** Other facts: subscribed templates, blocked requests, console.error lines, … */
  readonly notes: readonly string[]
}

export interface Reporter {
  error(where: string, err: unknown): void
  warn(text: string): void
  unknownApi(name: string): void
  note(text: string): void
  /** Counts one setData of a page or component. */
  setData(where: string, bytes: number): void
  /** The program holds so many sockets now. */
  sockets(count: number): void
  share(message: ShareMessage): void
  snapshot(): Report
}

/** The two things that the other author's folders give to the boot code. */
export type CreateWx = (host: Host) => Readonly<Record<string, unknown>>
export type RegisterBuiltins = (space: ComponentSpace, host: Host) => void
