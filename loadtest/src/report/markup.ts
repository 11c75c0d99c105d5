import type { Words } from '../plan/scenario.ts'

/** Text as it may stand in HTML and SVG. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A text in both languages, of which the page shows one. Chinese first. */
export function both(zh: string, en: string): string {
  return `<span lang="zh">${escaped(zh)}</span><span lang="en">${escaped(en)}</span>`
}

export function words({ zh, en }: Words): string {
  return both(zh, en)
}

/** 1,234,567 */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** 0.84 ms, 12 ms, 3.4 s: what can be read off at a glance. */
export function time(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

export function bytes(value: number): string {
  if (value < 2 ** 20) return `${Math.round(value / 1024)} KiB`
  if (value < 2 ** 30) return `${Math.round(value / 2 ** 20)} MiB`
  return `${(value / 2 ** 30).toFixed(1)} GiB`
}
