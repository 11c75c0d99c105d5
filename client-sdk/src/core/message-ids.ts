const RANDOM_BELOW = 2 ** 32
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Makes ids `<seconds>-<random below 2^32>`, never one twice: the seconds never go back, whatever the clock does. */
export class MessageIds {
  private readonly random: () => number
  private second = 0
  private readonly taken = new Set<number>()

  constructor(random: () => number) {
    this.random = random
  }

  next(nowMs: number): string {
    const second = Math.max(this.second, Math.floor(nowMs / 1000))
    if (second > this.second) this.taken.clear()
    this.second = second
    let number = Math.floor(this.random() * RANDOM_BELOW)
    while (this.taken.has(number)) number = (number + 1) % RANDOM_BELOW
    this.taken.add(number)
    return `${second}-${number}`
  }
}

/** An id for an instance: 22 characters, about 131 bits of whatever quality the random source has. */
export function makeInstanceId(random: () => number): string {
  let id = ''
  while (id.length < 22) id += ALPHABET.charAt(Math.floor(random() * ALPHABET.length))
  return id
}
