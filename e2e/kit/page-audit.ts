import type { Page } from 'playwright-core'

/** What a person with a screen reader, weak sight or no mouse would stumble over, one line each; none when all is well. */
export function auditPage(page: Page): Promise<readonly string[]> {
  return page.evaluate(findFaults)
}

/** Runs in the page, so it stands alone. */
function findFaults(): readonly string[] {
  const AA_TEXT = 4.5
  const AA_LARGE_TEXT = 3
  const faults: string[] = []
  const visible = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) =>
    element.checkVisibility({ opacityProperty: false, visibilityProperty: true }),
  )
  const modal = document.querySelector('dialog[open]')
  const reachable = modal ? visible.filter((element) => modal.contains(element)) : visible

  for (const control of reachable.filter((element) =>
    element.matches('button, a, input, textarea, dialog, [role=log], nav'),
  )) {
    if (nameOf(control).trim() === '') faults.push(`no name: ${describe(control)}`)
  }
  for (const item of reachable.filter((element) => element.matches('li'))) {
    if (!item.parentElement?.matches('ul:not([role]), ol:not([role])'))
      faults.push(`stray list item: ${describe(item)}`)
  }
  for (const image of reachable.filter((element) => element.matches('img:not([alt]), svg:not([aria-hidden])'))) {
    faults.push(`no text for the picture: ${describe(image)}`)
  }
  const ids = visible.map(({ id }) => id).filter((id) => id !== '')
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`id used twice: ${id}`)
  for (const element of visible) {
    for (const name of ['aria-labelledby', 'aria-describedby']) {
      const target = element.getAttribute(name)
      if (target !== null && !document.getElementById(target))
        faults.push(`${name} names nothing: ${describe(element)}`)
    }
  }
  if (!/^(zh|en)/.test(document.documentElement.lang)) faults.push('the language of the page is not said')
  if (visible.filter((element) => element.matches('h1')).length > 1) faults.push('more than one h1')
  if (visible.filter((element) => element.matches('main')).length !== 1) faults.push('not exactly one main')

  for (const element of reachable) checkContrast(element)
  if (document.documentElement.scrollWidth > window.innerWidth) faults.push('wider than the window')
  return faults

  function nameOf(element: HTMLElement): string {
    const label = element.getAttribute('aria-label')
    if (label !== null) return label
    const labelledBy = document.getElementById(element.getAttribute('aria-labelledby') ?? '')
    if (labelledBy) return labelledBy.textContent ?? ''
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      return [...(element.labels ?? [])].map(({ textContent }) => textContent).join('')
    }
    return element.textContent ?? ''
  }

  function checkContrast(element: HTMLElement): void {
    const isOff = element.closest(':disabled') !== null || element.closest('.sr-only') !== null
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '',
    )
    if (hasText && !isOff) compare(element, getComputedStyle(element))
    const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
    if (isField && element.placeholder !== '' && !isOff) compare(element, getComputedStyle(element, '::placeholder'))
  }

  function compare(element: HTMLElement, style: CSSStyleDeclaration): void {
    const behind = backgroundOf(element)
    const ratio = contrast(blend(parse(style.color), behind), behind)
    const sizePx = Number.parseFloat(style.fontSize)
    const isLarge = sizePx >= 24 || (sizePx >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (isLarge ? AA_LARGE_TEXT : AA_TEXT)) faults.push(`contrast ${ratio.toFixed(2)}: ${describe(element)}`)
  }

  function backgroundOf(element: HTMLElement): readonly number[] {
    const layers: (readonly number[])[] = []
    for (let at: HTMLElement | null = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reduceRight((below, colour) => blend(colour, below), [255, 255, 255, 1])
  }

  /** A canvas knows every way to write a colour. */
  function parse(colour: string): readonly number[] {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return [0, 0, 0, 1]
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data
    return [red, green, blue, alpha / 255]
  }

  function blend(over: readonly number[], below: readonly number[]): readonly number[] {
    const alpha = over[3] ?? 1
    return [0, 1, 2].map((i) => (over[i] ?? 0) * alpha + (below[i] ?? 0) * (1 - alpha)).concat(1)
  }

  function contrast(one: readonly number[], other: readonly number[]): number {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }

  function luminance(colour: readonly number[]): number {
    const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((part) => {
      const value = part / 255
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  function describe(element: HTMLElement): string {
    return `<${element.tagName.toLowerCase()} class="${element.className}"> ${(element.textContent ?? '').slice(0, 30)}`
  }
}
