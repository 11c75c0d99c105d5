export interface Size {
  readonly width: number
  readonly height: number
}

/** The largest a picture is in the thread, in CSS pixels. */
const MAX: Size = { width: 260, height: 280 }
/** The least, so that a thin strip can still be hit. What does not fit is cut off. */
const MIN: Size = { width: 96, height: 72 }
/** While nobody knows how large it is. */
const UNKNOWN: Size = { width: 200, height: 150 }

/** The place a picture takes before it has loaded, in its own proportions, so that the thread does not jump. */
export function shownSize({ width, height }: Size): Size {
  if (!(width > 0 && height > 0)) return UNKNOWN
  const scale = Math.min(1, MAX.width / width, MAX.height / height)
  return {
    width: Math.round(Math.max(MIN.width, width * scale)),
    height: Math.round(Math.max(MIN.height, height * scale)),
  }
}
