import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'
import { followHover, hoverProperties } from './hover.ts'
import { navigate } from './navigate.ts'

const hovering = (face: BuiltinFace): void => followHover(face)

/** Boxes and text. */
export const CONTAINERS: readonly Builtin[] = [
  { tag: 'view', properties: hoverProperties('none', 50, 400), create: hovering },
  { tag: 'cover-view', properties: { ...hoverProperties('none', 50, 400), scrollTop: [null, ''] }, create: hovering },
  {
    tag: 'text',
    properties: {
      selectable: [Boolean, false],
      userSelect: [Boolean, false],
      space: [String, ''],
      decode: [Boolean, false],
    },
    create: createText,
  },
  {
    tag: 'navigator',
    properties: {
      ...hoverProperties('navigator-hover', 50, 600),
      url: [String, ''],
      openType: [String, 'navigate'],
      delta: [Number, 1],
      target: [String, 'self'],
      appId: [String, ''],
      path: [String, ''],
    },
    create: (face) => {
      followHover(face)
      face.on('tap', () => navigate(face))
    },
  },
  {
    tag: 'icon',
    isLeaf: true,
    properties: { type: [String, ''], size: [null, 23], color: [String, ''] },
    create: createIcon,
  },
  {
    tag: 'progress',
    isLeaf: true,
    properties: {
      percent: [Number, 0],
      showInfo: [Boolean, false],
      strokeWidth: [null, 6],
      borderRadius: [null, 0],
      fontSize: [null, 16],
      color: [String, '#09BB07'],
      activeColor: [String, ''],
      backgroundColor: [String, '#EBEBEB'],
      active: [Boolean, false],
      activeMode: [String, 'backwards'],
      duration: [Number, 30],
    },
    create: createProgress,
  },
  { tag: 'root-portal', properties: { enable: [Boolean, true] }, boxes: ['wx-root-portal'], create: createRootPortal },
  {
    tag: 'page-meta',
    properties: {
      backgroundTextStyle: [String, ''],
      backgroundColor: [String, ''],
      backgroundColorTop: [String, ''],
      backgroundColorBottom: [String, ''],
      scrollTop: [null, ''],
      scrollDuration: [Number, 300],
      pageStyle: [String, ''],
      rootBackgroundColor: [String, ''],
      rootFontSize: [String, ''],
      pageFontSize: [String, ''],
      pageOrientation: [String, ''],
    },
    create: createPageMeta,
  },
  {
    tag: 'navigation-bar',
    properties: {
      title: [String, ''],
      loading: [Boolean, false],
      frontColor: [String, ''],
      backgroundColor: [String, ''],
      colorAnimationDuration: [Number, 0],
      colorAnimationTimingFunc: [String, 'linear'],
    },
    create: ({ host, text, flag }) => ({
      changed: (name) => {
        if (name === 'title') host.frame.setTitle(text('title'))
        if (name === 'loading') host.frame.setNavigationBarLoading(flag('loading') ? 'shown' : 'hidden')
        if (name.endsWith('Color'))
          host.frame.setNavigationBarColor({
            ...(text('frontColor') === '' ? {} : { frontColor: text('frontColor') }),
            ...(text('backgroundColor') === '' ? {} : { backgroundColor: text('backgroundColor') }),
          })
      },
    }),
  },
]

function createText({ dom, text, flag, host }: BuiltinFace): BuiltinLife {
  return {
    changed: (name) => {
      dom.classList.toggle('wx-selectable', flag('selectable') || flag('userSelect'))
      if (name === 'space') dom.classList.toggle('wx-keep-space', text('space') !== '')
      if (name === 'decode' && flag('decode')) host.report.warn('<text decode>: the runner shows entities as they are')
    },
  }
}

const GLYPHS: ReadonlyMap<string, readonly [glyph: string, color: string]> = new Map([
  ['success', ['✓', '#09BB07']],
  ['success_no_circle', ['✓', '#09BB07']],
  ['info', ['i', '#10AEFF']],
  ['warn', ['!', '#F76260']],
  ['waiting', ['…', '#10AEFF']],
  ['cancel', ['×', '#F43530']],
  ['download', ['↓', '#09BB07']],
  ['search', ['⌕', '#B2B2B2']],
  ['clear', ['×', '#B2B2B2']],
])

function createIcon({ dom, text, value }: BuiltinFace): BuiltinLife {
  return {
    changed: () => {
      const type = text('type')
      const [glyph, color] = GLYPHS.get(type) ?? ['', '']
      const size = lengthOf(value('size'))
      const isPlain = type === 'success_no_circle' || type === 'search'
      dom.textContent = glyph
      dom.classList.toggle('wx-icon-plain', isPlain)
      dom.style.setProperty('--wx-icon-size', size)
      dom.style.setProperty('--wx-icon-color', text('color') || color)
    },
  }
}

function createProgress({ dom, text, value, number, flag, trigger }: BuiltinFace): BuiltinLife {
  const bar = document.createElement('div')
  const done = document.createElement('div')
  const info = document.createElement('div')
  bar.className = 'wx-progress-bar'
  done.className = 'wx-progress-done'
  info.className = 'wx-progress-info'
  bar.append(done)
  dom.append(bar, info)
  done.addEventListener('transitionend', () => trigger('activeend', { curPercent: number('percent') }))
  const show = (): void => {
    const percent = Math.min(100, Math.max(0, number('percent')))
    bar.style.height = lengthOf(value('strokeWidth'))
    bar.style.background = text('backgroundColor')
    bar.style.borderRadius = lengthOf(value('borderRadius'))
    done.style.background = text('activeColor') || text('color')
    done.style.transition = flag('active') ? `width ${number('duration') * percent}ms linear` : 'none'
    done.style.width = `${percent}%`
    info.style.fontSize = lengthOf(value('fontSize'))
    info.textContent = flag('showInfo') ? `${percent}%` : ''
  }
  return { attached: show, changed: show }
}

/** A number of pixels, or a length as written (rpx included). */
export function lengthOf(value: unknown): string {
  const text = String(value)
  const rpx = /^(-?[\d.]+)rpx$/.exec(text)?.[1]
  if (rpx !== undefined) return `calc(100vw / 750 * ${rpx})`
  return /^-?[\d.]+$/.test(text) ? `${text}px` : text
}

/** Its content leaves the tree it was written in and lies over the whole page, as WeChat does it. */
function createRootPortal({ dom, inner, host, flag }: BuiltinFace): BuiltinLife {
  const place = (): void => {
    const page = flag('enable') ? host.router.current()?.scroller : undefined
    const parent = page ?? dom
    if (inner.parentElement !== parent) parent.append(inner)
  }
  return { attached: place, changed: place, detached: () => inner.remove() }
}

function createPageMeta({ host, text, value, trigger, component }: BuiltinFace): BuiltinLife {
  let scroller: HTMLElement | undefined
  const onScroll = (): void => trigger('scroll', { scrollTop: scroller?.scrollTop ?? 0 })
  const apply = (): void => {
    const page = host.router.pages().find((each) => each.component === component.ownerShadowRoot?.getHostNode())
    scroller = page?.scroller ?? host.router.current()?.scroller
    if (scroller === undefined) return
    const root = scroller.querySelector<HTMLElement>('wx-page') ?? scroller
    const fontSize = text('pageFontSize') === 'system' ? '16px' : text('pageFontSize')
    root.style.cssText = `${text('pageStyle')};${fontSize === '' ? '' : `font-size:${fontSize}`}`
    // `overflow` of the page is the scroller's: it is how programs hold the page still below a popup.
    scroller.style.overflow = /overflow(?:-y)?\s*:\s*(hidden|visible|auto|scroll)/.exec(text('pageStyle'))?.[1] ?? ''
    scroller.style.backgroundColor = text('rootBackgroundColor') || text('backgroundColor')
  }
  return {
    attached: () => {
      apply()
      scroller?.addEventListener('scroll', onScroll, { passive: true })
    },
    detached: () => scroller?.removeEventListener('scroll', onScroll),
    changed: (name) => {
      apply()
      if (name === 'scrollTop' && value('scrollTop') !== '')
        scroller?.scrollTo({ top: Number.parseFloat(text('scrollTop')), behavior: 'smooth' })
    },
  }
}
