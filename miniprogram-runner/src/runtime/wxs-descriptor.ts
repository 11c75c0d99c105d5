import { Component, type Element as WxElement } from 'glass-easel'

/** WeChat's ComponentDescriptor: how WXS reaches elements without the logic layer. */
export interface ComponentDescriptor {
  selectComponent(selector: string): ComponentDescriptor | null
  selectAllComponents(selector: string): readonly ComponentDescriptor[]
  setStyle(style: string | Readonly<Record<string, string | number>>): void
  addClass(name: string): void
  removeClass(name: string): void
  hasClass(name: string): boolean
  getDataset(): Readonly<Record<string, unknown>>
  callMethod(name: string, argument?: unknown): void
  getState(): Record<string, unknown>
  triggerEvent(name: string, detail?: unknown, options?: object): void
  requestAnimationFrame(callback: () => void): void
  setTimeout(callback: () => void, delayMs: number): number
  clearTimeout(timer: number): void
  getComputedStyle(properties: readonly string[]): Readonly<Record<string, string>>
  getBoundingClientRect(): Readonly<Record<'left' | 'top' | 'right' | 'bottom' | 'width' | 'height', number>>
}

/** A state object lives as long as its element: WXS keeps gestures in it. */
const states = new WeakMap<WxElement, Record<string, unknown>>()

export function describeComponent(element: WxElement): ComponentDescriptor {
  return new Descriptor(element)
}

class Descriptor implements ComponentDescriptor {
  private readonly element: WxElement

  constructor(element: WxElement) {
    this.element = element
  }

  selectComponent(selector: string): ComponentDescriptor | null {
    const found = this.root()?.querySelector(selector)
    return found ? describeComponent(found) : null
  }

  selectAllComponents(selector: string): readonly ComponentDescriptor[] {
    return (this.root()?.querySelectorAll(selector) ?? []).map(describeComponent)
  }

  setStyle(style: string | Readonly<Record<string, string | number>>): void {
    const dom = this.dom()
    if (dom === undefined) return
    const declarations = typeof style === 'string' ? style.split(';').map(splitDeclaration) : Object.entries(style)
    for (const [name, value] of declarations) dom.style.setProperty(dashed(name), String(value))
  }

  addClass(name: string): void {
    this.dom()?.classList.add(...this.scoped(name))
  }

  removeClass(name: string): void {
    this.dom()?.classList.remove(...this.scoped(name))
  }

  hasClass(name: string): boolean {
    const dom = this.dom()
    return dom !== undefined && this.scoped(name).some((each) => dom.classList.contains(each))
  }

  getDataset(): Readonly<Record<string, unknown>> {
    return { ...(this.element.dataset as Readonly<Record<string, unknown>> | null) }
  }

  callMethod(name: string, argument?: unknown): void {
    const { element } = this
    if (!Component.isComponent(element)) return
    const caller: unknown = element.getMethodCaller()
    const method: unknown = Component.getMethod(element, name)
    if (typeof method === 'function') Reflect.apply(method, caller, [argument])
  }

  getState(): Record<string, unknown> {
    const state = states.get(this.element) ?? {}
    states.set(this.element, state)
    return state
  }

  triggerEvent(name: string, detail: unknown = {}, options: object = {}): void {
    this.element.triggerEvent(name, detail, options)
  }

  requestAnimationFrame(callback: () => void): void {
    requestAnimationFrame(callback)
  }

  setTimeout(callback: () => void, delayMs: number): number {
    return window.setTimeout(callback, delayMs)
  }

  clearTimeout(timer: number): void {
    window.clearTimeout(timer)
  }

  getComputedStyle(properties: readonly string[]): Readonly<Record<string, string>> {
    const dom = this.dom()
    if (dom === undefined) return {}
    const computed = getComputedStyle(dom)
    return Object.fromEntries(properties.map((name) => [name, computed.getPropertyValue(dashed(name))]))
  }

  getBoundingClientRect(): Readonly<Record<'left' | 'top' | 'right' | 'bottom' | 'width' | 'height', number>> {
    let rect = { left: 0, top: 0, width: 0, height: 0 }
    this.element.getBoundingClientRect((measured) => {
      rect = measured
    })
    return { ...rect, right: rect.left + rect.width, bottom: rect.top + rect.height }
  }

  private root(): { querySelector(s: string): WxElement | null; querySelectorAll(s: string): WxElement[] } | undefined {
    const { element } = this
    return Component.isComponent(element) ? (element.getShadowRoot() ?? undefined) : undefined
  }

  private dom(): HTMLElement | undefined {
    const backend: unknown = this.element.$$
    return backend instanceof HTMLElement ? backend : undefined
  }

  /** The class as the element's own scope writes it, and bare. */
  private scoped(name: string): readonly string[] {
    const prefix = this.dom()?.getAttribute('exparser:info-class-prefix') ?? ''
    return prefix === '' ? [name] : [`${prefix}${name}`]
  }
}

function splitDeclaration(declaration: string): readonly [string, string] {
  const colon = declaration.indexOf(':')
  return colon < 0 ? ['', ''] : [declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim()]
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
