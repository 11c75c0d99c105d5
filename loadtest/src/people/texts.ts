const SENTENCES =
  '老师好,孩子今天有点发烧,想请一天假。明天的家长会改到下午三点,在二楼阶梯教室。收到,谢谢老师!' +
  '春游请自带水壶和午餐,七点半在校门口集合。作业已经发在群里,请家长检查后签字。好的,我们会准时到。'

/** A text of so many characters, such as people in a school write; the same for the same seed. */
export function textOf(seed: number, chars: number): string {
  const start = Math.floor(Math.abs(seed)) % SENTENCES.length
  const text = SENTENCES.slice(start) + SENTENCES.repeat(Math.ceil(chars / SENTENCES.length))
  return text.slice(0, Math.max(1, chars))
}
