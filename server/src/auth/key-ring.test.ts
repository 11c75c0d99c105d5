import { expect, test } from 'vitest'
import { createKeyRing } from './key-ring.ts'

const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)

test('the first key signs and each is found by its fingerprint only', () => {
  const ring = createKeyRing([NEW, OLD])
  expect(ring.signing).toBe(ring.all[0])
  for (const key of ring.all) expect(ring.find(key.fingerprint)).toBe(key)
  expect(ring.find('0')).toBeUndefined()
  expect(ring.find('__proto__')).toBeUndefined()
  expect(createKeyRing([OLD]).signing.fingerprint).toBe(ring.all[1]?.fingerprint)
  expect(ring.signing.fingerprint).not.toContain(NEW.slice(0, 8))
})

test('no key, a short one, one with blanks, nine of them and twins are refused without naming the secret', () => {
  const bad = [
    [],
    [''],
    ['short'],
    [`${OLD} `],
    ['x'.repeat(300)],
    [OLD, OLD],
    Array.from({ length: 9 }, (_, i) => OLD + i),
  ]
  for (const secrets of bad) {
    expect(() => createKeyRing(secrets)).toThrow(RangeError)
    expect(() => createKeyRing(secrets)).not.toThrow(/aaaa|short|xxxx/)
  }
})
