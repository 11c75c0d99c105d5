import type { Element, GeneralComponent } from 'glass-easel'
import type { Host } from '../host.ts'
import type { Calls } from './calls.ts'
import { componentOf } from './framework.ts'
import {
  isCallback,
  isRecord,
  isTrue,
  listIn,
  numberIn,
  optionsOf,
  textIn,
  textsIn,
  type Callback,
  type Options,
} from './options.ts'
import { createContextOf } from './node-context.ts'
import type { WxParts } from './parts.ts'

/** createSelectorQuery, createIntersectionObserver, createMediaQueryObserver, and contexts of elements by id. */
export function createQueries(parts: WxParts): Readonly<Record<string, unknown>> {
  const { calls, host } = parts
  const scope = (given?: unknown): GeneralComponent | undefined =>
    componentOf(given) ?? host.router.current()?.component
  return {
    createSelectorQuery: () => new SelectorQuery(host, calls).face,
    createIntersectionObserver: (given?: unknown, options?: unknown) =>
      createObserver(host, calls, scope(given), optionsOf(options)),
    createMediaQueryObserver: () => createMediaObserver(calls),
    createVideoContext: (id: unknown, given?: unknown) =>
      createContextOf(host, () => find(scope(given), `#${String(id)}`)[0]),
  }
}

type Read = (found: readonly Element[]) => unknown

interface Question {
  readonly component: GeneralComponent | undefined
  readonly selector: string | undefined
  readonly read: Read
  readonly callback: Callback | undefined
}

class SelectorQuery {
  readonly face: object
  readonly #host: Host
  readonly #calls: Calls
  #component: GeneralComponent | undefined
  readonly #questions: Question[] = []

  constructor(host: Host, calls: Calls) {
    this.#host = host
    this.#calls = calls
    this.#component = host.router.current()?.component
    this.face = {
      in: (given: unknown) => {
        this.#component = componentOf(given) ?? this.#component
        return this.face
      },
      select: (selector: unknown) => this.#nodes(String(selector), 'first'),
      selectAll: (selector: unknown) => this.#nodes(String(selector), 'all'),
      selectViewport: () => this.#nodes(undefined, 'first'),
      exec: (callback?: unknown) => this.#exec(isCallback(callback) ? callback : undefined),
    }
  }

  #nodes(selector: string | undefined, which: 'first' | 'all'): object {
    const component = this.#component
    const ask = (readOne: (node: Element | undefined) => unknown, callback: unknown): object => {
      const read: Read = (found) => (which === 'all' ? found.map(readOne) : firstOf(found, selector, readOne))
      this.#questions.push({ component, selector, read, callback: isCallback(callback) ? callback : undefined })
      return this.face
    }
    const fields = (wanted: Options, callback: unknown): object =>
      ask((node) => readFields(this.#host, node, wanted), callback)
    return {
      fields: (wanted: unknown, callback?: unknown) => fields(optionsOf(wanted), callback),
      boundingClientRect: (callback?: unknown) => fields({ id: true, dataset: true, rect: true, size: true }, callback),
      scrollOffset: (callback?: unknown) => fields({ id: true, dataset: true, scrollOffset: true }, callback),
      node: (callback?: unknown) => fields({ node: true }, callback),
      context: (callback?: unknown) => fields({ context: true }, callback),
      ref: (callback?: unknown) => fields({ ref: true }, callback),
    }
  }

  /** Answers after the view was laid out, as the two threads of WeChat make it. */
  #exec(callback: Callback | undefined): object {
    const questions = this.#questions.splice(0)
    setTimeout(() => {
      const answers = questions.map(({ component, selector, read }) =>
        read(selector === undefined ? [] : find(component, selector)),
      )
      questions.forEach((question, index) =>
        this.#calls.guard('SelectorQuery', () => question.callback?.(answers[index])),
      )
      this.#calls.guard('SelectorQuery.exec', () => callback?.(answers))
    }, 0)
    return this.face
  }
}

function firstOf(
  found: readonly Element[],
  selector: string | undefined,
  read: (node: Element | undefined) => unknown,
) {
  if (selector === undefined) return read(undefined)
  const first = found[0]
  return first === undefined ? null : read(first)
}

function find(component: GeneralComponent | undefined, selector: string): readonly Element[] {
  const root = component?.getShadowRoot()
  return root ? root.querySelectorAll(selector) : []
}

function domOf(node: Element): HTMLElement | undefined {
  const backend: unknown = node.getBackendElement()
  return backend instanceof HTMLElement ? backend : undefined
}

function readFields(host: Host, node: Element | undefined, wanted: Options): object {
  const dom = node === undefined ? host.router.current()?.scroller : domOf(node)
  const answer: Record<string, unknown> = {}
  if (isTrue(wanted, 'id')) answer['id'] = node?.id ?? ''
  if (isTrue(wanted, 'dataset')) answer['dataset'] = node?.dataset ?? {}
  if (isTrue(wanted, 'mark')) answer['mark'] = node?.collectMarks() ?? {}
  if (isTrue(wanted, 'rect')) Object.assign(answer, rectOf(host, dom))
  if (isTrue(wanted, 'size')) Object.assign(answer, sizeOf(dom))
  if (isTrue(wanted, 'scrollOffset')) Object.assign(answer, scrollOf(dom))
  if (isTrue(wanted, 'node')) answer['node'] = dom?.querySelector('canvas') ?? dom
  if (isTrue(wanted, 'context')) answer['context'] = createContextOf(host, () => node)
  const style = dom === undefined ? undefined : getComputedStyle(dom)
  for (const name of textsIn(wanted, 'computedStyle'))
    answer[name] = style?.getPropertyValue(name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`))
  for (const name of textsIn(wanted, 'properties')) answer[name] = propertyOf(node, name)
  return answer
}

function propertyOf(node: Element | undefined, name: string): unknown {
  const data: unknown = node !== undefined && 'data' in node ? node.data : undefined
  return isRecord(data) ? data[name] : undefined
}

/** Relative to the window, that is the page's visible area. */
function rectOf(host: Host, dom: HTMLElement | undefined): object {
  if (dom === undefined) return { left: 0, top: 0, right: 0, bottom: 0 }
  const origin = host.frame.pageArea.getBoundingClientRect()
  const rect = dom.getBoundingClientRect()
  const left = rect.left - origin.left
  const top = rect.top - origin.top
  return { left, top, right: left + rect.width, bottom: top + rect.height }
}

function sizeOf(dom: HTMLElement | undefined): object {
  const { width, height } = dom?.getBoundingClientRect() ?? { width: 0, height: 0 }
  return { width, height }
}

/** Of a scroll-view it is the inner box that scrolls. */
function scrollOf(dom: HTMLElement | undefined): object {
  const box = dom?.querySelector(':scope > .wx-scroll') ?? dom
  const { scrollLeft = 0, scrollTop = 0, scrollWidth = 0, scrollHeight = 0 } = box ?? {}
  return { scrollLeft, scrollTop, scrollWidth, scrollHeight }
}

function createObserver(host: Host, calls: Calls, component: GeneralComponent | undefined, options: Options): object {
  const thresholds = listIn(options, 'thresholds').filter((each) => typeof each === 'number')
  let root: HTMLElement = host.frame.pageArea
  let margin = '0px'
  let observer: IntersectionObserver | undefined
  const relative = (to: HTMLElement, margins: unknown): object => {
    root = to
    const { top = 0, right = 0, bottom = 0, left = 0 } = optionsOf(margins)
    margin = [top, right, bottom, left].map((each) => `${Number(each)}px`).join(' ')
    return face
  }
  const face = {
    relativeTo: (selector: unknown, margins?: unknown) => {
      const [node] = find(component, String(selector))
      return relative((node && domOf(node)) ?? root, margins)
    },
    relativeToViewport: (margins?: unknown) => relative(host.frame.pageArea, margins),
    observe: (selector: unknown, listener: unknown) => {
      const nodes = find(component, String(selector))
      const byDom = new Map(
        (isTrue(options, 'observeAll') ? nodes : nodes.slice(0, 1)).map((node) => [domOf(node), node] as const),
      )
      observer = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) {
            const node = entry.target instanceof HTMLElement ? byDom.get(entry.target) : undefined
            const initial = numberIn(options, 'initialRatio')
            if (initial !== undefined && entry.intersectionRatio === initial) continue
            if (isCallback(listener)) calls.guard('IntersectionObserver', () => listener(statusOf(entry, node)))
          }
        },
        { root, rootMargin: margin, threshold: thresholds.length > 0 ? thresholds : [0] },
      )
      for (const dom of byDom.keys()) if (dom !== undefined) observer.observe(dom)
    },
    disconnect: () => observer?.disconnect(),
  }
  return face
}

function statusOf(entry: IntersectionObserverEntry, node: Element | undefined): object {
  const { intersectionRatio, boundingClientRect, intersectionRect, rootBounds, time } = entry
  const about = { id: node?.id ?? '', dataset: node?.dataset ?? {} }
  return { ...about, intersectionRatio, boundingClientRect, intersectionRect, relativeRect: rootBounds, time }
}

function createMediaObserver(calls: Calls): object {
  let stop: () => void = () => undefined
  return {
    observe: (given: unknown, listener: unknown) => {
      const wanted = optionsOf(given)
      const parts = ['minWidth', 'maxWidth', 'width', 'minHeight', 'maxHeight', 'height'].flatMap((key) => {
        const px = numberIn(wanted, key)
        return px === undefined ? [] : [`(${key.replace(/[A-Z]/, (capital) => `-${capital.toLowerCase()}`)}: ${px}px)`]
      })
      const orientation = textIn(wanted, 'orientation')
      if (orientation !== undefined) parts.push(`(orientation: ${orientation})`)
      const query = matchMedia(parts.join(' and ') || 'all')
      const tell = (): void => {
        if (isCallback(listener)) calls.guard('MediaQueryObserver', () => listener({ matches: query.matches }))
      }
      query.addEventListener('change', tell)
      stop = () => query.removeEventListener('change', tell)
      setTimeout(tell, 0)
    },
    disconnect: () => stop(),
  }
}
