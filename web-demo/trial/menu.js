import { h } from './dom.js'

const MARGIN = 8
let close = () => {}

/** Opens a menu at the button that asks for it. Arrow keys move, Escape and a click elsewhere close. */
export function openMenu(button, label, items) {
  close()
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, onkeydown: moveFocus }, items.map(menuItem))
  const stop = new AbortController()
  close = () => {
    stop.abort()
    menu.remove()
    button.setAttribute('aria-expanded', 'false')
    close = () => {}
  }
  document.body.append(menu)
  place(menu, button)
  button.setAttribute('aria-expanded', 'true')
  menu.firstElementChild.focus()
  const { signal } = stop
  document.addEventListener('pointerdown', (event) => !menu.contains(event.target) && close(), {
    signal,
    capture: true,
  })
  window.addEventListener('resize', () => close(), { signal })
  document.addEventListener('scroll', () => close(), { signal, capture: true })
  menu.addEventListener('focusout', (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && close())
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' && event.key !== 'Tab') return
    event.preventDefault()
    close()
    button.focus()
  })
}

function menuItem({ text, isDanger, run }) {
  return h(
    'button',
    {
      type: 'button',
      role: 'menuitem',
      tabindex: -1,
      class: isDanger ? 'danger' : undefined,
      onclick: () => {
        close()
        run()
      },
    },
    text,
  )
}

function moveFocus(event) {
  const items = [...event.currentTarget.children]
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus()
}

/** Below the button, or above when there is no room; never outside the window. */
function place(menu, button) {
  const at = button.getBoundingClientRect()
  const { width, height } = menu.getBoundingClientRect()
  const below = at.bottom + 4
  const top = below + height + MARGIN > window.innerHeight ? at.top - height - 4 : below
  const left = Math.min(Math.max(at.right - width, MARGIN), window.innerWidth - width - MARGIN)
  menu.style.setProperty('top', `${Math.max(top, MARGIN)}px`)
  menu.style.setProperty('left', `${left}px`)
}
