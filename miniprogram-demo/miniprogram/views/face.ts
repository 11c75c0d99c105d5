/** What stands for somebody without a picture: the last letter or two of the name on a calm colour; for a class its sign. */
export interface Face {
  readonly url: string
  /** Empty: a class. */
  readonly letters: string
  readonly tone: number
}

/** As many as face.wxss has colours. */
const TONES = 8

export function faceOf(id: string, name: string, url: string): Face {
  return { url, letters: lettersOf(name === '' ? id : name), tone: toneOf(id) }
}

export function groupFaceOf(id: string, url: string): Face {
  return { url, letters: '', tone: toneOf(id) }
}

/** What many in a school are called alike: 王老师 is known by 王, 小明妈妈 by 小明, 管理员 by 管理. */
const CALLED = /(老师|妈妈|爸爸|爷爷|奶奶|外公|外婆|家长|同学|员)$/

/** Chinese names are told apart by their end, others by their beginning. */
function lettersOf(name: string): string {
  const characters = Array.from(name.replace(/\s*[((][^()()]*[))]\s*$/, '').trim())
  const [first = ''] = characters
  if (first < '\u0250') return first.toUpperCase()
  const own = Array.from(characters.join('').replace(CALLED, ''))
  if (own.length === 0 || own.length === characters.length)
    return characters
      .slice(characters.length === 3 ? 1 : 0)
      .slice(0, 2)
      .join('')
  return own.slice(-2).join('')
}

/** The same for the same id, on every device. */
function toneOf(id: string): number {
  let hash = 7
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return hash % TONES
}
