/** What many in a school are called alike. */
const CALLED = /(老师|主任|校长|妈妈|爸爸|爷爷|奶奶|外公|外婆|家长|同学)$/
const ENDEARING = ['小', '阿', '老']

/** The character that tells somebody from others: 王 of 王老师, 明 of 小明妈妈; else the first one. */
export function letterOf(name: string): string {
  const [first = '?'] = name
  const [own = first, next] = name.replace(CALLED, '')
  const isCalled = CALLED.test(name)
  return isCalled && next !== undefined && ENDEARING.includes(own) ? next : own
}
