import { afterEach, describe, expect, test, vi } from 'vitest'
import { makeWxStub } from '../../test/wx-stub.ts'
import { miniprogramPlatform } from './miniprogram.ts'
import { neverBack } from './timers.ts'
import { joinWakes } from './wakes.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('wakes', () => {
  test('pass at once, and a bunch of them as two', () => {
    vi.useFakeTimers()
    let count = 0
    const joined = joinWakes(() => count++)
    joined.wake()
    expect(count).toBe(1)
    for (let n = 0; n < 20; n++) joined.wake()
    expect(count).toBe(1)
    vi.advanceTimersByTime(1000)
    expect(count).toBe(2)
    joined.wake()
    expect(count).toBe(3)
  })

  test('do not pass once stopped, not even from a platform that cannot take listeners off', () => {
    vi.useFakeTimers()
    let count = 0
    const joined = joinWakes(() => count++)
    joined.wake()
    joined.wake()
    joined.stop()
    joined.wake()
    vi.advanceTimersByTime(1000)
    expect(count).toBe(1)
  })
})

describe('a mini-program', () => {
  test('wakes in the foreground and with the network, not when that goes, and not after it was left', () => {
    vi.useFakeTimers()
    const wx = makeWxStub()
    let count = 0
    const stop = miniprogramPlatform(wx).onWake(() => count++)
    wx.show()
    expect(count).toBe(1)
    vi.advanceTimersByTime(1000)
    wx.changeNetwork(false)
    expect(count).toBe(1)
    wx.changeNetwork(true)
    expect(count).toBe(2)
    stop()
    expect(wx.listeners()).toBe(0)
    wx.show()
    vi.advanceTimersByTime(1000)
    expect(count).toBe(2)
  })

  test('tells a socket that was cut in the background as what WeChat calls it: 1000', async () => {
    const { WebSocketServer } = await import('ws')
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const wx = makeWxStub()
    const events: string[] = []
    const port = typeof address === 'object' && address !== null ? address.port : 0
    miniprogramPlatform(wx).transport.dial(`ws://127.0.0.1:${port}`, {
      onOpen: () => events.push('open'),
      onText: (text) => events.push(text),
      onClose: (code, reason) => events.push(`${code} ${reason}`),
    })
    await vi.waitFor(() => expect(events).toEqual(['open']), { timeout: 5000 })
    wx.interrupt()
    expect(events).toEqual(['open', '1000 interrupted'])
    await new Promise((resolve) => server.close(resolve))
  })
})

test('a clock made of one that is set back and forth never goes back', () => {
  const readings = [100, 110, 50, 60, 5000, 10, 11]
  const monotonicMs = neverBack(() => readings.shift() ?? 0)
  const values = Array.from({ length: 6 }, () => monotonicMs())
  expect(values).toEqual([10, 10, 20, 4960, 4960, 4961])
})
