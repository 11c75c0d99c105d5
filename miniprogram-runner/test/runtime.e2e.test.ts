import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../src/driver/chromium.ts'
import { compileApp } from '../src/build/compile-app.ts'
import { openApp, type OpenApp } from './kit/open-app.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/app', import.meta.url))

let browser: Browser
let outDir: string

beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'hongyan-miniprogram-'))
  await compileApp({ root: FIXTURE, outDir })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  rmSync(outDir, { recursive: true, force: true })
})

async function open(): Promise<OpenApp> {
  return openApp(browser, outDir)
}

/** What the home page noted, but for the watcher's first word, which comes when the page is built. */
async function events(app: OpenApp): Promise<readonly unknown[]> {
  const noted = (await app.data())['events'] as readonly unknown[]
  return noted.filter((each) => each !== 'watched 0')
}

describe('a page', () => {
  test('renders WXML, WXS, templates, slots and component properties, without errors and warnings', async () => {
    const app = await open()
    const text = (selector: string): Promise<string> => app.page.locator(selector).innerText()
    expect(await text('[exparser\\:info-attr-id="greeting"]')).toBe('鸿雁，早!')
    expect(await text('[exparser\\:info-attr-id="note"]')).toBe('双倍 42 early ✓')
    const cards = await app.page.locator('wx-card').allInnerTexts()
    expect(cards.map((card) => card.replaceAll(/\s+/g, ' '))).toEqual([
      '一年级一班2 1. 家长群 01:00 list String other',
      '年级组 2. 12345 12:30 list String digits',
    ])
    expect(await app.page.locator('[exparser\\:info-attr-id="many"]').count()).toBe(1)
    // Classes are found as they are written, inside of components too.
    expect(await app.page.locator('wx-card [wx-class~="heading"]').allInnerTexts()).toEqual(['一年级一班2', '年级组'])
    expect(await app.page.locator('[exparser\\:info-attr-id="one"]').count()).toBe(0)
    const report = await app.report()
    expect(report).toMatchObject({ errors: [], warnings: [], unknownApis: [] })
  })

  test("styles keep to their component, but for external classes and a component that takes the page's", async () => {
    const app = await open()
    const colorOf = (selector: string): Promise<string> =>
      app.page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).color)
    // app.wxss, not the card's .title; the card's own heading, not the page's .heading.
    expect(await colorOf('[exparser\\:info-attr-id="greeting"]')).toBe('rgb(31, 111, 235)')
    expect(await colorOf('.components-card-card--heading')).toBe('rgb(20, 120, 60)')
    // apply-shared: app.wxss's .title reaches the badge.
    expect(await colorOf('.components-badge-badge--title')).toBe('rgb(31, 111, 235)')
    const border = await app.page
      .locator('.big')
      .first()
      .evaluate((element) => getComputedStyle(element).borderColor)
    expect(border).toBe('rgb(31, 111, 235)')
  })

  test('lengths: 750rpx are the width, 100vh the window between the bars, and fixed stays above the tab bar', async () => {
    const app = await open()
    const box = (selector: string) => app.page.locator(selector).first().boundingBox()
    expect((await box('.dragged'))?.width).toBeCloseTo(104, 0)
    const area = await box('.mp-page-area')
    expect((await box('.tall'))?.height).toBeCloseTo(area?.height ?? 0, 0)
    const fixed = await box('.fixed')
    const tabBar = await box('.mp-tab-bar')
    expect((fixed?.y ?? 0) + (fixed?.height ?? 0)).toBeCloseTo(tabBar?.y ?? 0, 0)
  })

  test('taps, catches, long presses and component events', async () => {
    const app = await open()
    await app.page.locator('[exparser\\:info-attr-id="press"]').tap()
    await app.page.locator('[exparser\\:info-attr-id="inner"]').tap()
    expect(await events(app)).toEqual(['tap press true', 'inner'])
    await app.page.locator('wx-card').nth(1).locator('.components-card-card--heading').tap()
    expect((await app.data())['chosen']).toBe('b 年级组 1')
  })

  test('a long press takes the place of the tap', async () => {
    const app = await open()
    const box = await app.page.locator('[exparser\\:info-attr-id="press"]').boundingBox()
    const point = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 10 }
    const session = await app.page.context().newCDPSession(app.page)
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] })
    await expect.poll(() => events(app)).toEqual(['longpress'])
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    expect(await events(app)).toEqual(['longpress'])
  })

  test('WXS handles touches and watches properties', async () => {
    const app = await open()
    await app.host.evaluate(({ router }) => router.current()?.instance.setData({ watched: 5 }))
    await expect.poll(() => events(app)).toEqual(['watched 5'])
    const box = await app.page.locator('.dragged').boundingBox()
    const y = (box?.y ?? 0) + 5
    const session = await app.page.context().newCDPSession(app.page)
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 30, y }] })
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: 77, y }] })
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await expect.poll(async () => (await app.data())['dragged']).toBe(77)
    expect(await app.page.locator('.dragged').getAttribute('style')).toContain('translateX(77px)')
  })
})

describe('the stack of pages', () => {
  test('lifetimes come in WeChat’s order, with the query, and an event channel joins the pages', async () => {
    const app = await open()
    await app.page.waitForFunction(() => document.querySelector('.mp-title')?.textContent === '首页')
    await expect
      .poll(async () => app.call('takeLog'))
      .toEqual([
        'app onLaunch pages/home/home',
        'app onShow',
        'home onLoad {}',
        'home onShow',
        'card ready 一年级一班',
        'card ready 年级组',
        'home onReady',
      ])
    await app.page.locator('[exparser\\:info-attr-id="to-detail"]').tap()
    await expect.poll(() => app.routes()).toEqual(['pages/home/home', 'pages/detail/detail'])
    expect(await app.page.locator('.mp-title').innerText()).toBe('详情 7')
    // Neither properties nor onLoad get decoded values.
    expect(await app.page.locator('[exparser\\:info-attr-id="query"]').innerText()).toBe('7 %E9%B8%BF')
    expect(await app.page.locator('[exparser\\:info-attr-id="heard"]').innerText()).toBe('可好')
    const row = app.page.locator('[exparser\\:info-attr-id="again"]')
    // The page's own .row; the home page's rounded one is not on.
    expect(await row.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(255, 240, 200)')
    expect(await row.evaluate((element) => getComputedStyle(element).borderRadius)).toBe('0px')
    await app.page.locator('.mp-back').tap()
    await expect.poll(() => app.routes()).toEqual(['pages/home/home'])
    expect(await app.page.locator('.mp-title').innerText()).toBe('首页')
    expect(await app.call('takeLog')).toEqual([
      'home onHide',
      'detail attached',
      'detail onLoad {"id":"7","name":"%E9%B8%BF"}',
      'detail onShow',
      'detail pageLifetimes.show',
      'detail ready',
      'detail onReady',
      'detail onUnload',
      'detail detached',
      'home onShow',
    ])
    expect(await events(app)).toEqual(['answer 尚好'])
    expect((await app.report()).errors).toEqual([])
  })

  test('holds ten pages; the eleventh is refused in WeChat’s words', async () => {
    const app = await open()
    const go = (url: string): Promise<string> =>
      app.host.evaluate(
        ({ router }, to) =>
          router.navigateTo(to).then(
            () => 'ok',
            (err: Error) => err.message,
          ),
        url,
      )
    for (let depth = 1; depth < 10; depth += 1) expect(await go('/pages/detail/detail')).toBe('ok')
    expect(await go('/pages/detail/detail')).toBe('navigateTo:fail webview count limit exceed')
    expect(await go('/pages/gone/gone')).toBe('navigateTo:fail page "pages/gone/gone" is not found')
    await app.host.evaluate(({ router }) => router.navigateBack(8))
    expect(await app.routes()).toEqual(['pages/home/home', 'pages/detail/detail'])
    expect(await go('/pages/me/me')).toBe('navigateTo:fail can not navigateTo a tabbar page')
  })

  test('tab pages live on behind each other; reLaunch ends them all', async () => {
    const app = await open()
    await app.host.evaluate(({ router }) => router.current()?.instance.setData({ greeting: '改过' }))
    await app.page.locator('.mp-tab').nth(1).tap()
    await expect.poll(() => app.routes()).toEqual(['pages/me/me'])
    await app.page.locator('.mp-tab').nth(0).tap()
    await expect.poll(() => app.routes()).toEqual(['pages/home/home'])
    expect((await app.data())['greeting']).toBe('改过')
    const log = (await app.call('takeLog')) as readonly string[]
    expect(log.slice(-3)).toEqual(['home onHide', 'home onShow', 'home onTabItemTap 首页'])
    await app.host.evaluate(({ router }) => router.reLaunch('/pages/home/home?a=1'))
    expect((await app.data())['greeting']).toBe('鸿雁')
  })

  test('what a page sets when it has left the stack it keeps, draws nowhere, and is no error', async () => {
    const app = await open()
    const kept = await app.host.evaluate(async ({ router }) => {
      const left = router.current()?.instance
      await router.reLaunch('/pages/home/home')
      left?.setData({ cards: [{ id: 'c', heading: '晚到', count: 1, note: '', at: 0, tags: [] }], greeting: '晚' })
      return left?.data['greeting']
    })
    expect(kept).toBe('晚')
    expect(await app.page.getByText('晚到').count()).toBe(0)
    expect((await app.data())['greeting']).toBe('鸿雁')
    expect(await app.report()).toMatchObject({ errors: [], warnings: [] })
  })

  test('the background hides page and application, in this order', async () => {
    const app = await open()
    await app.call('takeLog')
    await app.host.evaluate(({ life }) => {
      life.enterBackground()
      life.enterForeground()
    })
    const log = (await app.call('takeLog')) as readonly string[]
    expect(log.filter((line) => /onShow|onHide/.test(line))).toEqual([
      'home onHide',
      'app onHide',
      'app onShow',
      'home onShow',
    ])
  })
})

describe('the frame', () => {
  test('pulling down refreshes, and the bottom is told once', async () => {
    const app = await open()
    await app.host.evaluate(({ router }) => router.startPullDownRefresh())
    await app.host.evaluate(({ router }) => router.pageScrollTo({ scrollTop: 5000, duration: 0 }))
    await expect
      .poll(async () => {
        return app.host.evaluate(({ router }) => router.current()?.scroller.scrollTop ?? 0)
      })
      .toBeGreaterThan(100)
    const seen: string[] = []
    await expect
      .poll(async () => {
        seen.push(...((await app.call('takeLog')) as readonly string[]))
        return seen.filter((line) => line.includes('onPull') || line.includes('onReach'))
      })
      .toEqual(['home onPullDownRefresh', 'home onReachBottom'])
  })

  test('a finger that pulls the page down refreshes it, a short pull does not', async () => {
    const app = await open()
    await app.call('takeLog')
    const session = await app.page.context().newCDPSession(app.page)
    const pull = async (distance: number): Promise<void> => {
      const touch = (type: 'touchStart' | 'touchMove', y: number) =>
        session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: 350, y }] })
      await touch('touchStart', 120)
      for (let step = 1; step <= 5; step += 1) await touch('touchMove', 120 + (distance * step) / 5)
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    }
    await pull(60)
    expect(await app.call('takeLog')).toEqual([])
    await pull(180)
    await expect.poll(() => app.call('takeLog')).toEqual(['home onPullDownRefresh'])
    // The page answers with stopPullDownRefresh.
    await expect
      .poll(() =>
        app.page
          .locator('.mp-refresher')
          .first()
          .evaluate((each) => each.clientHeight),
      )
      .toBe(0)
  })

  test('a dark phone gives a program with "darkmode" its dark theme, at once and later', async () => {
    const app = await open()
    const barColor = () => app.page.locator('.mp-bars').evaluate((bars) => getComputedStyle(bars).backgroundColor)
    const tabIcon = () => app.page.locator('.mp-tab-icon').first().getAttribute('src')
    expect([await barColor(), await tabIcon()]).toEqual(['rgb(255, 255, 255)', '/images/home-on.png'])
    await app.page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(barColor).toBe('rgb(17, 21, 20)')
    expect(await tabIcon()).toBe('/images/home.png')
    expect(await app.host.evaluate(({ life }) => life.theme())).toBe('dark')
    expect(await app.call('takeLog')).toContain('app onThemeChange dark')
  })

  test('the capsule’s menu forwards a page that allows it', async () => {
    const app = await open()
    await app.page.locator('.mp-menu').tap()
    await app.page.locator('.mp-menu-item').tap()
    await expect
      .poll(async () => (await app.report()).shares)
      .toEqual([{ title: '分享自 menu', path: '/pages/home/home?from=share', imageUrl: undefined }])
  })
})

describe('the sandbox', () => {
  test('hides the browser, and code from strings is refused', async () => {
    const app = await open()
    await app.page.locator('.mp-tab').nth(1).tap()
    expect(await app.page.locator('[exparser\\:info-attr-id="names"]').innerText()).toBe('干净')
    expect(await app.page.locator('[exparser\\:info-attr-id="home-title"]').innerText()).toBe('refused undefined')
  })

  test('the meter reports undefined, too much data, unknown names and errors', async () => {
    const app = await open()
    await app.page.locator('.mp-tab').nth(1).tap()
    await expect.poll(() => app.routes()).toEqual(['pages/me/me'])
    await app.call('tooMuch')
    expect((await app.data())['nothing']).toBe('kept')
    const report = await app.report()
    expect(report.warnings).toEqual([
      'pages/me/me: setting data field "nothing" to undefined is invalid',
      'pages/me/me: setting data field "deep.inner" to undefined is invalid',
      "pages/me/me: setData of 1100010 bytes; WeChat's limit is 1048576",
    ])
    expect(report.setData).toMatchObject({ largestBytes: 1_100_010, largestAt: 'pages/me/me' })
    expect(report.unknownApis).toEqual(['noSuchName'])
    await app.host.evaluate(({ router }) => {
      const fail = router.current()?.instance['fail'] as () => void
      setTimeout(fail, 0)
    })
    await expect.poll(async () => (await app.report()).errors.join('\n')).toContain('uncaught: Error: on purpose')
    expect(await app.routes()).toEqual(['pages/me/me'])
  })
})
