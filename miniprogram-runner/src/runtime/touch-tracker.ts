import type { EventOptions } from 'glass-easel'
import type { Viewport } from './backend.ts'

/** Farther than this a touch is a drag, in pixels. */
const TAP_DISTANCE_PX = 10
const LONG_PRESS_MS = 350
const MOUSE_ID = -1
/** Controls of the browser that must get their own click and focus. */
const NATIVE_CONTROLS = 'input, textarea, select, video, audio, [contenteditable]'

type Send = (target: Element, type: string, detail: unknown, options: EventOptions) => 'default' | 'prevented'

interface Point {
  readonly identifier: number
  readonly clientX: number
  readonly clientY: number
}

interface Press {
  readonly target: Element
  readonly start: Point
  readonly timer: ReturnType<typeof setTimeout>
  state: 'pressed' | 'dragged' | 'longPressed'
}

/**
 * Turns the browser's touches, or the mouse where there is no touch, into WeChat's touchstart, touchmove, touchend,
 * touchcancel, tap, longpress and longtap, with coordinates from the page area's corner.
 */
export class TouchTracker {
  private readonly viewport: Viewport
  private readonly send: Send
  private readonly presses = new Map<number, Press>()
  private readonly longPressable = new WeakSet<object>()
  private hasTouch = false

  constructor(viewport: Viewport, send: Send) {
    this.viewport = viewport
    this.send = send
  }

  /** A listened-to long press takes the place of the tap, as WeChat documents. */
  expectLongPress(element: object): void {
    this.longPressable.add(element)
  }

  listen(body: HTMLElement): void {
    // Not passive: a catchtouchmove keeps the page from scrolling.
    const options = { capture: true, passive: false }
    body.addEventListener('touchstart', (ev) => this.touched(ev, 'touchstart'), options)
    body.addEventListener('touchmove', (ev) => this.touched(ev, 'touchmove'), options)
    body.addEventListener('touchend', (ev) => this.touched(ev, 'touchend'), options)
    body.addEventListener('touchcancel', (ev) => this.touched(ev, 'touchcancel'), options)
    body.addEventListener('mousedown', (ev) => this.moused(ev, 'touchstart'), options)
    body.addEventListener('mousemove', (ev) => this.moused(ev, 'touchmove'), options)
    body.addEventListener('mouseup', (ev) => this.moused(ev, 'touchend'), options)
  }

  private touched(ev: TouchEvent, type: TouchType): void {
    this.hasTouch = true
    const target = ev.target
    if (!(target instanceof Element)) return
    const changed = [...ev.changedTouches].map(toPoint)
    this.handle(type, target, changed, [...ev.touches].map(toPoint), ev)
  }

  private moused(ev: MouseEvent, type: TouchType): void {
    if (this.hasTouch || ev.button !== 0) return
    const press = this.presses.get(MOUSE_ID)
    // A finger's events go where it went down.
    const target = type === 'touchstart' ? ev.target : press?.target
    if (!(target instanceof Element)) return
    const point = { identifier: MOUSE_ID, clientX: ev.clientX, clientY: ev.clientY }
    this.handle(type, target, [point], type === 'touchend' ? [] : [point], ev)
  }

  private handle(
    type: TouchType,
    target: Element,
    changed: readonly Point[],
    touches: readonly Point[],
    ev: Event,
  ): void {
    for (const point of changed) this.track(type, target, point, ev)
    const result = this.send(target, type, this.detailOf(changed[0]), this.optionsOf(changed, touches, ev))
    if (result === 'prevented' && type === 'touchmove' && ev.cancelable) ev.preventDefault()
    if (type !== 'touchend' && type !== 'touchcancel') return
    for (const point of changed) this.release(type, point, ev)
  }

  private track(type: TouchType, target: Element, point: Point, ev: Event): void {
    if (type === 'touchstart') {
      const timer = setTimeout(() => this.longPress(point, ev), LONG_PRESS_MS)
      this.presses.set(point.identifier, { target, start: point, timer, state: 'pressed' })
      return
    }
    const press = this.presses.get(point.identifier)
    if (press === undefined || !isFar(press.start, point)) return
    clearTimeout(press.timer)
    if (press.state === 'pressed') press.state = 'dragged'
  }

  private longPress(point: Point, ev: Event): void {
    const press = this.presses.get(point.identifier)
    if (press === undefined || !press.target.isConnected) return
    if (this.isLongPressable(press.target)) press.state = 'longPressed'
    const options = this.optionsOf([press.start], [press.start], ev)
    this.send(press.target, 'longpress', this.detailOf(press.start), options)
    this.send(press.target, 'longtap', this.detailOf(press.start), options)
  }

  private release(type: TouchType, point: Point, ev: Event): void {
    const press = this.presses.get(point.identifier)
    if (press === undefined) return
    clearTimeout(press.timer)
    this.presses.delete(point.identifier)
    if (type === 'touchcancel' || press.state === 'dragged') return
    const isInPage = press.target.closest('.mp-page-area, .mp-overlay') !== null
    if (isInPage) this.holdBackClick(press.target, ev)
    if (press.state === 'pressed') this.send(press.target, 'tap', this.detailOf(point), this.optionsOf([point], [], ev))
  }

  /** The click that Chromium makes after a touch would hit whatever the tap has just opened. */
  private holdBackClick(target: Element, ev: Event): void {
    if (!(ev instanceof TouchEvent)) return
    if (target.closest(NATIVE_CONTROLS) !== null || target.closest('.mp-page-area') === null) return
    if (ev.cancelable) ev.preventDefault()
    // No click, so no change of focus either: the keyboard goes away by hand.
    const active = document.activeElement
    const keeps = target.closest('[data-mp-keep-focus]') !== null
    if (active instanceof HTMLElement && !keeps) active.blur()
  }

  private isLongPressable(target: Element): boolean {
    for (let node: Element | null = target; node !== null; node = node.parentElement) {
      if (this.longPressable.has(node)) return true
    }
    return false
  }

  private detailOf(point: Point | undefined): { readonly x: number; readonly y: number } {
    const origin = this.viewport.origin()
    return { x: (point?.clientX ?? 0) - origin.left, y: (point?.clientY ?? 0) - origin.top }
  }

  private optionsOf(changed: readonly Point[], touches: readonly Point[], originalEvent: Event): EventOptions {
    const extraFields = { touches: this.toWxTouches(touches), changedTouches: this.toWxTouches(changed) }
    return { originalEvent, bubbles: true, extraFields }
  }

  private toWxTouches(points: readonly Point[]): readonly object[] {
    const origin = this.viewport.origin()
    return points.map(({ identifier, clientX, clientY }) => {
      const x = clientX - origin.left
      const y = clientY - origin.top
      return { identifier, clientX: x, clientY: y, pageX: x, pageY: y }
    })
  }
}

type TouchType = 'touchstart' | 'touchmove' | 'touchend' | 'touchcancel'

function toPoint(touch: Touch): Point {
  return { identifier: touch.identifier, clientX: touch.clientX, clientY: touch.clientY }
}

function isFar(a: Point, b: Point): boolean {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) > TAP_DISTANCE_PX
}
