import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKeyRing } from '../src/auth/key-ring.ts'
import { signJwtUserSig } from '../src/auth/jwt-user-sig.ts'
import { signTlsUserSig } from '../src/auth/tls-user-sig.ts'
import { EVENT } from '../../client-sdk/src/tim/events.ts'
import { Device } from './kit/device.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, SECRET, startWorld, userSigOf, type World } from './kit/world.ts'

const OLD_SECRET = 'fedcba9876543210'.repeat(4)

let strict: World
beforeAll(async () => {
  strict = await startWorld({
    nodes: 2,
    env: { INSTANCES_PER_DEVICE: '1', SECRETKEY_PREVIOUS: OLD_SECRET, REVOKE_WINDOW_SECONDS: '1', AUTO_REGISTER: 'on' },
  })
})
afterAll(() => strict.stop())

function order(userId: string, lifetimeS = 3600) {
  return { userId, sdkAppId: SDK_APP_ID, issuedAtMs: Date.now(), lifetimeS }
}

describe('signatures', () => {
  test('a JWT, a Tencent userSig, and one of the previous key all open the door', async () => {
    for (const userSig of [
      signJwtUserSig(createKeyRing([SECRET]), order('sig_ok')),
      signTlsUserSig(createKeyRing([SECRET]), order('sig_ok')),
      signTlsUserSig(createKeyRing([OLD_SECRET]), order('sig_ok')),
    ]) {
      const device = await Device.login(strict, 'sig_ok', { userSig })
      expect(device.chat.getLoginUser()).toBe('sig_ok')
      await device.leave()
    }
  })

  test.each([
    [
      'expired',
      70001,
      () => signTlsUserSig(createKeyRing([SECRET]), { ...order('sig_bad', 60), issuedAtMs: Date.now() - 3_600_000 }),
    ],
    ['cut short', 70003, () => userSigOf('sig_bad').slice(0, 40)],
    ['of another key', 70009, () => signTlsUserSig(createKeyRing(['x'.repeat(64)]), order('sig_bad'))],
    ['of another user', 70013, () => userSigOf('somebody_else')],
    [
      'of another application',
      70014,
      () => signTlsUserSig(createKeyRing([SECRET]), { ...order('sig_bad'), sdkAppId: 1400000001 }),
    ],
  ])('a userSig %s is refused with %i', async (_what, code, userSig) => {
    const device = Device.open(strict, 'sig_bad')
    await expect(device.chat.login({ userID: 'sig_bad', userSig: userSig() })).rejects.toMatchObject({ code })
    expect(device.chat.isReady()).toBe(false)
    await device.login()
    await device.leave()
  })

  test('a session ends when its userSig does', async () => {
    const device = await Device.login(strict, 'sig_short', {
      userSig: signTlsUserSig(createKeyRing([SECRET]), order('sig_short', 2)),
    })
    await until('kicked out', () => device.seen(EVENT.KICKED_OUT).length > 0)
    expect(device.seen(EVENT.KICKED_OUT)).toEqual([{ type: 'userSigExpired' }])
    await expect(device.chat.getConversationList()).rejects.toMatchObject({ code: 3004 })
    await device.login()
    await device.leave()
  })
})

describe('places', () => {
  test.each([0, 1])('a second login displaces the first one, which hears it once (node %i)', async (node) => {
    const userID = `place_${node}`
    const first = await Device.login(strict, userID)
    const second = await Device.login(strict, userID, { node })
    await until('kicked out', () => first.seen(EVENT.SDK_NOT_READY).length > 0)
    expect(first.seen(EVENT.KICKED_OUT)).toEqual([{ type: 'multipleAccount' }])
    await expect(first.chat.sendMessage(second.text('x', 'y'))).rejects.toMatchObject({ code: 3003 })
    expect(second.seen(EVENT.KICKED_OUT)).toEqual([])
    expect((await second.say('place_peer', 'still here')).status).toBe('success')
    await first.login()
    await until('the other way round', () => second.seen(EVENT.KICKED_OUT).length === 1)
    expect(first.chat.isReady()).toBe(true)
    await Promise.all([first.leave(), second.leave()])
  })

  test('other classes of device have places of their own', async () => {
    const page = await Device.login(strict, 'classes', { device: 'web' })
    const phone = await Device.login(strict, 'classes', { device: 'wx' })
    await page.say('classes_peer', 'from the page')
    await until('on the phone', () => phone.received().length === 1)
    expect(page.chat.isReady() && phone.chat.isReady()).toBe(true)
    await Promise.all([page.leave(), phone.leave()])
  })

  test('many logins for one place at once leave one winner', async () => {
    const devices = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const device = Device.open(strict, 'race', { node: index % 2 })
        await device.chat.login({ userID: 'race', userSig: userSigOf('race') }).catch(() => {})
        return device
      }),
    )
    await until('one is left', () => devices.filter((device) => device.chat.isReady()).length === 1, 25_000)
    expect(devices.every((device) => device.seen(EVENT.KICKED_OUT).length <= 1)).toBe(true)
    const winner = devices.find((device) => device.chat.isReady())
    expect((await winner?.say('race_peer', 'mine'))?.status).toBe('success')
    await Promise.all(devices.map((device) => device.leave()))
  })
})

describe('the life of an instance', () => {
  test('logout, login again, destroy', async () => {
    const device = await Device.login(strict, 'life')
    expect(device.chat.getLoginStatus()).toBe(1)
    const again = await device.chat.login({ userID: 'life', userSig: userSigOf('life') })
    expect(again.data).toMatchObject({ repeatLogin: true })
    await device.chat.logout()
    expect(device.chat.getLoginStatus()).toBe(3)
    await expect(device.chat.getConversationList()).rejects.toMatchObject({ code: 3005 })
    await device.login()
    // Told a moment after it is so.
    await expect.poll(() => device.seen(EVENT.SDK_READY)).toHaveLength(2)
    expect(Math.abs(device.chat.getServerTime() - Date.now())).toBeLessThan(5_000)
    await device.chat.destroy()
    expect(device.seen(EVENT.SDK_DESTROY)).toHaveLength(1)
    await expect(device.chat.destroy()).rejects.toMatchObject({ code: 2024 })
  })

  test('a message cannot be revoked when its time is over', async () => {
    const device = await Device.login(strict, 'late')
    const message = await device.say('late_peer', 'too late')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    await expect(device.chat.revokeMessage(message)).rejects.toMatchObject({ code: 20016 })
    expect(message.isRevoked).toBe(false)
    await device.leave()
  })
})

test('without AUTO_REGISTER only imported users exist', async () => {
  const closed = await startWorld({ env: { AUTO_REGISTER: 'off' } })
  try {
    await closed.nodes[0]?.context.services.accounts.create([{ userId: 'imported' as never, nick: '王老师' }])
    const device = await Device.login(closed, 'imported')
    expect((await device.chat.getMyProfile()).data).toMatchObject({ userID: 'imported', nick: '王老师' })
    const stranger = Device.open(closed, 'stranger')
    await expect(stranger.chat.login({ userID: 'stranger', userSig: userSigOf('stranger') })).rejects.toMatchObject({
      code: 70107,
    })
    await expect(device.say('stranger', 'hello?')).rejects.toMatchObject({ code: 20003 })
    await expect(device.chat.getConversationProfile('C2Cstranger')).rejects.toMatchObject({ code: 2501 })
    await device.leave()
  } finally {
    await closed.stop()
  }
})
