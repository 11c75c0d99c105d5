import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { HOSTILE_TEXTS, HOSTILE_USER_IDS } from './kit/attacks.ts'
import { launchBrowser } from './kit/browser.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { openWindow, signIn, signInAgain } from './kit/trial-window.ts'

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
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      await attacker.say(text)
      // The list is told of changes once a second: a few of the texts must do.
      if (index % 6 === 1) await expect.poll(() => victim.page.locator('.summary').innerText(), WAIT).toBe(text)
    }
    await victim.conversations.click()
    await expect.poll(() => victim.bubbles.count(), WAIT).toBeGreaterThanOrEqual(15)
    await victim.page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 0))
    await expect.poll(() => victim.texts(), WAIT).toEqual(HOSTILE_TEXTS)
    expect(await attacker.texts()).toEqual(HOSTILE_TEXTS)
    expect([await hasRun(attacker.page), await hasRun(victim.page)]).toEqual([false, false])
    expect([...attacker.problems, ...victim.problems]).toEqual([])
  })

  test('hostile user ids are names and nothing else', async () => {
    const victim = await signIn(browser, server.url, 'victim_of_ids')
    const attacker = await openWindow(browser, server.url)
    for (const userID of HOSTILE_USER_IDS) {
      await signInAgain(attacker, server.url, userID)
      await attacker.talkTo('victim_of_ids')
      await attacker.say('你好')
      await attacker.row('你好').getByText('未读').waitFor()
      expect([await hasRun(attacker.page), attacker.problems]).toEqual([false, []])
    }
    for (const userID of HOSTILE_USER_IDS) {
      await victim.conversations.filter({ has: victim.page.getByText(userID, { exact: true }) }).click()
      await victim.row('你好').waitFor()
      expect(await victim.page.locator('.peer h1').innerText()).toBe(userID)
      await victim.say('你是谁')
      await victim
        .row('你是谁')
        .getByText(/未读|已读/)
        .waitFor()
    }
    await attacker.page.reload()
    await attacker.conversations.click()
    await attacker.row('你是谁').waitFor()
    await victim.page.reload()
    await victim.row('你是谁').waitFor()
    expect(await victim.conversations.count()).toBe(HOSTILE_USER_IDS.length)
    expect([await hasRun(victim.page), ...victim.problems, ...attacker.problems]).toEqual([false])
  })

  test('hostile addresses open nothing', async () => {
    const { page, problems } = await openWindow(browser, server.url)
    for (const at of ['#%3Cimg%20src=x%20onerror=__xss=1%3E', '#%E0%A4%A', '?lang=__proto__', '?user=', '#__xss=1']) {
      await page.goto(server.url + at)
      await page.reload()
      await page.locator('.login-card').waitFor()
      expect(await hasRun(page)).toBe(false)
      expect(problems).toEqual([])
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
