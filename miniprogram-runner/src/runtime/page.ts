import type { GeneralComponent } from 'glass-easel'
import type { AssociatedBackend, CodeSpace, Root } from 'glass-easel-miniprogram-adapter'
import type { AppBundle, ByTheme, WindowConfig } from './app-bundle.ts'
import type { PageLook } from './frame/phone-frame.ts'
import type { EventChannel, PageHandle, PageInstance } from './host.ts'
import type { ApplicationLife } from './life.ts'
import type { ModuleLoader } from './modules.ts'
import { PageView } from './page-view.ts'
import { markReleased } from './released.ts'

/** What pages are made with. */
export interface PageMaker {
  readonly bundle: AppBundle
  readonly loader: ModuleLoader
  readonly backend: AssociatedBackend
  readonly space: CodeSpace
  readonly life: ApplicationLife
  readonly pageArea: HTMLElement
  /** 'component': the page was defined by Component({…}) and takes its query as properties. */
  readonly definedAs: (path: string) => 'page' | 'component' | undefined
}

type PageState = 'new' | 'loading' | 'shown' | 'hidden' | 'unloaded'

/** A page of the stack with its lifetimes. */
export class OpenPage implements PageHandle {
  readonly route: string
  readonly query: Readonly<Record<string, string>>
  readonly instance: PageInstance
  readonly component: GeneralComponent
  readonly scroller: HTMLElement
  readonly window: ByTheme<WindowConfig>
  readonly view: PageView
  /** How the frame looked when the page was last in front; undefined: never yet. */
  look: PageLook | undefined
  private readonly root: Root
  private readonly life: ApplicationLife
  private state: PageState = 'new'
  private isReady = false

  /** @throws whatever the page's file throws, or when it defines no page. */
  constructor(maker: PageMaker, path: string, query: Readonly<Record<string, string>>, channel: EventChannel) {
    const entry = maker.bundle.entries[path]
    if (entry === undefined) throw new Error(`page "${path}" is not found`)
    maker.loader.loadEntry(path)
    this.route = path
    this.query = query
    this.life = maker.life
    this.window = entry.window
    this.view = new PageView(entry.window, maker.life.theme(), {
      scrolled: (scrollTop) => void this.call('onPageScroll', { scrollTop }),
      reachedBottom: () => void this.call('onReachBottom'),
      pulledDown: () => void this.call('onPullDownRefresh'),
    })
    this.scroller = this.view.scroller
    const url = maker.definedAs(path) === 'component' ? toUrl(path, query) : path
    this.root = maker.backend.createRoot('page-root', maker.space, url)
    this.component = this.root.getComponent()
    this.instance = prepareInstance(this.root.get(), path, query, channel)
    this.attach(maker.pageArea)
  }

  /** onLoad when it is new, onShow, and onReady once after the first layout. */
  show(): void {
    if (this.state === 'shown' || this.state === 'unloaded') return
    this.view.show()
    if (this.state === 'new') {
      this.state = 'loading'
      this.call('onLoad', this.query)
      // onLoad may have gone to another page.
      if (!this.is('loading')) return
    }
    this.state = 'shown'
    this.call('onShow')
    this.component.triggerPageLifetime('show', [])
    if (!this.isReady) setTimeout(() => this.ready(), 0)
  }

  /** The page is in front no more; with the application in the background it stays drawn. */
  hide(drawing: 'keep' | 'remove'): void {
    if (drawing === 'remove') this.view.hide()
    const wasShown = this.state === 'shown'
    if (wasShown || this.state === 'loading') this.state = 'hidden'
    if (!wasShown) return
    this.call('onHide')
    this.component.triggerPageLifetime('hide', [])
  }

  unload(): void {
    if (this.state === 'unloaded') return
    this.state = 'unloaded'
    this.call('onUnload')
    markReleased(this.component)
    this.root.release()
    this.view.remove()
  }

  has(name: string): boolean {
    return typeof this.instance[name] === 'function'
  }

  /** Calls a method of the page if there is one; what it throws is reported. */
  call(name: string, ...args: readonly unknown[]): unknown {
    const method = this.instance[name]
    if (typeof method !== 'function') return undefined
    try {
      return Reflect.apply(method, this.instance, args)
    } catch (err) {
      this.life.failed(`${this.route} ${name}`, err)
      return undefined
    }
  }

  private is(state: PageState): boolean {
    return this.state === state
  }

  private ready(): void {
    if (this.state === 'unloaded' || this.isReady) return
    this.isReady = true
    this.call('onReady')
    this.component.triggerPageLifetime('routeDone', [])
  }

  private attach(pageArea: HTMLElement): void {
    const placeholder = document.createElement('i')
    this.view.content.append(placeholder)
    pageArea.append(this.scroller)
    // The framework describes DOM nodes with types of its own.
    type BackendElement = Parameters<Root['attach']>[0]
    this.root.attach(this.view.content as unknown as BackendElement, placeholder as unknown as BackendElement)
  }
}

function prepareInstance(
  caller: object,
  route: string,
  options: Readonly<Record<string, string>>,
  channel: EventChannel,
): PageInstance {
  // What the framework's caller and the page's own methods make together is WeChat's page object.
  const instance = caller as PageInstance & Record<string, unknown>
  const fields = { route, __route__: route, options, getOpenerEventChannel: () => channel, getPageId: () => route }
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(instance, name, { value, writable: true, configurable: true, enumerable: true })
  }
  return instance
}

function toUrl(path: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}
