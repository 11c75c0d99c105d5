import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'

const ITEM_TAG = 'wx-swiper-item'
const SWIPE_PX = 30

export const SWIPERS: readonly Builtin[] = [
  {
    tag: 'swiper',
    boxes: ['wx-swiper-frame', 'wx-swiper-track'],
    properties: {
      indicatorDots: [Boolean, false],
      indicatorColor: [String, 'rgba(0, 0, 0, .3)'],
      indicatorActiveColor: [String, '#000000'],
      autoplay: [Boolean, false],
      current: [Number, 0],
      currentItemId: [String, ''],
      interval: [Number, 5000],
      duration: [Number, 500],
      circular: [Boolean, false],
      vertical: [Boolean, false],
      displayMultipleItems: [Number, 1],
      previousMargin: [String, '0px'],
      nextMargin: [String, '0px'],
      snapToEdge: [Boolean, false],
      easingFunction: [String, 'default'],
      skipHiddenItemLayout: [Boolean, false],
    },
    create: createSwiper,
  },
  { tag: 'swiper-item', properties: { itemId: [String, ''], skipHiddenItemLayout: [Boolean, false] } },
]

/** A track moved by a transform; a swipe, the clock or `current` turns it. */
function createSwiper(face: BuiltinFace): BuiltinLife {
  const { dom, inner: track, flag, number, text, trigger } = face
  const dots = document.createElement('div')
  dots.className = 'wx-swiper-dots'
  dom.append(dots)
  let timer: ReturnType<typeof setInterval> | undefined
  let from: { readonly x: number; readonly y: number } | undefined
  const items = (): readonly Element[] => [...track.children].filter(({ localName }) => localName === ITEM_TAG)

  const show = (): void => {
    const isVertical = flag('vertical')
    const share = 100 / Math.max(1, number('displayMultipleItems'))
    dom.classList.toggle('wx-swiper-vertical', isVertical)
    track.style.setProperty('--wx-swiper-share', `${share}%`)
    track.style.transition = `transform ${number('duration')}ms`
    const shift = `${-share * number('current')}%`
    track.style.transform = isVertical ? `translateY(${shift})` : `translateX(${shift})`
    track.style.inset = isVertical
      ? `${text('previousMargin')} 0 ${text('nextMargin')} 0`
      : `0 ${text('nextMargin')} 0 ${text('previousMargin')}`
    dots.hidden = !flag('indicatorDots')
    dots.replaceChildren(
      ...items().map((_item, index) => {
        const dot = document.createElement('i')
        dot.style.background = text(index === number('current') ? 'indicatorActiveColor' : 'indicatorColor')
        return dot
      }),
    )
  }
  const turnTo = (wanted: number, source: 'touch' | 'autoplay' | ''): void => {
    const count = items().length
    if (count === 0) return
    const current = flag('circular') ? (wanted + count) % count : Math.min(Math.max(0, wanted), count - 1)
    if (current === number('current')) return
    face.set({ current })
    show()
    const detail = { current, currentItemId: items()[current]?.getAttribute('item-id') ?? '', source }
    trigger('change', detail)
    setTimeout(() => trigger('animationfinish', detail), number('duration'))
  }
  const play = (): void => {
    clearInterval(timer)
    if (!flag('autoplay')) return
    timer = setInterval(() => {
      const next = number('current') + 1
      turnTo(next >= items().length ? 0 : next, 'autoplay')
    }, number('interval'))
  }
  const begin = (x: number, y: number): void => {
    from = { x, y }
  }
  const end = (x: number, y: number): void => {
    const moved = from === undefined ? 0 : flag('vertical') ? y - from.y : x - from.x
    from = undefined
    if (Math.abs(moved) > SWIPE_PX) turnTo(number('current') + (moved < 0 ? 1 : -1), 'touch')
  }
  dom.addEventListener('touchstart', ({ touches: [touch] }) => touch && begin(touch.clientX, touch.clientY), {
    passive: true,
  })
  dom.addEventListener('touchend', ({ changedTouches: [touch] }) => touch && end(touch.clientX, touch.clientY), {
    passive: true,
  })
  dom.addEventListener('mousedown', ({ clientX, clientY }) => begin(clientX, clientY))
  dom.addEventListener('mouseup', ({ clientX, clientY }) => end(clientX, clientY))
  const observer = new MutationObserver(show)
  return {
    attached: () => {
      observer.observe(track, { childList: true })
      show()
      play()
    },
    detached: () => {
      clearInterval(timer)
      observer.disconnect()
    },
    changed: (name) => {
      show()
      if (name === 'autoplay' || name === 'interval') play()
      if (name === 'current') trigger('change', { current: number('current'), currentItemId: '', source: '' })
    },
  }
}
