import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../src/driver/chromium.ts'
import { buildNpm } from '../src/build/build-npm.ts'
import { compileApp } from '../src/build/compile-app.ts'
import { openApp, type OpenApp } from './kit/open-app.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/tdesign', import.meta.url))

let browser: Browser
let work: string

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'hongyan-tdesign-'))
  const npmDir = join(work, 'miniprogram_npm')
  await buildNpm({ packageJson: join(FIXTURE, 'package.json'), outDir: npmDir })
  await compileApp({ root: FIXTURE, outDir: join(work, 'web'), npmDir })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  rmSync(work, { recursive: true, force: true })
})

/** TDesign's hosts are virtual: its classes, and not ids, are in the DOM. */
interface Kit extends OpenApp {
  part(name: string, text?: string): Locator
  state(): Promise<unknown>
}

async function open(): Promise<Kit> {
  const app = await openApp(browser, join(work, 'web'))
  return {
    ...app,
    part: (name, text) => app.page.locator(`.t-${name}`, text === undefined ? {} : { hasText: text }),
    state: async () => (await app.data())['state'],
  }
}

describe('TDesign', () => {
  test('button: a tap counts, a disabled one does not', async () => {
    const app = await open()
    await app.part('button', '主要按钮').tap()
    await app.part('button', '不可用').tap({ force: true })
    expect(await app.part('button', '主要按钮').innerText()).toBe('主要按钮 1')
  })

  test('badge and avatar are drawn, the picture is loaded', async () => {
    const app = await open()
    expect(await app.part('badge').first().innerText()).toContain('8')
    expect(await app.part('avatar').allInnerTexts()).toEqual(['王', '明', ''])
    const box = await app.part('avatar').nth(0).boundingBox()
    expect(box?.width).toBeGreaterThan(40)
    const picture = app.part('avatar').nth(2).locator('img')
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0)
  })

  test('cell and switch', async () => {
    const app = await open()
    await app.part('cell', '一年级一班').tap()
    expect(await app.state()).toBe('cell')
    await app.part('switch').tap()
    expect(await app.state()).toBe('muted true')
    expect((await app.data())['muted']).toBe(true)
  })

  test('search and input take text', async () => {
    const app = await open()
    await app.part('search').locator('input').fill('小明')
    await expect.poll(() => app.state()).toBe('search 小明')
    await app.part('input', '昵称').locator('input').fill('明明妈妈')
    await expect.poll(() => app.state()).toBe('name 明明妈妈')
  })

  test('tabs: the panel follows', async () => {
    const app = await open()
    expect(await app.page.getByText('未读内容').isVisible()).toBe(false)
    await app.part('tabs__item', '未读').tap()
    expect(await app.state()).toBe('tab unread')
    await app.page.getByText('未读内容').waitFor({ state: 'visible' })
  })

  test('dialog: opens, and its buttons answer', async () => {
    const app = await open()
    await app.part('button', '对话框').tap()
    await app.page.getByText('退出后不再接收消息').waitFor({ state: 'visible' })
    await app.part('dialog').getByText('退出', { exact: true }).tap()
    await expect.poll(() => app.state()).toBe('confirmed')
    await app.page.getByText('退出后不再接收消息').waitFor({ state: 'hidden' })
  })

  test('popup: opens, and its overlay closes it', async () => {
    const app = await open()
    await app.part('button', '弹层').tap()
    await app.page.getByText('弹层内容').waitFor({ state: 'visible' })
    await app.page.touchscreen.tap(195, 200)
    await expect.poll(async () => (await app.data())['popup']).toBe(false)
    await app.page.getByText('弹层内容').waitFor({ state: 'hidden' })
  })

  test('toast: comes by its imperative call and goes', async () => {
    const app = await open()
    await app.part('button', '提示').tap()
    await app.page.getByText('已发送').waitFor({ state: 'visible' })
    await app.page.getByText('已发送').waitFor({ state: 'hidden' })
  })

  test('swipe cell: a swipe to the left shows what is behind', async () => {
    const app = await open()
    const box = await app.part('swipe-cell').boundingBox()
    const y = (box?.y ?? 0) + 20
    const session = await app.page.context().newCDPSession(app.page)
    const touch = (type: 'touchStart' | 'touchMove', x: number) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y }] })
    await touch('touchStart', 300)
    for (const x of [280, 260, 240, 220]) await touch('touchMove', x)
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await app.page.getByText('删除').tap()
    expect(await app.state()).toBe('removed')
  })

  test('nothing of it fails', async () => {
    const app = await open()
    const report = await app.report()
    expect(report.errors).toEqual([])
    expect(report.warnings).toEqual([])
  })
})
