import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { auditPage } from './kit/page-audit.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { openWindow, signIn, type TrialWindow } from './kit/trial-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const PHONE = { width: 360, height: 640 }
const DESKTOP = { width: 1280, height: 800 }

describeInBrowser('the trial page for everybody', () => {
  let server: TrialServer
  let browser: Browser

  beforeAll(async () => {
    server = await startServer()
    browser = await launchBrowser()
  })
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  test.each([
    { colorScheme: 'light', viewport: DESKTOP, language: 'zh' },
    { colorScheme: 'dark', viewport: DESKTOP, language: 'en' },
    { colorScheme: 'light', viewport: PHONE, language: 'en' },
    { colorScheme: 'dark', viewport: PHONE, language: 'zh' },
  ] as const)(
    'names, roles, contrast and width are right: $colorScheme, $viewport.width px, $language',
    async (look) => {
      const { colorScheme, viewport, language } = look
      const options = { colorScheme, viewport, hasTouch: viewport === PHONE, isMobile: viewport === PHONE }
      const me = `t_${colorScheme}_${viewport.width}`
      const window = await openWindow(browser, server.url, { ...options, at: `?lang=${language}` })
      const { page } = window
      expect(await auditPage(page)).toEqual([])

      await page.goto(`${server.url}?user=${me}&lang=${language}`)
      await page.locator('.conversations').waitFor()
      expect(await auditPage(page)).toEqual([])

      const peer = await signIn(browser, server.url, `${me}_p`)
      await peer.talkTo(me)
      await peer.say('您好 https://school.example/a/very/long/address/that/does/not/break/by/itself/'.padEnd(300, 'x'))
      await page.locator('.badge').waitFor()
      expect(await auditPage(page)).toEqual([])

      await window.conversations.click()
      await sayOfEverySort(window, peer)
      expect(await auditPage(page)).toEqual([])

      if (viewport === PHONE) await page.locator('.mine .bubble').last().tap()
      else await page.locator('.mine .more').last().click()
      await page.getByRole('menu').waitFor()
      expect(await auditPage(page)).toEqual([])
      await page.keyboard.press('Escape')

      await page.locator('.composer .icon-place').click()
      expect(await auditPage(page)).toEqual([])
      await page.keyboard.press('Escape')

      await signIn(browser, server.url, me)
      await page.locator('dialog[open]').waitFor()
      expect(await auditPage(page)).toEqual([])
    },
  )

  test('everything can be done without a mouse', async () => {
    const { page, texts, composer } = await openWindow(browser, server.url)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toContain('王老师')
    await page.keyboard.press('Enter')
    await page.locator('.conversations').waitFor()
    expect(await focused(page)).toContain('搜索')
    await page.keyboard.type('p_keys')
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page), WAIT).toContain('消息')
    await page.keyboard.type('键盘')
    await page.keyboard.press('Enter')
    await expect.poll(() => texts(), WAIT).toEqual(['键盘'])
    await page.getByText('未读', { exact: true }).waitFor()
    for (let i = 0; i < 20 && !(await focused(page)).startsWith('消息操作'); i++) await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toBe('撤回')
    await page.keyboard.press('Escape')
    expect(await focused(page)).toBe('消息操作')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toBe('仅为我删除')
    await page.keyboard.press('Enter')
    await expect.poll(() => texts(), WAIT).toEqual([])
    await composer.focus()
  })

  test('whatever the Tab key reaches can be seen to have the focus', async () => {
    const { page, talkTo } = await signIn(browser, server.url, 't_tab')
    await talkTo('p_tab')
    const seen = new Set<string>()
    for (let i = 0; i < 14; i++) {
      await page.keyboard.press('Tab')
      const { name, outlinePx, isOpaque } = await page.evaluate(() => {
        const element = document.activeElement ?? document.body
        const { outlineStyle, outlineWidth, opacity } = getComputedStyle(element)
        const width = outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth)
        return { name: element.outerHTML.slice(0, 80), outlinePx: width, isOpaque: opacity === '1' }
      })
      if (name.startsWith('<body')) continue
      expect({ name, outlinePx, isOpaque }).toEqual({ name, outlinePx: 2, isOpaque: true })
      seen.add(name)
    }
    expect(seen.size).toBeGreaterThanOrEqual(7)
  })

  test('on a phone one pane is shown at a time, and "back" returns to the list', async () => {
    const { page, conversations, talkTo, say } = await signIn(browser, server.url, 't_phone', { viewport: PHONE })
    await talkTo('p_phone')
    await say('在吗')
    expect(await page.locator('.search').isVisible()).toBe(false)
    await page.getByRole('button', { name: '返回会话列表' }).click()
    await conversations.waitFor()
    expect(await page.locator('.composer').isVisible()).toBe(false)
    await conversations.click()
    await page.locator('.composer').waitFor()
    await page.goBack()
    await conversations.waitFor()
  })

  test('the language can be switched at any time, and is remembered', async () => {
    const { page, talkTo, composer } = await signIn(browser, server.url, 't_words')
    await talkTo('p_words')
    await composer.fill('半句话')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(await composer.inputValue()).toBe('半句话')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en-GB')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Hongyan' }).waitFor()
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '鸿雁' }).waitFor()
  })
})

/** One message of every look: read, unread, a face, a place, recalled by each side. */
async function sayOfEverySort(window: TrialWindow, peer: TrialWindow): Promise<void> {
  await window.say('收到')
  await peer.row('收到').waitFor()
  await window.page.locator('.composer .icon-face').click()
  await window.page.locator('.faces button').first().click()
  await window.page.locator('.face').waitFor()
  await peer.say('发错了')
  await window.row('发错了').waitFor()
  await peer.choose(peer.row('发错了'), '撤回')
  await window.page.locator('.messages .notice').waitFor()
  await window.page.locator('.read').first().waitFor()
}

function focused(page: TrialWindow['page']): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
  })
}
