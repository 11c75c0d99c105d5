import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MiniProgram } from '../src/driver/mini-program.ts'
import { callWx, Gallery, kindsOf, notesOf, promiseWx } from './kit/gallery.ts'

let gallery: Gallery

beforeAll(async () => {
  gallery = await Gallery.start()
})
afterEach(() => gallery.closeOpened())
afterAll(() => gallery.stop())

async function open(config: Parameters<Gallery['open']>[0] = {}): Promise<MiniProgram> {
  return gallery.open({ path: 'pages/net/net', ...config })
}

test("storage keeps types, survives a restart, is nobody else's, and has WeChat's limits", async () => {
  const mp = await open()
  await callWx(mp, 'setStorage', { key: 'a', data: { b: [1, 'x', null] } })
  await callWx(mp, 'setStorage', { key: 'n', data: 7 })
  await mp.restart()
  expect((await callWx(mp, 'getStorage', { key: 'a' }))['data']).toEqual({ b: [1, 'x', null] })
  expect((await callWx(mp, 'getStorage', { key: 'n' }))['data']).toBe(7)
  expect(await callWx(mp, 'getStorageInfo')).toMatchObject({
    keys: expect.arrayContaining(['a', 'n']),
    limitSize: 10_240,
  })
  expect(await callWx(mp, 'setStorage', { key: 'big', data: 'x'.repeat(1024 * 1024) })).toEqual({
    errMsg: 'setStorage:fail entry size limit reached',
  })
  const other = await open()
  expect(await callWx(other, 'getStorage', { key: 'a' })).toEqual({ errMsg: 'getStorage:fail data not found' })
})

test('ten megabytes in all is the limit', async () => {
  const mp = await open()
  const answers: string[] = []
  for (let index = 0; index < 11; index += 1)
    answers.push(String((await callWx(mp, 'setStorage', { key: `k${index}`, data: 'x'.repeat(1_000_000) }))['errMsg']))
  expect(answers[0]).toBe('setStorage:ok')
  expect(answers.at(-1)).toBe('setStorage:fail exceed storage max size 10Mb')
})

test('files are written, read, listed and removed', async () => {
  const mp = await open()
  const result = await mp.call('files')
  expect(result).toEqual({
    text: '早上好',
    base64: '5pep5LiK5aW9',
    names: ['a.txt'],
    size: 9,
    isDirectory: true,
    missing: 'readFileSync:fail no such file or directory wxfile://usr/none',
    outside: 'writeFileSync:fail permission denied, open /etc/passwd',
  })
})

test('the album gives real pictures and films, the chat files, and what a test puts there', async () => {
  const mp = await open()
  const picture = await callWx(mp, 'chooseMedia', { count: 1, mediaType: ['image'] })
  expect(picture).toMatchObject({ errMsg: 'chooseMedia:ok', type: 'image' })
  const [{ tempFilePath, size }] = picture['tempFiles'] as [{ tempFilePath: string; size: number }]
  expect(size).toBeGreaterThan(5_000)
  expect(await callWx(mp, 'getImageInfo', { src: tempFilePath })).toMatchObject({
    width: 1200,
    height: 900,
    type: 'jpeg',
  })
  const film = await callWx(mp, 'chooseMedia', { mediaType: ['video'] })
  expect((film['tempFiles'] as unknown[])[0]).toMatchObject({ fileType: 'video', width: 320, height: 240 })
  await mp.mock('chooseMessageFile', {
    files: [
      { name: '作业.pdf', base64: 'JVBERg==' },
      { name: 'a.txt', base64: 'YQ==' },
    ],
  })
  const files = await callWx(mp, 'chooseMessageFile', { count: 5, extension: ['pdf'] })
  expect(files['tempFiles']).toMatchObject([{ name: '作业.pdf', size: 4, type: 'file' }])
  await mp.mock('chooseMedia', { fail: 'cancel' })
  expect(await callWx(mp, 'chooseMedia', {})).toEqual({ errMsg: 'chooseMedia:fail cancel' })
})

test.each(['mp3', 'aac', 'wav'])('a recording as %s has the length that passed, and plays', async (format) => {
  const mp = await open()
  await mp.call('record', format)
  await expect.poll(() => kindsOf(mp)).toContain('started')
  await mp.pass(2_500)
  await mp.call('stopRecording')
  await expect.poll(() => kindsOf(mp)).toContain('stopped')
  const recorded = (await notesOf(mp)).find(([kind]) => kind === 'stopped')?.[1] as Record<string, unknown>
  expect(recorded['duration']).toBeGreaterThanOrEqual(2_500)
  expect(recorded['fileSize']).toBeGreaterThan(1_000)
  await mp.call('playSound', recorded['tempFilePath'])
  await expect.poll(() => kindsOf(mp)).toContain('playing')
})

test('a denied microphone fails, and openSetting gives it back', async () => {
  const mp = await open({ mocks: { 'scope.record': 'denied', openSetting: { 'scope.record': true } } })
  await mp.call('record', 'mp3')
  await expect
    .poll(async () => (await notesOf(mp)).at(-1))
    .toEqual(['failed', { errMsg: 'operateRecorder:fail auth deny' }])
  expect(await callWx(mp, 'getSetting')).toMatchObject({ authSetting: { 'scope.record': false } })
  expect(await callWx(mp, 'openSetting')).toMatchObject({ authSetting: { 'scope.record': true } })
  await mp.call('record', 'mp3')
  await expect.poll(() => kindsOf(mp)).toContain('started')
})

test('private functions fail with 104 when the user refuses, and work when they agree', async () => {
  const refusing = await open({ privacy: 'needed', mocks: { privacy: 'refuse' } })
  expect(await callWx(refusing, 'chooseMedia', {})).toEqual({
    errMsg: 'chooseMedia:fail privacy permission is not authorized',
    errno: 104,
  })
  expect(await callWx(refusing, 'getPrivacySetting')).toMatchObject({ needAuthorization: true })
  const agreeing = await open({ privacy: 'needed' })
  expect(await callWx(agreeing, 'chooseMedia', {})).toMatchObject({ errMsg: 'chooseMedia:ok' })
  expect(await callWx(agreeing, 'getPrivacySetting')).toMatchObject({ needAuthorization: false })
})

test('the program may ask for privacy by itself', async () => {
  const mp = await open({ privacy: 'needed' })
  await mp.call('askPrivacy', 'disagree')
  expect(await callWx(mp, 'setClipboardData', { data: 'x' })).toMatchObject({ errno: 104 })
  await mp.call('askPrivacy', 'agree')
  await mp.pass(11_000)
  expect(await callWx(mp, 'setClipboardData', { data: 'x' })).toEqual({ errMsg: 'setClipboardData:ok' })
  expect(await mp.control('clipboard')).toBe('x')
})

test('toasts, dialogs and sheets are drawn, and answer to taps', async () => {
  const mp = await open()
  await callWx(mp, 'showToast', { title: '已发送' })
  await mp.see('.mp-toast', '已发送')
  await mp.pass(1_600)
  await mp.seeNo('.mp-toast')
  const modal = callWx(mp, 'showModal', { title: '删除？', content: '不能恢复' })
  await mp.see('.mp-modal-title', '删除？')
  await mp.sheet('确定')
  expect(await modal).toEqual({ errMsg: 'showModal:ok', confirm: true, cancel: false, content: null })
  const asked = callWx(mp, 'showModal', { title: '备注', editable: true })
  await mp.page.locator('.mp-modal-input').fill('小明')
  await mp.sheet('确定')
  expect(await asked).toMatchObject({ content: '小明' })
  const sheet = callWx(mp, 'showActionSheet', { itemList: ['拍照', '相册'] })
  await mp.sheet('相册')
  expect(await sheet).toEqual({ errMsg: 'showActionSheet:ok', tapIndex: 1 })
  const cancelled = callWx(mp, 'showActionSheet', { itemList: ['拍照'] })
  await mp.sheet('取消')
  expect(await cancelled).toEqual({ errMsg: 'showActionSheet:fail cancel' })
})

test('a gallery shows pictures full screen and turns by swipes', async () => {
  const mp = await open()
  const [a, b] = await Promise.all([callWx(mp, 'chooseImage', {}), callWx(mp, 'chooseImage', {})])
  await callWx(mp, 'previewImage', { urls: [a, b].map((each) => (each['tempFilePaths'] as string[])[0]) })
  await mp.see('.mp-gallery-count', '1 / 2')
  await mp.drag('.mp-gallery-stage', { x: -150 })
  await mp.see('.mp-gallery-count', '2 / 2')
  await mp.tap('.mp-gallery-stage')
  await mp.seeNo('.mp-gallery')
})

test('a subscription asks for at most three templates and answers as the test says', async () => {
  const mp = await open()
  expect(await promiseWx(mp, 'requestSubscribeMessage', { tmplIds: ['t1'] })).toEqual({
    errMsg: 'requestSubscribeMessage:ok',
    t1: 'accept',
  })
  await mp.mock('requestSubscribeMessage', { t2: 'reject' })
  expect(await callWx(mp, 'requestSubscribeMessage', { tmplIds: ['t1', 't2'] })).toMatchObject({
    t1: 'accept',
    t2: 'reject',
  })
  expect(await promiseWx(mp, 'requestSubscribeMessage', { tmplIds: ['1', '2', '3', '4'] })).toMatchObject({
    rejected: { errno: 20_003 },
  })
})

test('a selector query measures from the window, an unknown name is reported', async () => {
  const mp = await open({ extConfig: { endpoint: 'http://x' } })
  const rect = await mp.call('measure')
  expect(rect).toMatchObject([{ id: 'log', top: 0, left: 0 }, null, { scrollTop: 0 }])
  expect(rect).toHaveProperty([0, 'width'], 375)
  expect(await mp.call('ext')).toEqual({ endpoint: 'http://x' })
  await mp.call('touchUnknown')
  expect((await mp.report()).unknownApis).toEqual(['createBLEPeripheralServer'])
})
