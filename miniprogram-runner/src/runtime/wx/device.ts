import { WxFailure } from './calls.ts'
import { base64ToBytes, bytesToBase64 } from './encodings.ts'
import { USER_DATA_PATH } from './files.ts'
import { isCallback, isRecord, numberIn, textIn } from './options.ts'
import { requiredText } from './system.ts'
import type { WxParts } from './parts.ts'

const MAX_RANDOM_BYTES = 1_048_576

/** Clipboard, vibration, places, codes, bytes, and the constants and small functions of the base library. */
export function createDevice(parts: WxParts): Readonly<Record<string, unknown>> {
  return { ...clipboard(parts), ...senses(parts), ...mocked(parts), ...bytes(parts), ...library(parts) }
}

function clipboard({ calls, host, permissions }: WxParts): Readonly<Record<string, unknown>> {
  let held = ''
  host.controls.set('clipboard', () => held)
  return {
    setClipboardData: calls.async('setClipboardData', async (options) => {
      const data = requiredText(options, 'data')
      await permissions.requirePrivacy('setClipboardData')
      held = data
    }),
    getClipboardData: calls.async('getClipboardData', async () => {
      await permissions.requirePrivacy('getClipboardData')
      const mock = host.mocks.get('getClipboardData')
      return { data: typeof mock === 'string' ? mock : held }
    }),
  }
}

function senses({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  const noted = (name: string) =>
    calls.async(name, (options) => host.report.note(`${name} ${JSON.stringify(options)}`.replace(' {}', '')))
  return {
    vibrateShort: noted('vibrateShort'),
    vibrateLong: noted('vibrateLong'),
    makePhoneCall: noted('makePhoneCall'),
    openLocation: noted('openLocation'),
    setKeepScreenOn: noted('setKeepScreenOn'),
    openCustomerServiceChat: noted('openCustomerServiceChat'),
    addPhoneContact: noted('addPhoneContact'),
    shareFileMessage: noted('shareFileMessage'),
    reportEvent: (name: unknown) => host.report.note(`reportEvent ${String(name)}`),
    reportAnalytics: (name: unknown) => host.report.note(`reportAnalytics ${String(name)}`),
    reportMonitor: (name: unknown) => host.report.note(`reportMonitor ${String(name)}`),
  }
}

/** Answers that a place or a person gives: the mock of the name, or these. */
function mocked({ calls, host, permissions }: WxParts): Readonly<Record<string, unknown>> {
  const place = { latitude: 31.2304, longitude: 121.4737 }
  const answers: Readonly<Record<string, { readonly scope?: string; readonly answer: object }>> = {
    getLocation: { scope: 'scope.userLocation', answer: { ...place, accuracy: 30, speed: -1, altitude: 0 } },
    getFuzzyLocation: { scope: 'scope.userFuzzyLocation', answer: place },
    chooseLocation: { answer: { ...place, name: '校门口', address: '上海市黄浦区' } },
    scanCode: { answer: { result: '', scanType: 'QR_CODE', charSet: 'UTF-8', path: '' } },
    chooseAddress: { answer: { userName: '张三', telNumber: '13800000000' } },
    chooseContact: { answer: { displayName: '张三', phoneNumber: '13800000000' } },
    getBatteryInfo: { answer: { level: 80, isCharging: false } },
    getScreenBrightness: { answer: { value: 0.5 } },
    setScreenBrightness: { answer: {} },
  }
  return Object.fromEntries(
    Object.entries(answers).map(([name, { scope, answer }]) => [
      name,
      calls.async(name, async () => {
        const isPrivate = /^(get(Fuzzy)?Location|choose)/.test(name)
        if (isPrivate) await permissions.requirePrivacy(name)
        if (scope !== undefined) permissions.requireScope(scope)
        const mock = host.mocks.get(name)
        if (!isRecord(mock)) return answer
        const reason = textIn(mock, 'fail')
        if (reason !== undefined) throw new WxFailure(reason)
        return { ...answer, ...mock }
      }),
    ]),
  )
}

function bytes({ calls }: WxParts): Readonly<Record<string, unknown>> {
  return {
    arrayBufferToBase64: (buffer: unknown) =>
      buffer instanceof ArrayBuffer ? bytesToBase64(new Uint8Array(buffer)) : '',
    base64ToArrayBuffer: (text: unknown) => base64ToBytes(String(text)).buffer,
    getRandomValues: calls.async('getRandomValues', (options) => {
      const length = numberIn(options, 'length') ?? -1
      if (!Number.isInteger(length) || length < 1 || length > MAX_RANDOM_BYTES) throw new WxFailure('invalid length')
      const random = new Uint8Array(length)
      // The browser gives at most 65536 bytes a call.
      for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(random.subarray(at, at + 65_536))
      return { randomValues: random.buffer }
    }),
    getUserCryptoManager: () => ({
      getRandomValues: calls.async('getRandomValues', (options) => {
        const random = crypto.getRandomValues(new Uint8Array(numberIn(options, 'length') ?? 0))
        return { randomValues: random.buffer }
      }),
    }),
  }
}

function library({ calls }: WxParts): Readonly<Record<string, unknown>> {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    log: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    setFilterMsg: () => undefined,
    addFilterMsg: () => undefined,
  }
  return {
    env: { USER_DATA_PATH },
    nextTick: (run: unknown) => {
      if (isCallback(run)) void Promise.resolve().then(() => calls.guard('wx.nextTick', () => run()))
    },
    getUpdateManager: () => ({
      onCheckForUpdate: (listener: unknown) => {
        if (isCallback(listener))
          setTimeout(() => calls.guard('onCheckForUpdate', () => listener({ hasUpdate: false })), 0)
      },
      onUpdateReady: () => undefined,
      onUpdateFailed: () => undefined,
      applyUpdate: () => undefined,
    }),
    getLogManager: () => log,
    getRealtimeLogManager: () => log,
    setEnableDebug: calls.async('setEnableDebug', () => undefined),
    loadFontFace: calls.async('loadFontFace', async (options) => {
      const face = new FontFace(requiredText(options, 'family'), requiredText(options, 'source'))
      document.fonts.add(await face.load())
      return { status: 'loaded' }
    }),
    setVisualEffectOnCapture: calls.async('setVisualEffectOnCapture', () => undefined),
  }
}
