import { afterAll, beforeAll, expect, test } from 'vitest'
import { refusalOf } from './kit/pair.ts'
import { until } from './kit/until.ts'
import { entriesOf, follow } from './kit/wire-group.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

test('a profile changes in the fields that are named, and the user’s other devices hear of it', async () => {
  const [phone, pc] = [await follow(world, 'wang'), await follow(world, 'wang', { instanceId: 'pc' })]
  const first = await phone.request('profile.update', {
    nick: '王老师',
    avatar: 'https://school.example/w.png',
    details: { gender: 'female', birthday: 19_850_312, custom: [{ key: 'subject', value: '数学' }] },
  })
  expect(first.profile).toMatchObject({ userId: 'wang', nick: '王老师', details: { gender: 'female' } })
  const second = await phone.request('profile.update', {
    details: { signature: '好好学习', custom: [{ key: 'room', value: '302' }] },
  })
  expect(second.profile).toEqual({
    userId: 'wang',
    nick: '王老师',
    avatar: 'https://school.example/w.png',
    details: {
      gender: 'female',
      birthday: 19_850_312,
      signature: '好好学习',
      custom: [
        { key: 'subject', value: '数学' },
        { key: 'room', value: '302' },
      ],
    },
    changedAtMs: second.profile.changedAtMs,
  })
  expect(second.profile.changedAtMs).toBeGreaterThan(first.profile.changedAtMs)
  await until('the other device hears', () => entriesOf(pc, 'profile').length === 2)
  expect(entriesOf(pc, 'profile').map(({ profile }) => profile)).toEqual([first.profile, second.profile])
  const parent = await follow(world, 'parent')
  expect(await parent.request('profile.get', { userIds: ['wang', 'nobody', 'wang'] })).toEqual({
    profiles: [second.profile],
  })
})

test('what is the same already is told to nobody, whatever order its fields come in', async () => {
  const phone = await follow(world, 'lin')
  const details = { gender: 'male', location: '上海', level: 3 }
  const first = await phone.request('profile.update', { nick: '林', details })
  const again = await phone.request('profile.update', {
    nick: '林',
    details: { level: 3, location: '上海', gender: 'male' },
  })
  const nothing = await phone.request('profile.update', {})
  expect([again, nothing]).toEqual([first, first])
  await phone.request('profile.update', { nick: '林老师' })
  await until('the later change is heard of', () => entriesOf(phone, 'profile').at(-1)?.profile.nick === '林老师')
  expect(entriesOf(phone, 'profile')).toHaveLength(2)
})

test('fields are as long as they may be, in bytes, and not longer; what is refused changes nothing', async () => {
  const phone = await follow(world, 'zhao')
  const longest = '字'.repeat(166)
  expect((await phone.request('profile.update', { nick: longest })).profile.nick).toBe(longest)
  expect(await refusalOf(phone.request('profile.update', { nick: '字'.repeat(167), avatar: 'a' }))).toBe(
    'PROFILE_TOO_LONG',
  )
  expect(await refusalOf(phone.request('profile.update', { avatar: 'a'.repeat(501) }))).toBe('PROFILE_TOO_LONG')
  const many = (prefix: string): object[] =>
    Array.from({ length: 11 }, (_, index) => ({ key: `${prefix}${index}`, value: '' }))
  await phone.request('profile.update', { details: { custom: many('a') } })
  expect(await refusalOf(phone.request('profile.update', { details: { custom: many('b') } }))).toBe('PROFILE_TOO_LONG')
  const { profiles } = await phone.request('profile.get', { userIds: ['zhao'] })
  expect(profiles[0]).toMatchObject({ nick: longest, avatar: '' })
  expect(profiles[0]?.details.custom).toHaveLength(11)
})

test('two devices that change different fields at once lose nothing', async () => {
  const [phone, pc] = [await follow(world, 'sun'), await follow(world, 'sun', { instanceId: 'pc' })]
  await Promise.all([
    phone.request('profile.update', { nick: '孙' }),
    pc.request('profile.update', { details: { location: '北京' } }),
    phone.request('profile.update', { details: { level: 7 } }),
    pc.request('profile.update', { avatar: 'x' }),
  ])
  const { profiles } = await phone.request('profile.get', { userIds: ['sun'] })
  expect(profiles[0]).toMatchObject({ nick: '孙', avatar: 'x', details: { location: '北京', level: 7 } })
})

test('the server’s own account has no profile', async () => {
  const phone = await follow(world, 'qian')
  expect(await refusalOf(phone.request('profile.get', { userIds: ['@system'] }))).toBe('BAD_USER_ID')
})
