import { make, makeIcon } from './dom.ts'
import type { PageLook } from './phone-frame.ts'

const BACK = 'M15 4l-8 8 8 8'
const HOME = 'M4 11.5L12 4.5l8 7V20h-5.5v-5h-5v5H4z'
const DOTS = 'M3 12a2 2 0 1 0 4 0 2 2 0 1 0-4 0zM9 12a3 3 0 1 0 6 0 3 3 0 1 0-6 0zM17 12a2 2 0 1 0 4 0 2 2 0 1 0-4 0z'
const RING =
  'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zm0 2a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z'

export interface NavigationBarActions {
  readonly back: () => void
  readonly home: () => void
  readonly menu: () => void
}

/** Back or home button, title, and the capsule that no page can take away. */
export class NavigationBar {
  readonly element: HTMLElement
  private readonly backButton = makeButton('mp-back', '返回', BACK)
  private readonly homeButton = makeButton('mp-home', '首页', HOME)
  private readonly title = make('span', 'mp-title')
  private readonly spinner = make('span', 'mp-spinner')
  private readonly left = make('div', 'mp-nav-left')
  private readonly middle = make('div', 'mp-nav-middle')

  constructor(actions: NavigationBarActions) {
    const menu = makeButton('mp-menu', '更多', DOTS, 'fill')
    const close = makeButton('mp-close', '关闭', RING, 'fill')
    this.backButton.addEventListener('click', actions.back)
    this.homeButton.addEventListener('click', actions.home)
    menu.addEventListener('click', actions.menu)
    this.left.append(this.backButton, this.homeButton)
    this.middle.append(this.spinner, this.title)
    const capsule = make('div', 'mp-capsule', menu, make('span', 'mp-capsule-line'), close)
    this.element = make('div', 'mp-nav', this.left, this.middle, capsule)
  }

  show(look: PageLook): void {
    const isCustom = look.window.navigationStyle === 'custom'
    this.title.textContent = look.title
    this.spinner.classList.toggle('mp-hidden', !look.isLoading)
    this.left.classList.toggle('mp-hidden', isCustom)
    this.middle.classList.toggle('mp-hidden', isCustom)
    this.backButton.classList.toggle('mp-hidden', look.backButton !== 'back')
    this.homeButton.classList.toggle('mp-hidden', look.backButton !== 'home')
    this.element.classList.toggle('mp-nav-white', isWhite(look.frontColor))
  }
}

function isWhite(color: string): boolean {
  return /^(white|#fff|#ffffff)$/i.test(color)
}

function makeButton(
  className: string,
  label: string,
  pathData: string,
  drawing: 'stroke' | 'fill' = 'stroke',
): HTMLElement {
  const button = make('button', `mp-nav-button ${className}`, makeIcon('mp-nav-icon', pathData, drawing))
  button.setAttribute('aria-label', label)
  return button
}
