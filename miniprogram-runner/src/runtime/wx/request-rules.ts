import { isRecord, type Options } from './options.ts'

/** `url` with the members of `data` as its query, as wx.request does for GET. */
export function encodeQuery(url: string, data: Options): string {
  const query = encodeForm(data)
  if (query === '') return url
  return url + (url.includes('?') ? '&' : '?') + query
}

/** `a=1&b=2`; objects as JSON; null and undefined in words, as WeChat does. */
export function encodeForm(data: Options): string {
  return Object.entries(data)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(formText(value))}`)
    .join('&')
}

function formText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** The body by wx.request's rules: strings and ArrayBuffers as they are, objects by the content type. */
export function requestBody(
  data: unknown,
  headers: Readonly<Record<string, string>>,
): string | ArrayBuffer | undefined {
  if (data === undefined || data === null) return undefined
  if (typeof data === 'string' || data instanceof ArrayBuffer) return data
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (type.includes('application/x-www-form-urlencoded') && isRecord(data)) return encodeForm(data)
  return JSON.stringify(data)
}
