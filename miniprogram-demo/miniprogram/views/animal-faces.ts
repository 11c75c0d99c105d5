/** Pictures to choose from, drawn by an emoji: an address that needs no server, and fits in the 500 bytes of one. */

const ANIMALS: readonly (readonly [emoji: string, colour: string])[] = [
  ['🐼', 'dfe9e6'],
  ['🦊', 'fbe3d0'],
  ['🐰', 'f7dfe6'],
  ['🐻', 'ead9c5'],
  ['🐱', 'fdf0cf'],
  ['🐶', 'e3e1f3'],
  ['🐯', 'fde6bd'],
  ['🦁', 'f6e2b8'],
  ['🐨', 'dde3e8'],
  ['🐧', 'd8e8f5'],
  ['🐸', 'dff0d2'],
  ['🐳', 'd3ecf3'],
]

export const ANIMAL_FACES: readonly string[] = ANIMALS.map(([emoji, colour]) => drawing(emoji, colour))

function drawing(emoji: string, colour: string): string {
  const text = `<text x='50' y='54' font-size='60' text-anchor='middle' dominant-baseline='middle'>${emoji}</text>`
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'><rect width='100' height='100' fill='%23${colour}'/>${text}</svg>`
  return `data:image/svg+xml,${svg.replace(/[<>]/g, encodeURIComponent)}`
}
