import { WxFailure } from './calls.ts'
import { textIn } from './options.ts'
import type { WxParts } from './parts.ts'

const MAX_KEY_BYTES = 1024 * 1024
const MAX_TOTAL_BYTES = 10 * 1024 * 1024
const PREFIX = 'wx-storage:'

/**
 * wx.setStorage and kin on localStorage, which a browser context, that is one simulated user, has for itself, and which
 * outlives a restart of the program. Values keep their type, as in WeChat; undefined reads back as ''.
 */
export function createStorage({ calls }: WxParts): Readonly<Record<string, unknown>> {
  const keyOf = (key: unknown): string => {
    if (typeof key === 'string' && key !== '') return key
    throw new WxFailure('parameter error: parameter.key should be String')
  }
  const remove = (key: unknown): void => localStorage.removeItem(PREFIX + keyOf(key))
  const run = {
    set: (key: unknown, data: unknown) => write(keyOf(key), data),
    get: (key: unknown) => read(keyOf(key)),
    remove,
    clear: () => {
      for (const key of keys()) localStorage.removeItem(PREFIX + key)
    },
    info: () => ({ keys: keys(), currentSize: Math.ceil(totalBytes() / 1024), limitSize: MAX_TOTAL_BYTES / 1024 }),
  }
  return {
    setStorage: calls.async('setStorage', (options) => run.set(options['key'], options['data'])),
    getStorage: calls.async('getStorage', (options) => {
      const key = keyOf(options['key'])
      if (localStorage.getItem(PREFIX + key) === null) throw new WxFailure('data not found')
      return { data: run.get(key) }
    }),
    removeStorage: calls.async('removeStorage', (options) => run.remove(textIn(options, 'key'))),
    clearStorage: calls.async('clearStorage', () => run.clear()),
    getStorageInfo: calls.async('getStorageInfo', () => run.info()),
    setStorageSync: (key: unknown, data: unknown) => calls.sync('setStorageSync', () => run.set(key, data)),
    getStorageSync: (key: unknown) => calls.sync('getStorageSync', () => run.get(key)),
    removeStorageSync: (key: unknown) => calls.sync('removeStorageSync', () => run.remove(key)),
    clearStorageSync: () => run.clear(),
    getStorageInfoSync: () => run.info(),
    batchGetStorageSync: (list: unknown) =>
      calls.sync('batchGetStorageSync', () => (Array.isArray(list) ? list.map((key) => run.get(key)) : [])),
  }
}

function keys(): readonly string[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
}

function write(key: string, data: unknown): void {
  const text = serialize(data)
  const bytes = new Blob([key, text]).size
  if (bytes > MAX_KEY_BYTES) throw new WxFailure('entry size limit reached')
  const before = localStorage.getItem(PREFIX + key)
  const others = totalBytes() - (before === null ? 0 : new Blob([key, before]).size)
  if (others + bytes > MAX_TOTAL_BYTES) throw new WxFailure('exceed storage max size 10Mb')
  try {
    localStorage.setItem(PREFIX + key, text)
  } catch {
    // The browser's own limit counts two bytes a character, so it may come before WeChat's.
    throw new WxFailure('exceed storage max size 10Mb')
  }
}

function totalBytes(): number {
  return keys().reduce((sum, key) => sum + new Blob([key, localStorage.getItem(PREFIX + key) ?? '']).size, 0)
}

function serialize(data: unknown): string {
  if (data instanceof Date) return JSON.stringify({ type: 'Date', data: data.getTime() })
  return JSON.stringify({ type: typeof data, data: data === undefined ? '' : data }, (_key, value: unknown) =>
    typeof value === 'bigint' ? undefined : value,
  )
}

function read(key: string): unknown {
  const text = localStorage.getItem(PREFIX + key)
  if (text === null) return ''
  const { type, data } = JSON.parse(text) as { readonly type: string; readonly data?: unknown }
  return type === 'Date' ? new Date(Number(data)) : data
}
