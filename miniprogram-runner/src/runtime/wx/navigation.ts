import type { EventListener, TabBadge } from '../host.ts'
import { WxFailure } from './calls.ts'
import { isCallback, isTrue, numberIn, recordIn, textIn, type Options } from './options.ts'
import { requiredText } from './system.ts'
import type { WxParts } from './parts.ts'

/** Pages, and the bars above and below them. */
export function createNavigation({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  const { router, frame } = host
  const shown = { show: 'shown', hide: 'hidden' } as const
  return {
    navigateTo: calls.async('navigateTo', (options) =>
      router.navigateTo(requiredText(options, 'url'), listenersIn(recordIn(options, 'events'))),
    ),
    redirectTo: calls.async('redirectTo', (options) => router.redirectTo(requiredText(options, 'url'))),
    reLaunch: calls.async('reLaunch', (options) => router.reLaunch(requiredText(options, 'url'))),
    switchTab: calls.async('switchTab', (options) => router.switchTab(requiredText(options, 'url'))),
    navigateBack: calls.async('navigateBack', (options) => router.navigateBack(numberIn(options, 'delta') ?? 1)),
    startPullDownRefresh: calls.async('startPullDownRefresh', () => router.startPullDownRefresh()),
    stopPullDownRefresh: calls.async('stopPullDownRefresh', () => router.stopPullDownRefresh()),
    pageScrollTo: calls.async('pageScrollTo', (options) => router.pageScrollTo(scrollTarget(options))),
    setNavigationBarTitle: calls.async('setNavigationBarTitle', (options) =>
      frame.setTitle(requiredText(options, 'title')),
    ),
    setNavigationBarColor: calls.async('setNavigationBarColor', (options) => {
      const frontColor = textIn(options, 'frontColor')
      const backgroundColor = textIn(options, 'backgroundColor')
      frame.setNavigationBarColor({
        ...(frontColor === undefined ? {} : { frontColor }),
        ...(backgroundColor === undefined ? {} : { backgroundColor }),
      })
    }),
    showNavigationBarLoading: calls.async('showNavigationBarLoading', () => frame.setNavigationBarLoading(shown.show)),
    hideNavigationBarLoading: calls.async('hideNavigationBarLoading', () => frame.setNavigationBarLoading(shown.hide)),
    hideHomeButton: calls.async('hideHomeButton', () => frame.setHomeButton(shown.hide)),
    setTabBarBadge: badge('setTabBarBadge', (options) => ({ kind: 'text', text: requiredText(options, 'text') })),
    removeTabBarBadge: badge('removeTabBarBadge', () => ({ kind: 'none' })),
    showTabBarRedDot: badge('showTabBarRedDot', () => ({ kind: 'dot' })),
    hideTabBarRedDot: badge('hideTabBarRedDot', () => ({ kind: 'none' })),
    showTabBar: calls.async('showTabBar', () => frame.setTabBar(shown.show)),
    hideTabBar: calls.async('hideTabBar', () => frame.setTabBar(shown.hide)),
    setTabBarItem: calls.async('setTabBarItem', (options) => {
      const text = textIn(options, 'text')
      frame.setTabItem(tabIndex(options), text === undefined ? {} : { text })
    }),
    showShareMenu: calls.async('showShareMenu', () => frame.setShareMenu(shown.show)),
    hideShareMenu: calls.async('hideShareMenu', () => frame.setShareMenu(shown.hide)),
    updateShareMenu: calls.async('updateShareMenu', () => undefined),
    setBackgroundColor: calls.async('setBackgroundColor', (options) => {
      frame.pageArea.style.backgroundColor = textIn(options, 'backgroundColor') ?? ''
    }),
    setBackgroundTextStyle: calls.async('setBackgroundTextStyle', () => undefined),
    enableAlertBeforeUnload: calls.async('enableAlertBeforeUnload', () => undefined),
    disableAlertBeforeUnload: calls.async('disableAlertBeforeUnload', () => undefined),
    exitMiniProgram: calls.async('exitMiniProgram', () => host.life.enterBackground()),
    restartMiniProgram: calls.async('restartMiniProgram', (options) =>
      router.reLaunch(textIn(options, 'path') ?? host.life.launchOptions.path),
    ),
    navigateToMiniProgram: calls.async('navigateToMiniProgram', (options) => {
      host.report.note(`navigateToMiniProgram: ${textIn(options, 'appId') ?? ''}`)
      if (isTrue(options, 'cancel')) throw new WxFailure('cancel')
    }),
  }

  function badge(name: string, make: (options: Options) => TabBadge) {
    return calls.async(name, (options) => frame.setTabBadge(tabIndex(options), make(options)))
  }
}

function tabIndex(options: Options): number {
  const index = numberIn(options, 'index')
  if (index === undefined) throw new WxFailure('parameter error: parameter.index should be Number')
  return index
}

function listenersIn(events: Options): Readonly<Record<string, EventListener>> {
  return Object.fromEntries(Object.entries(events).filter(([, listener]) => isCallback(listener))) as Record<
    string,
    EventListener
  >
}

function scrollTarget(options: Options) {
  const scrollTop = numberIn(options, 'scrollTop')
  const selector = textIn(options, 'selector')
  const offsetTop = numberIn(options, 'offsetTop')
  const duration = numberIn(options, 'duration')
  return {
    ...(scrollTop === undefined ? {} : { scrollTop }),
    ...(selector === undefined ? {} : { selector }),
    ...(offsetTop === undefined ? {} : { offsetTop }),
    ...(duration === undefined ? {} : { duration }),
  }
}
