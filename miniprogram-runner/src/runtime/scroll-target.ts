import type { PageHandle } from './host.ts'

/** How far down the page's content the first match of a selector lies, in pixels. */
export function measureTarget(page: PageHandle, selector: string): number | undefined {
  const found: unknown = page.component.getShadowRoot()?.querySelector(selector)?.$$
  if (!(found instanceof HTMLElement)) return undefined
  return found.getBoundingClientRect().top - page.scroller.getBoundingClientRect().top + page.scroller.scrollTop
}
