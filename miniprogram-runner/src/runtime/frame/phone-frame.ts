import type { ByTheme, TabBarConfig, Theme, WindowConfig } from '../app-bundle.ts'
import type { Frame, FrameMetrics, TabBadge } from '../host.ts'
import { make } from './dom.ts'
import { NavigationBar } from './navigation-bar.ts'
import { ShareMenu } from './share-menu.ts'
import { makeStatusBar, STATUS_BAR_HEIGHT } from './status-bar.ts'
import { TAB_BAR_HEIGHT, TabBar } from './tab-bar.ts'

export const NAVIGATION_BAR_HEIGHT = 44
/** The strip of the home indicator. */
const SAFE_AREA_BOTTOM = 34
const MENU_BUTTON = { width: 87, height: 32, right: 7 }

/** How the frame looks while a page is in front. */
export interface PageLook {
  readonly window: WindowConfig
  readonly title: string
  readonly frontColor: string
  readonly barColor: string
  readonly backButton: 'back' | 'home' | 'none'
  /** The path when it is a tab page. */
  readonly tab: string | undefined
  readonly isLoading: boolean
  readonly theme: Theme
}

/** What the frame's own controls ask for. */
export interface FrameActions {
  readonly back: () => void
  readonly home: () => void
  readonly tab: (pagePath: string, index: number) => void
  readonly share: () => void
  readonly canShare: () => boolean
}

/** The phone around the pages: status bar, navigation bar with the capsule, page area, tab bar. */
export class PhoneFrame implements Frame {
  readonly element = make('div', 'mp-frame')
  readonly pageArea = make('div', 'mp-page-area')
  readonly overlay = make('div', 'mp-overlay')
  private readonly bars = make('div', 'mp-bars')
  private readonly navigationBar: NavigationBar
  private readonly tabBar: TabBar | undefined
  private readonly shareMenu: ShareMenu
  private look: PageLook | undefined
  private isTabBarHidden = false

  constructor(tabBar: ByTheme<TabBarConfig> | undefined, actions: FrameActions, assetUrl: (path: string) => string) {
    this.shareMenu = new ShareMenu(this.overlay, actions)
    this.navigationBar = new NavigationBar({
      back: actions.back,
      home: actions.home,
      menu: () => this.shareMenu.open(),
    })
    this.tabBar = tabBar && new TabBar(tabBar, actions.tab, assetUrl)
    this.bars.append(makeStatusBar(), this.navigationBar.element)
    this.element.append(this.pageArea, this.bars)
    if (this.tabBar !== undefined) this.element.append(this.tabBar.element)
    this.element.append(make('div', 'mp-home-indicator'), this.overlay)
  }

  /** Takes on the look of the page that comes to the front. */
  show(look: PageLook): void {
    this.look = look
    this.navigationBar.show(look)
    this.bars.style.color = look.frontColor
    this.bars.style.background = look.window.navigationStyle === 'custom' ? 'transparent' : look.barColor
    // The capsule lies over a custom page; the rest of the bars lets touches through.
    this.bars.classList.toggle('mp-bars-custom', look.window.navigationStyle === 'custom')
    this.tabBar?.show(look.tab, look.theme)
    this.element.classList.toggle('mp-dark', look.theme === 'dark')
    this.layOut()
  }

  metrics(): FrameMetrics {
    const { top, bottom } = this.insets()
    const screenWidth = document.documentElement.clientWidth
    const screenHeight = document.documentElement.clientHeight
    return {
      screenWidth,
      screenHeight,
      windowWidth: screenWidth,
      windowHeight: screenHeight - top - bottom,
      statusBarHeight: STATUS_BAR_HEIGHT,
      navigationBarHeight: NAVIGATION_BAR_HEIGHT,
      tabBarHeight: this.isTabBarShown() ? TAB_BAR_HEIGHT : 0,
      safeAreaBottom: SAFE_AREA_BOTTOM,
      menuButton: {
        left: screenWidth - MENU_BUTTON.right - MENU_BUTTON.width,
        top: STATUS_BAR_HEIGHT + (NAVIGATION_BAR_HEIGHT - MENU_BUTTON.height) / 2,
        width: MENU_BUTTON.width,
        height: MENU_BUTTON.height,
      },
    }
  }

  setTitle(title: string): void {
    this.change({ title })
  }

  setNavigationBarColor(colors: { readonly frontColor?: string; readonly backgroundColor?: string }): void {
    this.change({
      ...(colors.frontColor !== undefined && { frontColor: colors.frontColor }),
      ...(colors.backgroundColor !== undefined && { barColor: colors.backgroundColor }),
    })
  }

  setNavigationBarLoading(shown: 'shown' | 'hidden'): void {
    this.change({ isLoading: shown === 'shown' })
  }

  setHomeButton(shown: 'shown' | 'hidden'): void {
    if (this.look?.backButton !== 'back') this.change({ backButton: shown === 'shown' ? 'home' : 'none' })
  }

  setTabBadge(index: number, badge: TabBadge): void {
    this.tabBar?.setBadge(index, badge)
  }

  setTabBar(shown: 'shown' | 'hidden'): void {
    this.isTabBarHidden = shown === 'hidden'
    this.layOut()
  }

  setTabItem(index: number, item: { readonly text?: string }): void {
    this.tabBar?.setItem(index, item)
  }

  setShareMenu(shown: 'shown' | 'hidden'): void {
    this.shareMenu.setForced(shown === 'shown')
  }

  resized(): void {
    this.layOut()
  }

  /** The look as the page changed it, to be kept while another page is in front. */
  currentLook(): PageLook | undefined {
    return this.look
  }

  private change(change: Partial<PageLook>): void {
    if (this.look !== undefined) this.show({ ...this.look, ...change })
  }

  private layOut(): void {
    const { top, bottom } = this.insets()
    this.pageArea.style.top = `${top}px`
    this.pageArea.style.bottom = `${bottom}px`
    const { windowHeight } = this.metrics()
    this.element.style.setProperty('--mp-vh', `${windowHeight / 100}px`)
    // Above a tab bar the page ends before the home indicator.
    this.element.style.setProperty('--mp-safe-bottom', bottom > 0 ? '0px' : `${SAFE_AREA_BOTTOM}px`)
    this.element.style.setProperty('--mp-safe-top', top > 0 ? '0px' : `${STATUS_BAR_HEIGHT}px`)
    this.tabBar?.element.classList.toggle('mp-hidden', !this.isTabBarShown())
  }

  private insets(): { readonly top: number; readonly bottom: number } {
    const isCustom = this.look?.window.navigationStyle === 'custom'
    return {
      top: isCustom ? 0 : STATUS_BAR_HEIGHT + NAVIGATION_BAR_HEIGHT,
      bottom: this.isTabBarShown() ? TAB_BAR_HEIGHT + SAFE_AREA_BOTTOM : 0,
    }
  }

  private isTabBarShown(): boolean {
    return this.tabBar !== undefined && this.look?.tab !== undefined && !this.isTabBarHidden
  }
}
