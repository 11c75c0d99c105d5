import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE_TEXTS, HOSTILE_USER_IDS } from './kit/attacks.ts'
import { launchBrowser } from './kit/browser.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { openWindow, signIn } from './kit/trial-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }

describeInBrowser('the trial page in the hands of an attacker', () => {
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

  test('hostile texts are shown letter by letter and never run', async () => {
    const attacker = await signIn(browser, server.url, 'attacker')
    const victim = await signIn(browser, server.url, 'victim')
    await attacker.talkTo('victim')
    for (const text of HOSTILE_TEXTS) {
      await attacker.say(text)
      // Each is once the last message in the victim's list, too.
      await expect.poll(() => victim.page.locator('.summary').innerText(), WAIT).toBe(text)
    }
    await victim.conversations.click()
    await expect.poll(() => victim.bubbles.count(), WAIT).toBeGreaterThanOrEqual(15)
    await victim.page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 0))
    await expect.poll(() => victim.texts(), WAIT).toEqual(HOSTILE_TEXTS)
    expect(await attacker.texts()).toEqual(HOSTILE_TEXTS)
    expect([await hasRun(attacker.page), await hasRun(victim.page)]).toEqual([false, false])
    expect([...attacker.problems, ...victim.problems]).toEqual([])
  })

  describe('hostile user ids', () => {
    test.each(HOSTILE_USER_IDS)('%s', async (userID) => {
      const attacker = await signIn(browser, server.url, userID)
      const victim = await signIn(browser, server.url, 'victim_of_ids')
      await attacker.talkTo('victim_of_ids')
      await attacker.say('你好')
      const row = victim.conversations.filter({ has: victim.page.getByText(userID, { exact: true }) })
      await row.click()
      await victim.row('你好').waitFor()
      expect(await victim.page.locator('.peer h1').innerText()).toBe(userID)
      await victim.say('你是谁')
      await attacker.row('你是谁').waitFor()
      await victim.page.reload()
      await victim.row('你是谁').waitFor()
      expect([await hasRun(attacker.page), await hasRun(victim.page)]).toEqual([false, false])
      expect([...attacker.problems, ...victim.problems]).toEqual([])
    })
  })

  test('hostile addresses open nothing', async () => {
    for (const at of [
      '#%3Cimg%20src=x%20onerror=__xss=1%3E',
      '#%E0%A4%A',
      '?lang=__proto__',
      '?user=',
      '#javascript:__xss=1',
    ]) {
      const { page, problems } = await openWindow(browser, server.url, { at: at.startsWith('?user') ? '' : at })
      expect(await hasRun(page)).toBe(false)
      expect(problems).toEqual([])
      await page.close()
    }
  })

  test('the content policy stops a script that got into the page all the same', async () => {
    const { page, problems } = await openWindow(browser, server.url)
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.__xss = 1'
      document.body.append(script)
      const image = document.createElement('img')
      image.setAttribute('onerror', 'window.__xss = 1')
      image.src = 'data:image/png;base64,AA=='
      document.body.append(image)
    })
    await expect.poll(() => problems.filter((problem) => /Content Security Policy/.test(problem)).length, WAIT).toBe(2)
    expect(await hasRun(page)).toBe(false)
  })
})

function hasRun(page: Page): Promise<boolean> {
  return page.evaluate(() => '__xss' in window)
}
