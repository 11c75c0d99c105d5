import type { ByTheme, TabBarConfig, TabItem, Theme } from '../app-bundle.ts'
import type { TabBadge } from '../host.ts'
import { make } from './dom.ts'

export const TAB_BAR_HEIGHT = 50

/** The bar of tab pages, drawn as app.json's tabBar says. */
export class TabBar {
  readonly element = make('div', 'mp-tab-bar')
  private readonly config: ByTheme<TabBarConfig>
  private readonly tabs: readonly Tab[]

  constructor(
    config: ByTheme<TabBarConfig>,
    choose: (pagePath: string, index: number) => void,
    assetUrl: (path: string) => string,
  ) {
    this.config = config
    this.tabs = config.light.items.map((item) => new Tab(item, assetUrl))
    for (const [index, tab] of this.tabs.entries()) {
      tab.element.addEventListener('click', () => choose(tab.item.pagePath, index))
      this.element.append(tab.element)
    }
  }

  /** undefined: the page in front is no tab page, the bar is hidden anyway. */
  show(pagePath: string | undefined, theme: Theme): void {
    const config = this.config[theme]
    this.element.style.background = config.backgroundColor
    this.element.style.borderTopColor =
      config.borderStyle === 'white' ? 'rgba(255, 255, 255, .33)' : 'rgba(0, 0, 0, .1)'
    for (const [index, tab] of this.tabs.entries()) {
      tab.show(tab.item.pagePath === pagePath ? 'selected' : 'plain', config, config.items[index] ?? tab.item)
    }
  }

  setBadge(index: number, badge: TabBadge): void {
    this.tabs[index]?.setBadge(badge)
  }

  setItem(index: number, item: { readonly text?: string }): void {
    if (item.text !== undefined) this.tabs[index]?.setText(item.text)
  }
}

class Tab {
  readonly element: HTMLElement
  readonly item: TabItem
  private readonly assetUrl: (path: string) => string
  private readonly icon = document.createElement('img')
  private readonly label: HTMLElement
  private readonly badge = make('span', 'mp-tab-badge mp-hidden')

  constructor(item: TabItem, assetUrl: (path: string) => string) {
    this.item = item
    this.assetUrl = assetUrl
    this.icon.className = 'mp-tab-icon'
    this.icon.alt = ''
    this.label = make('span', 'mp-tab-label', item.text)
    this.element = make('button', 'mp-tab', make('span', 'mp-tab-picture', this.icon, this.badge), this.label)
    this.element.dataset['path'] = item.pagePath
  }

  show(state: 'selected' | 'plain', config: TabBarConfig, item: TabItem): void {
    const isSelected = state === 'selected'
    const path = isSelected ? (item.selectedIconPath ?? item.iconPath) : item.iconPath
    this.icon.classList.toggle('mp-hidden', path === undefined)
    if (path !== undefined) this.icon.src = this.assetUrl(path)
    this.element.style.color = isSelected ? config.selectedColor : config.color
    this.element.setAttribute('aria-selected', String(isSelected))
  }

  setBadge(badge: TabBadge): void {
    this.badge.classList.toggle('mp-hidden', badge.kind === 'none')
    this.badge.classList.toggle('mp-tab-dot', badge.kind === 'dot')
    // WeChat shows four characters at most.
    this.badge.textContent = badge.kind === 'text' ? shorten(badge.text) : ''
  }

  setText(text: string): void {
    this.label.textContent = text
  }
}

function shorten(text: string): string {
  return text.length > 4 ? '…' : text
}
