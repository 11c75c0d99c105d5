import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { MiniProgram } from '../src/driver/mini-program.ts'
import { Gallery } from './kit/gallery.ts'

let gallery: Gallery

beforeAll(async () => {
  gallery = await Gallery.start()
})
afterEach(() => gallery.closeOpened())
afterAll(() => gallery.stop())

type Told = readonly [id: string, type: string, detail: Readonly<Record<string, unknown>>]

async function told(mp: MiniProgram): Promise<readonly Told[]> {
  return (await mp.data())['events'] as readonly Told[]
}

/** Without what the page tells by itself while it opens. */
async function acted(mp: MiniProgram): Promise<readonly Told[]> {
  return (await told(mp)).filter(([, type]) => !['load', 'error', 'linechange'].includes(type))
}

async function last(mp: MiniProgram): Promise<Told | undefined> {
  return (await acted(mp)).at(-1)
}

const setData = (mp: MiniProgram, data: object): Promise<unknown> => mp.call('setData', data)

test('an input tells focus, input, confirm and blur, and keeps its model', async () => {
  const mp = await gallery.open()
  await mp.fill('#name', '小明')
  expect((await mp.data())['name']).toBe('小明')
  await mp.confirm('#name')
  await expect
    .poll(async () => (await acted(mp)).map(([, type]) => type))
    .toEqual(['focus', 'input', 'confirm', 'blur'])
  const [, input, confirm] = await acted(mp)
  expect(input?.[2]).toMatchObject({ value: '小明', cursor: 2 })
  expect(confirm?.[2]).toEqual({ value: '小明' })
})

test('an input is cut at maxlength, shows its placeholder in the app class, and takes a value from the page', async () => {
  const mp = await gallery.open()
  const hint = mp.find('#name').locator('.wx-placeholder')
  expect(await hint.evaluate((node) => getComputedStyle(node).color)).toBe('rgb(1, 2, 3)')
  await mp.fill('#name', '123456789')
  expect((await mp.data())['name']).toBe('12345678')
  expect(await hint.isVisible()).toBe(false)
  await setData(mp, { name: '' })
  expect(await hint.isVisible()).toBe(true)
})

test('what bindinput returns replaces the text', async () => {
  const mp = await gallery.open()
  await mp.fill('#upper', 'abc')
  expect(await mp.find('#upper').locator('input').inputValue()).toBe('ABC')
})

test('focus follows the property', async () => {
  const mp = await gallery.open()
  await setData(mp, { focus: true })
  await expect.poll(async () => (await last(mp))?.[1]).toBe('focus')
  await setData(mp, { focus: false })
  await expect.poll(async () => (await last(mp))?.[1]).toBe('blur')
})

test('a keyboard of the mocked height is drawn, and told', async () => {
  const mp = await gallery.open({ mocks: { keyboardHeight: 260 } })
  await mp.find('#name').tap()
  await expect.poll(async () => (await last(mp))?.[2]).toMatchObject({ height: 260 })
  await mp.page.locator('.mp-keyboard').waitFor({ state: 'visible' })
})

test('a textarea grows with its lines and tells so', async () => {
  const mp = await gallery.open()
  const before = await mp.find('#note').boundingBox()
  await mp.fill('#note', '一\n二\n三')
  await expect
    .poll(async () => (await told(mp)).some(([, type, detail]) => type === 'linechange' && detail['lineCount'] === 3))
    .toBe(true)
  const after = await mp.find('#note').boundingBox()
  expect(after?.height).toBeGreaterThan((before?.height ?? 0) * 2)
})

test('a form submits what its controls hold, and resets them', async () => {
  const mp = await gallery.open()
  await mp.tap('#mon')
  await mp.tap('#m')
  await mp.tap('#switch')
  await mp.tap('#submit')
  expect((await acted(mp)).map(([, , detail]) => detail['value'])).toEqual([
    ['mon', 'tue'],
    'm',
    false,
    { push: false, days: ['mon', 'tue'], sex: 'm', size: 30, class: 0, date: '2026-02-28', inner: '里' },
  ])
  await mp.tap('#reset')
  await mp.tap('#submit')
  expect((await last(mp))?.[2]['value']).toMatchObject({ push: false, days: [], sex: '', inner: '' })
})

test('a label passes its tap to the control inside, once', async () => {
  const mp = await gallery.open()
  await mp.tap('label', '周一')
  expect((await told(mp)).filter(([, type]) => type === 'change').map(([, , detail]) => detail['value'])).toEqual([
    ['mon', 'tue'],
  ])
})

test('a picker gives the index, a date picker the date, and a backdrop cancels', async () => {
  const mp = await gallery.open()
  await mp.tap('#class')
  await mp.sheet('三班')
  await mp.sheet('确定')
  expect(await mp.text('#class-shown')).toBe('三班')
  expect((await last(mp))?.[2]).toEqual({ value: '2' })
  await mp.tap('#date')
  await mp.page.locator('.mp-picker-wheel').nth(1).locator('.mp-picker-item').filter({ hasText: '04' }).tap()
  await mp.page.locator('.mp-picker-wheel').nth(2).locator('.mp-picker-item').filter({ hasText: '30' }).tap()
  await mp.sheet('确定')
  expect((await mp.data())['date']).toBe('2026-04-30')
})

test('buttons: a disabled one is silent, share and phone number reach the page', async () => {
  const mp = await gallery.open()
  await mp.tap('#off')
  await mp.tap('#phone')
  expect(await last(mp)).toEqual(['phone', 'getphonenumber', { errMsg: 'getPhoneNumber:ok', code: 'mock-phone-code' }])
  await mp.mock('getPhoneNumber', { fail: 'user deny' })
  await mp.tap('#phone')
  expect((await last(mp))?.[2]).toEqual({ errMsg: 'getPhoneNumber:fail user deny' })
  await mp.tap('#share')
  await expect
    .poll(async () => (await mp.report()).shares)
    .toMatchObject([{ title: '来自button', path: '/pages/other/other' }])
  expect((await told(mp)).filter(([id]) => id === 'off')).toEqual([])
})

test('images keep their modes and tell load and error', async () => {
  const mp = await gallery.open()
  await expect
    .poll(async () => (await told(mp)).map(([id, type]) => `${id} ${type}`))
    .toEqual(expect.arrayContaining(['fit load', 'broken error']))
  const fixed = await mp.find('#fixed').boundingBox()
  expect(fixed?.height).toBeCloseTo((fixed?.width ?? 0) / 2, 0)
  expect((await told(mp)).find(([id]) => id === 'fit')?.[2]).toEqual({ width: 200, height: 100 })
})

test('rich text shows what is listed and runs nothing', async () => {
  const mp = await gallery.open()
  expect(await mp.text('#rich')).toBe('粗红')
  expect(await mp.find('#rich').locator('script').count()).toBe(0)
})

test('hidden elements take no room, a touched view wears its hover class', async () => {
  const mp = await gallery.open()
  expect(await mp.find('#hidden').count()).toBe(0)
  await mp.find('#press').dispatchEvent('touchstart')
  const color = (): Promise<string> => mp.find('#press').evaluate((node) => getComputedStyle(node).backgroundColor)
  await expect.poll(color).toBe('rgb(4, 5, 6)')
})

test('a swipe turns the swiper', async () => {
  const mp = await gallery.open()
  await mp.find('#swiper').scrollIntoViewIfNeeded()
  await mp.drag('#swiper', { x: -120 })
  expect(await last(mp)).toEqual(['swiper', 'change', { current: 1, currentItemId: '', source: 'touch' }])
})

test('a navigator goes where its url says', async () => {
  const mp = await gallery.open()
  await mp.tap('#nav')
  await mp.at('pages/other/other')
  expect(await mp.text('#from')).toBe('nav')
  await mp.back()
  await mp.at('pages/home/home')
})

test('a root portal lies over the page and still belongs to it', async () => {
  const mp = await gallery.open()
  await setData(mp, { portal: true })
  await mp.tap('#portal')
  expect((await last(mp))?.slice(0, 2)).toEqual(['portal', 'tap'])
  await setData(mp, { portal: false })
  await mp.seeNo('#portal')
})

test('page-meta holds the page still', async () => {
  const mp = await gallery.open()
  const overflow = (): Promise<string> =>
    mp.page
      .locator('.mp-page')
      .first()
      .evaluate((node) => getComputedStyle(node).overflowY)
  expect(await overflow()).toBe('auto')
  await setData(mp, { still: true })
  expect(await overflow()).toBe('hidden')
})

test('a scroll-view goes to its child, tells its edges, and stays in place when items are prepended', async () => {
  const mp = await gallery.open()
  await mp.tab('列表')
  await mp.at('pages/tab/tab')
  await setData(mp, { into: 'item-120' })
  await expect.poll(async () => (await mp.data())['scrolled']).toBe(1020)
  await mp.scroll('bottom', '#list')
  await expect.poll(async () => (await mp.data())['lower']).toBe(1)
  await mp.scroll('top', '#list')
  await expect.poll(async () => (await mp.data())['upper']).toBe(1)
  const top = async (): Promise<number> => Math.round((await mp.find('#item-100').boundingBox())?.y ?? -1)
  const before = await top()
  await mp.call('prepend')
  await mp.see('#item-100')
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(2)
})

test('pulling a scroll-view down refreshes', async () => {
  const mp = await gallery.open()
  await mp.tab('列表')
  await mp.at('pages/tab/tab')
  await mp.drag('#list', { y: 200 })
  await expect.poll(async () => (await mp.data())['refreshed']).toBe(1)
})

test('nothing is reported that should not be', async () => {
  const mp = await gallery.open()
  expect(await mp.report()).toMatchObject({ errors: [], warnings: [], unknownApis: [], blocked: [], pageErrors: [] })
})
