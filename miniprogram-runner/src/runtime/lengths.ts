/**
 * WeChat's lengths in CSS's words: 750rpx are the width of the screen, a vh is a hundredth of the window between the
 * bars, and the safe area is the frame's.
 */
export function translateLengths(css: string): string {
  if (!/rpx|vh|env\(|constant\(/i.test(css)) return css
  return css
    .replaceAll(/(^|[^\w#-])(-?(?:\d+\.?\d*|\.\d+))rpx\b/gi, (_all, before: string, amount: string) => {
      return `${before}${toVw(Number(amount))}`
    })
    .replaceAll(/(^|[^\w#-])(-?(?:\d+\.?\d*|\.\d+))vh\b/gi, '$1calc(var(--mp-vh) * $2)')
    .replaceAll(/(?:env|constant)\(\s*safe-area-inset-(top|bottom)\s*(?:,[^()]*)?\)/gi, 'var(--mp-safe-$1)')
    .replaceAll(/(?:env|constant)\(\s*safe-area-inset-(?:left|right)\s*(?:,[^()]*)?\)/gi, '0px')
}

function toVw(rpx: number): string {
  return rpx === 0 ? '0px' : `${Number((rpx / 7.5).toFixed(5))}vw`
}
