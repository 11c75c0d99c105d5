import type { Host } from '../host.ts'
import { WxFailure } from './calls.ts'
import { Listeners } from './listeners.ts'
import { textIn } from './options.ts'
import type { WxParts } from './parts.ts'

const SDK_VERSION = '3.8.12'
const WECHAT_VERSION = '8.0.61'

/** What the phone says of itself, and the events of the application's life. */
export function createSystem(parts: WxParts): Readonly<Record<string, unknown>> {
  const { calls, host, network } = parts
  const systemInfo = (): object => ({ ...windowInfo(host), ...deviceInfo(), ...appBaseInfo(), ...systemSetting() })
  return {
    getWindowInfo: () => windowInfo(host),
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: appBaseInfo,
    getSystemSetting: systemSetting,
    getAppAuthorizeSetting: () => ({ cameraAuthorized: 'authorized', microphoneAuthorized: 'authorized' }),
    getSystemInfoSync: systemInfo,
    getSystemInfo: calls.async('getSystemInfo', systemInfo),
    getSystemInfoAsync: calls.async('getSystemInfoAsync', systemInfo),
    getMenuButtonBoundingClientRect: () => {
      const { left, top, width, height } = host.frame.metrics().menuButton
      return { left, top, width, height, right: left + width, bottom: top + height }
    },
    getNetworkType: calls.async('getNetworkType', () => ({ networkType: network.type, signalStrength: -60 })),
    onNetworkStatusChange: network.changes.on,
    offNetworkStatusChange: network.changes.off,
    ...lifeEvents(parts),
    ...keyboardEvents(parts),
    getLaunchOptionsSync: () => host.life.launchOptions,
    getEnterOptionsSync: () => host.life.launchOptions,
    getAccountInfoSync: () => ({
      miniProgram: { appId: host.config.appId, envVersion: 'develop', version: '' },
      plugin: {},
    }),
    getExtConfigSync: () => host.config.extConfig,
    getExtConfig: calls.async('getExtConfig', () => ({ extConfig: host.config.extConfig })),
    getPerformance: () => ({ getEntries: () => [], createObserver: () => ({ observe: noop, disconnect: noop }) }),
    getBatteryInfoSync: () => ({ level: 80, isCharging: false }),
  }
}

function noop(): void {
  // Nothing to observe.
}

function windowInfo(host: Host): object {
  const metrics = host.frame.metrics()
  const { screenWidth, screenHeight, windowWidth, windowHeight, statusBarHeight, safeAreaBottom } = metrics
  const bottom = screenHeight - safeAreaBottom
  return {
    pixelRatio: devicePixelRatio,
    screenWidth,
    screenHeight,
    windowWidth,
    windowHeight,
    statusBarHeight,
    screenTop: statusBarHeight + metrics.navigationBarHeight,
    safeArea: {
      left: 0,
      right: screenWidth,
      top: statusBarHeight,
      bottom,
      width: screenWidth,
      height: bottom - statusBarHeight,
    },
  }
}

function deviceInfo(): object {
  return {
    abi: 'arm64-v8a',
    benchmarkLevel: 40,
    brand: 'hongyan',
    model: 'miniprogram-runner',
    platform: 'android',
    system: 'Android 14',
    cpuType: 'runner',
    memorySize: '8192',
  }
}

function theme(): 'dark' | 'light' {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

function appBaseInfo(): object {
  return {
    SDKVersion: SDK_VERSION,
    version: WECHAT_VERSION,
    language: 'zh_CN',
    theme: theme(),
    enableDebug: false,
    fontSizeSetting: 16,
    fontSizeScaleFactor: 1,
    host: { env: 'WeChat' },
  }
}

function systemSetting(): object {
  return { bluetoothEnabled: false, locationEnabled: true, wifiEnabled: true, deviceOrientation: 'portrait' }
}

function lifeEvents({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  const made: Record<string, unknown> = {}
  const pairs = [
    ['AppShow', 'show'],
    ['AppHide', 'hide'],
    ['Error', 'error'],
    ['UnhandledRejection', 'unhandledRejection'],
    ['PageNotFound', 'pageNotFound'],
  ] as const
  for (const [name, event] of pairs) {
    const listeners = new Listeners(`on${name}`, calls)
    host.life.on(event, (told) => listeners.tell(told))
    made[`on${name}`] = listeners.on
    made[`off${name}`] = listeners.off
  }
  const resized = new Listeners('onWindowResize', calls)
  host.life.on('resize', (size) => resized.tell({ size }))
  const themed = new Listeners('onThemeChange', calls)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themed.tell({ theme: theme() }))
  const memory = new Listeners('onMemoryWarning', calls)
  host.controls.set('memoryWarning', (level) => memory.tell({ level }))
  const copied = new Listeners('onUserCaptureScreen', calls)
  host.controls.set('captureScreen', () => copied.tell({}))
  return {
    ...made,
    onWindowResize: resized.on,
    offWindowResize: resized.off,
    onThemeChange: themed.on,
    offThemeChange: themed.off,
    onMemoryWarning: memory.on,
    offMemoryWarning: memory.off,
    onUserCaptureScreen: copied.on,
    offUserCaptureScreen: copied.off,
  }
}

function keyboardEvents({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  const heights = new Listeners('onKeyboardHeightChange', calls)
  host.frame.element.addEventListener('mp-keyboard', (event) => {
    if (event instanceof CustomEvent) heights.tell({ height: Number(event.detail) })
  })
  return {
    onKeyboardHeightChange: heights.on,
    offKeyboardHeightChange: heights.off,
    hideKeyboard: calls.async('hideKeyboard', () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    }),
  }
}

/** Reads a text member or refuses in WeChat's words. */
export function requiredText(options: Readonly<Record<string, unknown>>, key: string): string {
  const value = textIn(options, key)
  if (value === undefined) throw new WxFailure(`parameter error: parameter.${key} should be String`)
  return value
}
