import {
  CurrentWindowBackendContext,
  Event as WxEvent,
  type Element as WxElement,
  type EventOptions,
} from 'glass-easel'
import { trackBareClasses } from './bare-classes.ts'
import { translateLengths } from './lengths.ts'
import { TouchTracker } from './touch-tracker.ts'

type BackendElement = ReturnType<CurrentWindowBackendContext['document']['createElement']>
type MutLevel = Parameters<CurrentWindowBackendContext['setListenerStats']>[3]

const NATIVE_PREFIX = 'native-'
/** DOM events that WeChat gives as events of any element. */
const CSS_EVENTS = ['transitionend', 'animationstart', 'animationiteration', 'animationend'] as const

/** What a mini-program's element needs of the page around it. */
export interface Viewport {
  /** The page area in the browser's coordinates: WeChat's coordinates start at its corner. */
  origin(): { readonly left: number; readonly top: number }
  size(): { readonly width: number; readonly height: number }
}

/** The framework's DOM backend with WeChat's tags, touch events and window. */
export class PhoneBackend extends CurrentWindowBackendContext {
  override document: CurrentWindowBackendContext['document'] = {
    createElement: (tagName: string): BackendElement => this.createElement(tagName),
    createTextNode: (content: string) => toBackendElement(document.createTextNode(content)),
    createDocumentFragment: () => toBackendElement(document.createDocumentFragment()),
  }
  private readonly viewport: Viewport
  private readonly scopes: ReadonlySet<string>
  private readonly tracker: TouchTracker
  private readonly natives = new WeakMap<BackendElement, Set<string>>()

  /** `scopes`: the class prefixes of the program's components. */
  constructor(viewport: Viewport, scopes: ReadonlySet<string>) {
    super()
    this.viewport = viewport
    this.scopes = scopes
    this.tracker = new TouchTracker(viewport, (target, type, detail, options) =>
      this.send(target, type, detail, options),
    )
  }

  override getWindowWidth(): number {
    return this.viewport.size().width
  }

  override getWindowHeight(): number {
    return this.viewport.size().height
  }

  /** Starts to turn the document's events into the framework's. */
  listen(): void {
    this.tracker.listen(document.body)
    for (const type of CSS_EVENTS) {
      document.body.addEventListener(
        type,
        (ev) => {
          if (ev.target instanceof Element) this.send(ev.target, type, {}, { originalEvent: ev, bubbles: true })
        },
        { capture: true },
      )
    }
  }

  /**
   * Touches and taps always come through the tracker, and what a builtin tells it tells itself; only the plain elements
   * of builtins' templates (`native-…`) hear the DOM's own events.
   */
  override setListenerStats(element: BackendElement, type: string, _capture: boolean, _level: MutLevel): void {
    if (type === 'longpress' || type === 'longtap') this.tracker.expectLongPress(element)
    const heard = this.natives.get(element)
    if (heard === undefined || heard.has(type)) return
    heard.add(type)
    element.addEventListener(type, (ev) => {
      const wxElement = element.__wxElement
      if (wxElement !== undefined) this.tell(wxElement, type, {}, { originalEvent: ev, bubbles: false })
    })
  }

  private createElement(tagName: string): BackendElement {
    const isNative = tagName.startsWith(NATIVE_PREFIX)
    const element = document.createElement(isNative ? tagName.slice(NATIVE_PREFIX.length) : `wx-${tagName}`)
    const setAttribute = element.setAttribute.bind(element)
    element.setAttribute = (name: string, value: unknown) => {
      const text = typeof value === 'string' ? value : String(value)
      setAttribute(name, name === 'style' ? translateLengths(text) : text)
    }
    trackBareClasses(element, this.scopes)
    const backendElement = toBackendElement(element)
    if (isNative) this.natives.set(backendElement, new Set())
    return backendElement
  }

  /** Tells the component or plain element that a DOM element belongs to. */
  private send(target: Element, type: string, detail: unknown, options: EventOptions): 'default' | 'prevented' {
    const wxElement = closestWxElement(target)
    if (wxElement === undefined) return 'default'
    return this.tell(wxElement, type, detail, { composed: true, capturePhase: true, ...options })
  }

  private tell(target: WxElement, type: string, detail: unknown, options: EventOptions): 'default' | 'prevented' {
    const event = new WxEvent(type, detail, options)
    WxEvent.dispatchEvent(target, event)
    return event.defaultPrevented() ? 'prevented' : 'default'
  }
}

/** The framework's element of the nearest DOM element that has one. */
export function closestWxElement(target: Element | null): WxElement | undefined {
  for (let node: Element | null = target; node !== null; node = node.parentElement) {
    const wxElement = toBackendElement(node).__wxElement
    if (wxElement !== undefined) return wxElement
  }
  return undefined
}

/** The framework describes DOM nodes with types of its own. */
function toBackendElement(node: Node): BackendElement {
  return node as unknown as BackendElement
}
