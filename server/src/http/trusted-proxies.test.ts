import { expect, test } from 'vitest'
import { trustsProxy } from './trusted-proxies.ts'

const trusts = trustsProxy(['10.0.0.5', '172.16.0.0/12', 'fd00::/8'])

test.each(['10.0.0.5', '::ffff:10.0.0.5', '172.31.255.255', 'fd12::1'])('%s is one of ours', (address) => {
  expect(trusts(address)).toBe(true)
})

test.each(['10.0.0.6', '172.32.0.1', '::1', '::ffff:10.0.0.6', 'fe80::1', '', 'unknown', '10.0.0.5:1234', '10.0.0.05'])(
  '"%s" is none of ours',
  (address) => {
    expect(trusts(address)).toBe(false)
  },
)

test('nobody is, when none are named, and a socket that is gone is nobody', () => {
  expect(trustsProxy([])('127.0.0.1')).toBe(false)
  expect(trusts(undefined)).toBe(false)
})
