import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { axeFaults } from '../kit/axe.ts'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs, type Person } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { openWindow, signIn } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const NARROW = { width: 360, height: 640 }
const WIDE = { width: 1280, height: 800 }

describeInBrowser('the web demo for everybody', () => {
  let server: TrialServer
  let browser: Browser
  let teacher: Person
  let parent: Person

  beforeAll(async () => {
    server = await startServer()
    browser = await launchBrowser()
    teacher = await joinAs(server, 't_a11y', '王老师')
    parent = await joinAs(server, 'p_a11y', '小明妈妈')
    await teacher.chat.createGroup({
      name: '三年级二班',
      type: 'Public',
      groupID: 'a11y',
      joinOption: 'NeedPermission',
      memberList: [{ userID: 'p_a11y' }],
    })
    await parent.say(
      't_a11y',
      'https://school.example/a/very/long/address/that/does/not/break/by/itself/'.padEnd(300, 'x'),
    )
    await teacher.say('p_a11y', '收到')
    await parent.say('a11y', '大家好', { in: 'GROUP' })
    await teacher.say('p_muted', '静音的')
    await teacher.chat.setMessageRemindType({ userIDList: ['p_muted'], messageRemindType: 'AcceptNotNotify' })
    await teacher.chat.pinConversation({ conversationID: 'C2Cp_a11y', isPinned: true })
    const applicant = await joinAs(server, 'p_asks', '小丽爸爸')
    await applicant.chat.joinGroup({ groupID: 'a11y', applyMessage: '我是小丽的爸爸' })
    await applicant.leave()
    await teacher.leave()
  })
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
  afterAll(async () => {
    await parent?.leave()
    await browser?.close()
    await server?.stop()
  })

  test.each([
    { colorScheme: 'light', viewport: WIDE, language: 'zh' },
    { colorScheme: 'dark', viewport: WIDE, language: 'en' },
    { colorScheme: 'light', viewport: NARROW, language: 'en' },
    { colorScheme: 'dark', viewport: NARROW, language: 'zh' },
  ] as const)('axe finds nothing on any page: $colorScheme, $viewport.width px, $language', async (look) => {
    const { colorScheme, viewport, language } = look
    const isNarrow = viewport === NARROW
    const options = { colorScheme, viewport, hasTouch: isNarrow, isMobile: isNarrow, reducedMotion: 'reduce' } as const
    const window = await openWindow(browser, server.url, { ...options, at: `?lang=${language}` })
    const { page, conversations, goTo, open } = window
    const faults: string[] = []
    const check = async (where: string): Promise<void> => {
      await page.evaluate(allRowsAreMeasured)
      faults.push(...(await axeFaults(page)).map((fault) => `${where}: ${fault}`))
      const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      if (isTooWide) faults.push(`${where}: wider than the window`)
    }
    await page.locator('.user').first().waitFor()
    await page.locator('details.account summary').click()
    await check('sign-in')

    await page.goto(`${server.url}?user=t_a11y&lang=${language}`)
    await conversations.first().waitFor()
    await check('list')
    await conversations.first().click({ button: 'right' })
    await page.getByRole('menu').waitFor()
    await check('menu')
    await page.keyboard.press('Escape')
    await page.locator('.search input').fill('a11y')
    await page.locator('.found').first().waitFor()
    await check('search')
    await page.keyboard.press('Escape')
    await page.locator('.start').click()
    await page.getByRole('menuitem').first().click()
    await page.getByRole('dialog').waitFor()
    await check('new chat')
    await page.keyboard.press('Escape')

    await goTo('/notices')
    await page.locator('.notices .what').first().waitFor()
    if (!isNarrow) await conversations.first().waitFor()
    await check('notices')
    await goTo('/settings')
    await page.locator('.settings h1').waitFor()
    await check('settings')
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await check('shortcuts')
    await page.keyboard.press('Escape')
    await goTo('/contacts')
    await page.locator('h1').waitFor({ state: 'attached' })
    await check('contacts')
    await open('C2Cp_a11y')
    await page.locator('.bubble').first().waitFor()
    await check('chat')
    await open('GROUPa11y')
    await page.locator('.bubble').first().waitFor()
    await check('group')

    expect(faults).toEqual([])
    expect(window.problems).toEqual([])
  })

  test('whatever the Tab key reaches can be seen to have the focus', async () => {
    const { page, open, conversations } = await signIn(browser, server.url, 't_a11y')
    await conversations.first().waitFor()
    await open('C2Cp_a11y')
    await page.locator('.bubble').first().waitFor()
    const seen = new Set<string>()
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press('Tab')
      const at = await focusShown(page)
      if (at.name.startsWith('<body')) continue
      expect(at).toEqual({ name: at.name, isOutlined: true, isOpaque: true })
      seen.add(at.name)
    }
    expect(seen.size).toBeGreaterThanOrEqual(12)
  })

  test('on a phone one pane is shown at a time, "back" returns to the list, and nothing is too small to touch', async () => {
    const { page, conversations } = await signIn(browser, server.url, 't_a11y', {
      viewport: NARROW,
      hasTouch: true,
      isMobile: true,
    })
    await conversations.first().waitFor()
    expect(await smallTargets(page)).toEqual([])
    await conversations.first().tap()
    await page.locator('.composer').waitFor()
    expect(await page.locator('.search').isVisible()).toBe(false)
    expect(await page.locator('.rail').isVisible()).toBe(false)
    await page.goBack()
    await conversations.first().waitFor()
    expect(await page.locator('.composer').count()).toBe(0)
    expect(await page.locator('.rail').isVisible()).toBe(true)
  })

  test('somebody who wants less movement gets none', async () => {
    const { page } = await openWindow(browser, server.url, { reducedMotion: 'reduce' })
    await page.locator('.user').first().waitFor()
    const longest = await page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll('*')].map((element) =>
          Number.parseFloat(getComputedStyle(element).transitionDuration),
        ),
      ),
    )
    expect(longest).toBeLessThanOrEqual(0.001)
    await expect.poll(() => page.title(), WAIT).toBe('鸿雁')
  })
})

/** An outline of its own, or of what stands for it. */
function focusShown(page: Page): Promise<{ name: string; isOutlined: boolean; isOpaque: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body
    const isOutlinedAt = (at: Element | null): boolean => {
      if (!at) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(at)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
    }
    const { opacity } = getComputedStyle(element)
    // The composer lights up as a whole.
    const isLitUp = getComputedStyle(element.closest('form') ?? element).boxShadow !== 'none'
    return {
      name: element.outerHTML.slice(0, 90),
      isOutlined: isOutlinedAt(element) || isOutlinedAt(element.closest('label')) || isLitUp,
      isOpaque: opacity === '1',
    }
  })
}

/** Buttons, links and fields that a finger would miss. */
function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const LEAST_PX = 40
    return [...document.querySelectorAll<HTMLElement>('button, a, input')]
      .filter(
        (element) => element.checkVisibility() && !element.closest('.visually-hidden') && !element.matches('.skip'),
      )
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect()
        return width < LEAST_PX || height < LEAST_PX
      })
      .map((element) => element.outerHTML.slice(0, 120))
  })
}

/** The list draws rows hidden, measures them, and may then draw more: all is well when nothing of that happens any more. */
async function allRowsAreMeasured(): Promise<void> {
  const [stillFrames, mostFrames] = [12, 600]
  let before = ''
  for (let still = 0, frames = 0; still < stillFrames && frames < mostFrames; frames++) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const rows = [...document.querySelectorAll<HTMLElement>('.list > li')].filter(({ offsetParent }) => offsetParent)
    const now = rows.map((row) => `${row.textContent} ${getComputedStyle(row).visibility}`).join()
    still = now === before && !now.includes(' hidden') ? still + 1 : 0
    before = now
  }
}
