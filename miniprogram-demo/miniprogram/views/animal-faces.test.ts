import { expect, test } from 'vitest'
import { ANIMAL_FACES } from './animal-faces.ts'

test('every face fits in an avatar’s 500 bytes, and is there once', () => {
  const longest = Math.max(...ANIMAL_FACES.map((face) => new TextEncoder().encode(face).byteLength))
  expect(longest).toBeLessThanOrEqual(500)
  expect(new Set(ANIMAL_FACES).size).toBe(ANIMAL_FACES.length)
})

test('a face is a picture that any reader understands', () => {
  const [first = ''] = ANIMAL_FACES
  expect(decodeURIComponent(first)).toMatch(/^data:image\/svg\+xml,<svg xmlns=.+<rect .+<text .+🐼<\/text><\/svg>$/)
})
