import { numberAt } from '../../views/fields'

/** Where the list of messages stands, in pixels. */
export interface ScrollState {
  readonly top: number
  readonly height: number
  /** Of the list's window. */
  readonly visible: number
}

const AT_BOTTOM_PX = 120

export function isAtBottom({ top, height, visible }: ScrollState): boolean {
  return height - top - visible < AT_BOTTOM_PX
}

/** Asks the view: it lives in another thread. */
export function measure(page: WechatMiniprogram.Page.TrivialInstance, selector: string): Promise<ScrollState> {
  return new Promise((resolve) => {
    const query = wx.createSelectorQuery().in(page)
    query.select(selector).scrollOffset()
    query.select(selector).boundingClientRect()
    query.exec(([offset, rect]: readonly unknown[]) => {
      resolve({
        top: numberAt(offset, 'scrollTop'),
        height: numberAt(offset, 'scrollHeight'),
        visible: numberAt(rect, 'height'),
      })
    })
  })
}

/**
 * Where to scroll so that what was seen before rows came above stays where it is; undefined where the view has kept the
 * place by itself (`scroll-anchoring` on iOS, CSS elsewhere).
 */
export function keptTop(before: ScrollState, after: ScrollState): number | undefined {
  const grown = after.height - before.height
  const isKept = Math.abs(after.top - before.top - grown) < 2
  return grown <= 0 || isKept ? undefined : before.top + grown
}
