import { Refused, type UserProfile } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { changeProfile } from './profile-rules.ts'

const before: UserProfile = {
  userId: 'wang' as UserProfile['userId'],
  nick: '王',
  avatar: '',
  details: { level: 1, custom: [{ key: 'a', value: '1' }] },
  changedAtMs: 1_000,
}

test('only what is named changes', () => {
  expect(changeProfile(before, { details: { role: 2 } }, 2_000)).toEqual({
    ...before,
    details: { level: 1, role: 2, custom: [{ key: 'a', value: '1' }] },
    changedAtMs: 2_000,
  })
  expect(changeProfile(before, { nick: '' }, 2_000)).toMatchObject({ nick: '', avatar: '', details: before.details })
})

test('what is the same already is the same object', () => {
  expect(changeProfile(before, { nick: '王', details: { custom: [{ key: 'a', value: '1' }] } }, 2_000)).toBe(before)
  expect(changeProfile(before, {}, 2_000)).toBe(before)
})

test('the time of a change grows though the clock goes back', () => {
  expect(changeProfile(before, { nick: 'x' }, 500).changedAtMs).toBe(1_001)
})

test('what is too long is refused', () => {
  const refused = new Refused('PROFILE_TOO_LONG')
  expect(() => changeProfile(before, { nick: '字'.repeat(167) }, 2_000)).toThrow(refused)
  const custom = Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: '' }))
  expect(() => changeProfile(before, { details: { custom } }, 2_000)).toThrow(refused)
})
