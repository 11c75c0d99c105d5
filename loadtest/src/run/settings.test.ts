import { describe, expect, test } from 'vitest'
import { addressOf, chooseLocalAddresses, endpointOf } from './addresses.ts'
import { BadSetting, readSettings } from './settings.ts'

describe('settings', () => {
  test('come from flags, else from the environment, else have their defaults', () => {
    const settings = readSettings(['--scenario', 'media,history', '--clients', '20'], {
      LOADTEST_CLIENTS: '30',
      LOADTEST_RAMP: '2.5',
      LOADTEST_ENDPOINT: 'https://im.school.example,10.0.0.5:3000',
      LOADTEST_SOURCE_ADDRESSES: '10.0.0.7, 10.0.0.8',
      SDKAPPID: '7',
      SECRETKEY: 's',
    })
    expect(settings).toMatchObject({
      scenarios: ['media', 'history'],
      clients: 20,
      rampSeconds: 2.5,
      endpoints: ['wss://im.school.example', 'ws://10.0.0.5:3000'],
      localAddresses: ['10.0.0.7', '10.0.0.8'],
      sdkAppId: 7,
      secret: 's',
      seed: 1,
      rate: 1,
    })
  })

  test.each([
    [['--clients', 'many'], '--clients is a number from 2 on, not "many"'],
    [['--clients', '2.5'], '--clients is a whole number'],
    [['--endpoint', 'ftp://x'], '--endpoint is an address such as http://127.0.0.1:3000, not "ftp://x"'],
    [['--run', 'Up And Down'], '--run is at most 10 characters of a-z0-9'],
  ])('that make no sense are refused: %j', (argv, message) => {
    expect(() => readSettings(argv, {})).toThrow(new BadSetting(message))
  })

  test('that nobody knows are refused', () => {
    expect(() => readSettings(['--klients', '3'], {})).toThrow(BadSetting)
  })
})

describe('addresses', () => {
  test('an endpoint keeps the path of a proxy, and takes any way of writing it', () => {
    expect(endpointOf('https://school.example/chat/')).toBe('wss://school.example/chat')
    expect(endpointOf('ws://127.0.0.1:3000/im/ws')).toBe('ws://127.0.0.1:3000')
    expect(addressOf({ endpoints: ['wss://school.example/chat'], localAddresses: [] }, 0, 0)).toEqual({
      ...{ host: 'school.example', port: 443, path: '/chat/im/ws', isTls: true, localAddress: undefined },
    })
  })

  test('on loopback there are as many as are needed, elsewhere somebody has to name them', () => {
    expect(chooseLocalAddresses(['ws://127.0.0.1:1'], 20_000)).toEqual([])
    expect(chooseLocalAddresses(['ws://127.0.0.1:1'], 45_000)).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.4'])
    expect(chooseLocalAddresses(['ws://10.0.0.1:1', 'ws://10.0.0.2:1'], 40_000)).toEqual([])
    expect(chooseLocalAddresses(['ws://10.0.0.1:1'], 40_000)).toBeUndefined()
  })

  test('each endpoint is reached from each address, by no more clients than it has ports for', () => {
    const places = { endpoints: ['ws://127.0.0.1:1', 'ws://127.0.0.1:2'], localAddresses: ['127.0.0.2', '127.0.0.3'] }
    const used = new Map<string, number>()
    for (let client = 0; client < 80_000; client++) {
      const { port, localAddress } = addressOf(places, client, 0)
      const key = `${localAddress} ${port}`
      used.set(key, (used.get(key) ?? 0) + 1)
    }
    expect([...used.values()]).toEqual([20_000, 20_000, 20_000, 20_000])
  })

  test('another attempt goes to another endpoint', () => {
    const places = { endpoints: ['ws://a:1', 'ws://b:1'], localAddresses: [] }
    expect(addressOf(places, 0, 0).host).not.toBe(addressOf(places, 0, 1).host)
  })
})
