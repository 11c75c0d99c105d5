import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MiniProgram } from '../src/driver/mini-program.ts'
import { startEchoServer, type EchoServer } from './kit/echo-server.ts'
import { callWx, Gallery, kindsOf, notesOf, promiseWx } from './kit/gallery.ts'

let gallery: Gallery
let echo: EchoServer

beforeAll(async () => {
  gallery = await Gallery.start()
  echo = await startEchoServer()
})
afterEach(() => gallery.closeOpened())
afterAll(async () => {
  await gallery.stop()
  await echo.stop()
})

async function open(config: Parameters<Gallery['open']>[0] = {}): Promise<MiniProgram> {
  return gallery.open({ path: 'pages/net/net', ...config })
}

const connect = (mp: MiniProgram, options: object): Promise<unknown> => mp.call('connect', options)

test('a request carries data by method and type, and any status is success', async () => {
  const mp = await open()
  const got = await callWx(mp, 'request', {
    url: `${echo.url}/a?x=1`,
    data: { y: '二', z: 3 },
    header: { 'X-Token': 't' },
  })
  expect(got).toMatchObject({
    errMsg: 'request:ok',
    statusCode: 200,
    data: { method: 'GET', url: '/a?x=1&y=%E4%BA%8C&z=3' },
  })
  const referer = 'https://servicewechat.com/runner/0/page-frame.html'
  expect(got).toHaveProperty('data.headers', expect.objectContaining({ 'x-token': 't', referer }))
  expect(got).not.toHaveProperty('data.headers.origin')
  const posted = await callWx(mp, 'request', { url: `${echo.url}/status/418`, method: 'POST', data: { a: 1 } })
  expect(posted).toMatchObject({ errMsg: 'request:ok', statusCode: 418, data: { body: '{"a":1}' } })
  expect(posted).toHaveProperty('data.headers.content-type', 'application/json')
  const form = await callWx(mp, 'request', {
    url: `${echo.url}/`,
    method: 'POST',
    data: { a: 1, b: 'x y' },
    header: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(form).toHaveProperty('data.body', 'a=1&b=x%20y')
  expect(await promiseWx(mp, 'getStorage', { key: 'none' })).toEqual({
    rejected: { errMsg: 'getStorage:fail data not found' },
  })
})

test('a request fails in the words of WeChat', async () => {
  const mp = await open()
  const fail = async (options: object): Promise<unknown> => callWx(mp, 'request', options)
  expect(await fail({ url: `${echo.url}/hang`, timeout: 200 })).toEqual({ errMsg: 'request:fail timeout', errno: 5 })
  expect(await fail({ url: 'http://127.0.0.1:9/' })).toMatchObject({
    errMsg: expect.stringContaining('net::ERR_CONNECTION_REFUSED'),
    errno: 600_001,
  })
  expect(await fail({ url: 'nonsense' })).toMatchObject({ errMsg: 'request:fail invalid url "nonsense"' })
  expect(await fail({ url: 'http://example.invalid/' })).toMatchObject({
    errMsg: expect.stringContaining('ERR_NAME_NOT_RESOLVED'),
  })
})

test('only listed domains are reached when the check is on', async () => {
  const mp = await open({
    urlCheck: { request: ['https://listed.example'], socket: [], upload: [], download: [echo.url] },
  })
  expect(await callWx(mp, 'request', { url: echo.url })).toEqual({
    errMsg: 'request:fail url not in domain list',
    errno: 600_002,
  })
  expect(await callWx(mp, 'connectSocket', { url: echo.socketUrl })).toMatchObject({
    errMsg: 'connectSocket:fail url not in domain list',
  })
  expect(await callWx(mp, 'downloadFile', { url: `${echo.url}/file` })).toMatchObject({ errMsg: 'downloadFile:ok' })
})

test('a file is downloaded, read, and uploaded with its form', async () => {
  const mp = await open()
  const down = await callWx(mp, 'downloadFile', { url: `${echo.url}/file` })
  expect(down).toMatchObject({ statusCode: 200, dataLength: 4 })
  expect(down['tempFilePath']).toMatch(/^wxfile:\/\/tmp_\d+\.png$/)
  const up = await callWx(mp, 'uploadFile', {
    url: `${echo.url}/up`,
    filePath: down['tempFilePath'],
    name: 'file',
    formData: { kind: 'pic' },
  })
  const told = JSON.parse(String(up['data']))
  expect(told.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(told.body).toContain('name="kind"')
  expect(told.body).toContain('\x89PNG')
  expect(
    await callWx(mp, 'uploadFile', { url: `${echo.url}/up`, filePath: 'wxfile://gone', name: 'file' }),
  ).toMatchObject({
    errMsg: 'uploadFile:fail file not found wxfile://gone',
  })
})

test('a socket speaks text and bytes, agrees on a protocol, and tells who closed it', async () => {
  const mp = await open()
  await connect(mp, { url: `${echo.socketUrl}?a=b`, protocols: ['im'], header: { 'X-Token': 't' } })
  await expect.poll(() => kindsOf(mp)).toContain('open')
  expect((await notesOf(mp)).find(([kind]) => kind === 'open')?.[1]).toMatchObject({
    header: { 'Sec-WebSocket-Protocol': 'im' },
  })
  expect(echo.handshakes().at(-1)).toMatchObject({ url: '/socket?a=b', headers: { 'x-token': 't' } })
  expect(echo.handshakes().at(-1)?.headers).not.toHaveProperty('origin')
  await mp.call('send', 0, '早')
  await mp.call('send', 0, [1, 2])
  await expect
    .poll(async () => (await notesOf(mp)).filter(([kind]) => kind === 'message').map(([, data]) => data))
    .toEqual(['echo 早', 'bytes 1,2'])
  expect(await mp.call('sendView')).toMatchObject({ errMsg: expect.stringContaining('invalid data type') })
  echo.closeSockets(4001, 'kicked')
  await expect.poll(async () => (await notesOf(mp)).at(-1)).toEqual(['close', { code: 4001, reason: 'kicked' }])
})

test('a sixth socket is refused, and a closed one makes room', async () => {
  const mp = await open()
  for (let index = 0; index < 5; index += 1) await connect(mp, { url: echo.socketUrl })
  expect(await callWx(mp, 'connectSocket', { url: echo.socketUrl })).toEqual({
    errMsg: 'connectSocket:fail exceed max socket count 5',
  })
  await expect.poll(async () => (await kindsOf(mp)).filter((kind) => kind === 'open')).toHaveLength(5)
  await mp.call('closeSocket', 0)
  await expect.poll(() => kindsOf(mp)).toContain('close')
  expect(await callWx(mp, 'connectSocket', { url: echo.socketUrl })).toEqual({ errMsg: 'connectSocket:ok' })
  expect((await mp.report()).mostSockets).toBe(5)
})

test('a short absence keeps the socket, a long one closes it, and the program hears of it when it is back', async () => {
  const mp = await open()
  await connect(mp, { url: echo.socketUrl })
  await expect.poll(() => kindsOf(mp)).toContain('open')
  await mp.background(3_000)
  expect(echo.sockets()).toBe(1)
  const before = (await notesOf(mp)).length
  const startedAt = Date.now()
  const clockBefore = await mp.page.evaluate(() => Date.now())
  await mp.background(5 * 60_000)
  expect(Date.now() - startedAt).toBeLessThan(20_000)
  expect((await mp.page.evaluate(() => Date.now())) - clockBefore).toBeGreaterThanOrEqual(5 * 60_000)
  await expect.poll(() => echo.sockets()).toBe(0)
  expect((await notesOf(mp)).slice(before).map(([kind]) => kind)).toEqual(['hide', 'show', 'error', 'close'])
})

test('timers stand still in the background and fire once after the return', async () => {
  const mp = await open()
  await mp.call('tickEvery', 60_000)
  await mp.background(5 * 60_000)
  await expect.poll(() => kindsOf(mp)).toEqual(['hide', 'show', 'tick'])
})

test('a request in flight is interrupted by a long absence', async () => {
  const mp = await open()
  const answer = callWx(mp, 'request', { url: `${echo.url}/hang` })
  await mp.background(60_000)
  expect(await answer).toEqual({ errMsg: 'request:fail interrupted', errno: 600_003 })
})

test('when the network goes, sockets fall, requests fail, and the change is told', async () => {
  const mp = await open()
  await connect(mp, { url: echo.socketUrl })
  await expect.poll(() => kindsOf(mp)).toContain('open')
  await mp.network('off')
  await expect.poll(() => kindsOf(mp)).toEqual(['open', 'error', 'close', 'network'])
  expect(await callWx(mp, 'request', { url: echo.url })).toMatchObject({
    errMsg: expect.stringContaining('ERR_INTERNET_DISCONNECTED'),
  })
  expect(await callWx(mp, 'getNetworkType')).toMatchObject({ networkType: 'none' })
  await mp.network('4g')
  expect((await notesOf(mp)).at(-1)).toEqual(['network', { isConnected: true, networkType: '4g' }])
  expect(await callWx(mp, 'request', { url: echo.url })).toMatchObject({ statusCode: 200 })
})

test('nothing outside of this machine is reached', async () => {
  const mp = await open()
  await mp.page.evaluate(
    () =>
      new Promise((resolve) => Object.assign(new Image(), { onerror: resolve, src: 'http://example.invalid/a.png' })),
  )
  expect((await mp.report()).blocked).toEqual(['http://example.invalid/a.png'])
})
