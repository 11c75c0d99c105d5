import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'
import { domOf } from './define-builtin.ts'
import { lengthOf } from './containers.ts'

export const SCROLL_VIEW: Builtin = {
  tag: 'scroll-view',
  boxes: ['wx-scroll', 'wx-scroll-content'],
  properties: {
    scrollX: [Boolean, false],
    scrollY: [Boolean, false],
    upperThreshold: [null, 50],
    lowerThreshold: [null, 50],
    scrollTop: [null, ''],
    scrollLeft: [null, ''],
    scrollIntoView: [String, ''],
    scrollIntoViewOffset: [Number, 0],
    scrollIntoViewAlignment: [String, 'start'],
    scrollIntoViewWithinExtent: [Boolean, false],
    scrollWithAnimation: [Boolean, false],
    enableBackToTop: [Boolean, false],
    enablePassive: [null, false],
    enableFlex: [Boolean, false],
    scrollAnchoring: [Boolean, false],
    enhanced: [Boolean, false],
    bounces: [Boolean, true],
    showScrollbar: [Boolean, true],
    pagingEnabled: [Boolean, false],
    fastDeceleration: [Boolean, false],
    usingSticky: [Boolean, false],
    type: [String, 'list'],
    reverse: [Boolean, false],
    clip: [Boolean, true],
    refresherEnabled: [Boolean, false],
    refresherThreshold: [Number, 45],
    refresherDefaultStyle: [String, 'black'],
    refresherBackground: [String, '#FFF'],
    refresherTriggered: [Boolean, false],
  },
  create: createScrollView,
}

function createScrollView(face: BuiltinFace): BuiltinLife {
  const { dom, inner: content, text, flag } = face
  const box = content.parentElement ?? dom
  const restore = keepPlaceAboveAnchor(face, box)
  tellScrolling(face, box)
  const refresher = createRefresher(face, box)
  const scroll = (options: ScrollToOptions): void =>
    box.scrollTo({ ...options, behavior: flag('scrollWithAnimation') ? 'smooth' : 'instant' })
  const intoView = (): void => {
    const found = text('scrollIntoView') === '' ? undefined : targetIn(face, text('scrollIntoView'))
    if (found === undefined) return
    const [to, from] = [domOf(found).getBoundingClientRect(), box.getBoundingClientRect()]
    const offset = face.number('scrollIntoViewOffset')
    scroll({
      ...(flag('scrollY') ? { top: box.scrollTop + to.top - from.top + offset } : {}),
      ...(flag('scrollX') ? { left: box.scrollLeft + to.left - from.left + offset } : {}),
    })
  }
  const toLength = (name: string): void => {
    if (text(name) === '') return
    const px = Number.parseFloat(text(name)) * (text(name).endsWith('rpx') ? innerWidth / 750 : 1)
    scroll(name === 'scrollTop' ? { top: px } : { left: px })
  }
  const apply = (): void => {
    box.style.overflowX = flag('scrollX') ? 'auto' : 'hidden'
    box.style.overflowY = flag('scrollY') ? 'auto' : 'hidden'
    content.classList.toggle('wx-scroll-flex', flag('enableFlex'))
    box.classList.toggle('wx-scroll-bar-hidden', !flag('showScrollbar'))
    box.style.scrollSnapType = flag('pagingEnabled') ? `${flag('scrollX') ? 'x' : 'y'} mandatory` : ''
  }
  // Children of the same setData are there, and measured, only afterwards.
  const later = (run: () => void): void => queueMicrotask(() => dom.isConnected && run())
  return {
    attached: () => {
      apply()
      for (const name of ['scrollTop', 'scrollLeft']) toLength(name)
      requestAnimationFrame(intoView)
      refresher.show()
    },
    detached: restore,
    changed: (name) => {
      if (name === 'scrollIntoView') later(intoView)
      else if (name === 'scrollTop' || name === 'scrollLeft') later(() => toLength(name))
      else if (name === 'refresherTriggered') refresher.show()
      else apply()
    },
  }
}

/** By id, in the template that wrote the scroll-view, or in what was slotted into it from outside. */
function targetIn({ component }: BuiltinFace, id: string) {
  return component.ownerShadowRoot?.getElementById(id) ?? component.getShadowRoot()?.getElementById(id)
}

function tellScrolling({ trigger, number, flag, text, dom }: BuiltinFace, box: HTMLElement): void {
  let last = { top: 0, left: 0 }
  let edge: 'upper' | 'lower' | 'between' = 'upper'
  const px = (name: string): number => {
    const probe = lengthOf(text(name))
    return probe.endsWith('px')
      ? Number.parseFloat(probe)
      : (Number.parseFloat(text(name)) * innerWidth) / 750 || number(name)
  }
  box.addEventListener(
    'scroll',
    () => {
      if (!dom.isConnected) return
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = box
      const [deltaX, deltaY] = [last.left - scrollLeft, last.top - scrollTop]
      last = { top: scrollTop, left: scrollLeft }
      trigger('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth, deltaX, deltaY, isDrag: false })
      const isVertical = flag('scrollY')
      const before = isVertical ? scrollTop : scrollLeft
      const after = isVertical ? scrollHeight - clientHeight - scrollTop : scrollWidth - clientWidth - scrollLeft
      const at = before <= px('upperThreshold') ? 'upper' : after <= px('lowerThreshold') ? 'lower' : 'between'
      const isTowards = at === 'upper' ? deltaX + deltaY > 0 : deltaX + deltaY < 0
      if (at !== edge && at !== 'between' && isTowards) {
        const direction = isVertical ? { upper: 'top', lower: 'bottom' } : { upper: 'left', lower: 'right' }
        trigger(at === 'upper' ? 'scrolltoupper' : 'scrolltolower', { direction: direction[at] })
      }
      edge = at
    },
    { passive: true },
  )
}

/**
 * scroll-anchoring: what is on screen stays where it is when something grows above it. The browser's own anchoring
 * does not act at the very top, which is where older messages are prepended, so the place is kept by hand there.
 */
function keepPlaceAboveAnchor({ flag, dom }: BuiltinFace, box: HTMLElement): () => void {
  let anchor: { readonly element: Element; readonly top: number } | undefined
  const remember = (): void => {
    if (!flag('scrollAnchoring') || box.scrollTop <= 0) {
      anchor = flag('scrollAnchoring') ? firstVisible(dom, box) : undefined
      return
    }
    anchor = undefined
  }
  box.style.overflowAnchor = 'none'
  const observer = new MutationObserver(() => {
    box.style.overflowAnchor = flag('scrollAnchoring') ? 'auto' : 'none'
    if (anchor !== undefined && anchor.element.isConnected && box.scrollTop <= 0) {
      const moved = anchor.element.getBoundingClientRect().top - anchor.top
      if (moved > 0) box.scrollTop += moved
    }
    remember()
  })
  observer.observe(dom, { childList: true, subtree: true })
  box.addEventListener('scroll', remember, { passive: true })
  return () => observer.disconnect()
}

function firstVisible(
  dom: HTMLElement,
  box: HTMLElement,
): { readonly element: Element; readonly top: number } | undefined {
  const { top, bottom } = box.getBoundingClientRect()
  const leaves = [...dom.querySelectorAll('wx-view, wx-text, wx-image')]
  const element = leaves.find((each) => {
    const rect = each.getBoundingClientRect()
    return (
      rect.height > 0 &&
      rect.bottom > top &&
      rect.top < bottom &&
      rect.height < bottom - top &&
      each.children.length < 2
    )
  })
  return element && { element, top: element.getBoundingClientRect().top }
}

function createRefresher(face: BuiltinFace, box: HTMLElement): { show(): void } {
  const { dom, flag, number, text, trigger } = face
  const head = document.createElement('div')
  head.className = 'wx-refresher'
  head.innerHTML = '<i></i><i></i><i></i>'
  dom.prepend(head)
  let fromY: number | undefined
  let pulled = 0
  const move = (height: number): void => {
    pulled = height
    head.style.height = `${height}px`
    head.style.background = text('refresherBackground')
  }
  box.addEventListener(
    'touchstart',
    (event) => (fromY = flag('refresherEnabled') && box.scrollTop <= 0 ? event.touches[0]?.clientY : undefined),
    { passive: true },
  )
  box.addEventListener(
    'touchmove',
    (event) => {
      const y = event.touches[0]?.clientY
      if (fromY === undefined || y === undefined || y <= fromY) return
      move((y - fromY) / 2)
      trigger('refresherpulling', { deltaY: pulled, dy: pulled })
    },
    { passive: true },
  )
  const end = (): void => {
    if (fromY === undefined || pulled === 0) return
    fromY = undefined
    const isFar = pulled >= number('refresherThreshold')
    if (isFar) face.set({ refresherTriggered: true })
    trigger(isFar ? 'refresherrefresh' : 'refresherabort', {})
    show()
  }
  for (const name of ['touchend', 'touchcancel']) box.addEventListener(name, end, { passive: true })
  const show = (): void => {
    const wasOpen = pulled > 0
    move(flag('refresherTriggered') ? number('refresherThreshold') : 0)
    if (wasOpen && pulled === 0) trigger('refresherrestore', {})
  }
  return { show }
}
