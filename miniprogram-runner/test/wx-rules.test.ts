import { describe, expect, test } from 'vitest'
import { isLoopback } from '../src/driver/loopback.ts'
import { translateSelector } from '../src/driver/selector.ts'
import { clampDate, dateWheels, timeWheels, wheelOf } from '../src/runtime/builtins/picker-rules.ts'
import { isAddress, isListed } from '../src/runtime/wx/domain-rules.ts'
import { encodeQuery, requestBody } from '../src/runtime/wx/request-rules.ts'
import { Slots } from '../src/runtime/wx/slots.ts'

describe('listed domains', () => {
  const lists = {
    request: ['https://a.school:8443', 'https://b.school'],
    socket: ['wss://a.school'],
    upload: [],
    download: [],
  }

  test('a request must match host and port, a socket its host only', () => {
    expect(isListed(lists, 'request', 'https://b.school/x?y')).toBe(true)
    expect(isListed(lists, 'request', 'https://a.school/x')).toBe(false)
    expect(isListed(lists, 'request', 'https://a.school:8443/x')).toBe(true)
    expect(isListed(lists, 'socket', 'wss://a.school:9000/ws')).toBe(true)
    expect(isListed(lists, 'socket', 'wss://b.school/ws')).toBe(false)
    expect(isListed(lists, 'request', 'https://evil.a.school/x')).toBe(false)
    expect(isListed(lists, 'upload', 'https://a.school/x')).toBe(false)
  })

  test('without lists everything is let through', () => {
    expect(isListed(undefined, 'request', 'http://anything')).toBe(true)
  })

  test('a request is http, a socket is ws', () => {
    expect(isAddress('wss://a', 'request')).toBe(false)
    expect(isAddress('https://a', 'socket')).toBe(false)
    expect(isAddress('/path', 'request')).toBe(false)
  })
})

describe('request data', () => {
  test('GET data joins the query, objects as JSON', () => {
    expect(encodeQuery('/a', {})).toBe('/a')
    expect(encodeQuery('/a?b=1', { c: 'x y', d: { e: 1 }, f: null })).toBe('/a?b=1&c=x%20y&d=%7B%22e%22%3A1%7D&f=null')
  })

  test('a body follows its content type', () => {
    const bytes = new ArrayBuffer(2)
    expect(requestBody(bytes, {})).toBe(bytes)
    expect(requestBody('as it is', {})).toBe('as it is')
    expect(requestBody({ a: 1 }, { 'content-type': 'application/json' })).toBe('{"a":1}')
    expect(requestBody({ a: 1 }, { 'Content-Type': 'application/x-www-form-urlencoded' })).toBe('a=1')
    expect(requestBody(undefined, {})).toBeUndefined()
  })
})

test('slots run so many at once and the rest in order, failures included', async () => {
  const slots = new Slots(2)
  const ends: ((value?: unknown) => void)[] = []
  const started: number[] = []
  const jobs = [0, 1, 2, 3].map((index) =>
    slots.run(() => {
      started.push(index)
      return new Promise((resolve, reject) => ends.push(index === 0 ? reject : resolve))
    }),
  )
  const results = Promise.allSettled(jobs)
  await expect.poll(() => started).toEqual([0, 1])
  ends[0]?.(new Error('first'))
  await expect.poll(() => started).toEqual([0, 1, 2])
  ends[1]?.()
  await expect.poll(() => started).toEqual([0, 1, 2, 3])
  ends[2]?.()
  ends[3]?.()
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

describe('picker wheels', () => {
  test('objects show their key', () => {
    expect(wheelOf([{ n: '一' }, { n: '二' }], 'n')).toEqual(['一', '二'])
    expect(wheelOf([1, 2], '')).toEqual(['1', '2'])
    expect(wheelOf('nothing', '')).toEqual([])
  })

  test('a month has its own days, leap years too', () => {
    expect(dateWheels([2024, 2], '2024-01-01', '2024-12-31', 'day')[2]).toHaveLength(29)
    expect(dateWheels([2023, 2], '2023-01-01', '2023-12-31', 'day')[2]).toHaveLength(28)
    expect(dateWheels([2023, 2], '', '', 'month')).toHaveLength(2)
  })

  test('a date outside falls on the nearest end', () => {
    expect(clampDate('2019-05-01', '2020-01-01', '2021-01-01')).toBe('2020-01-01')
    expect(clampDate('2022-05', '2020-01-01', '2021-01-01')).toBe('2021-01')
  })

  test('hours keep between start and end', () => {
    expect(timeWheels('08:00', '17:30')[0]).toEqual(['08', '09', '10', '11', '12', '13', '14', '15', '16', '17'])
  })
})

test('only this machine is loopback', () => {
  for (const url of ['http://127.0.0.1:1/', 'ws://localhost:1/', 'http://[::1]/', 'data:,', 'blob:null/1'])
    expect(isLoopback(url)).toBe(true)
  for (const url of ['http://10.0.0.1/', 'http://127.0.0.1.evil.example/', 'https://localhost.example/', 'nonsense'])
    expect(isLoopback(url)).toBe(false)
})

test('selectors of WXSS become selectors of the DOM', () => {
  expect(translateSelector('view.row #send')).toBe(
    'wx-view:is(.row, [wx-class~="row"]) [exparser\\:info-attr-id="send"]',
  )
  expect(translateSelector('hy-face > text:first-child')).toBe('wx-hy-face > wx-text:first-child')
  expect(translateSelector('[aria-label="view"]')).toBe('[aria-label="view"]')
  expect(translateSelector('text=早')).toBe('text=早')
})
