import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../kit/browser.ts'
import { openLine, type CuttableLine } from '../kit/cuttable-line.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { threadOf, type WebThread } from '../kit/web-thread.ts'
import { COULD_NOT_CONNECT, openWindow, signIn, type WebWindow } from '../kit/web-window.ts'

const WAIT = { timeout: 30_000, interval: 50 }

describeInBrowser('trouble on the web demo', () => {
  let server: TrialServer
  let browser: Browser
  let line: CuttableLine

  beforeAll(async () => {
    server = await startServer()
    browser = await launchBrowser()
    line = await openLine(server.url)
  })
  afterEach(async () => {
    line.join()
    await Promise.all(browser.contexts().map((context) => context.close()))
  })
  afterAll(async () => {
    await browser?.close()
    await line?.close()
    await server?.stop()
  })

  test('what is said on both sides of a cut line arrives once and in order when it is joined', async () => {
    const teacher = await signIn(browser, line.url, 't_cut')
    const parent = await signIn(browser, server.url, 'p_cut')
    await teacher.talkTo('p_cut')
    await chatOf(teacher).say('一')
    await parent.conversations.click()
    await chatOf(parent).message('一').waitFor()
    line.cut()
    await banner(teacher)
      .getByText(/正在连接|网络断开/)
      .waitFor()
    await chatOf(parent).say('二')
    await chatOf(teacher).say('三')
    await chatOf(teacher).message('三').getByLabel('正在发送').waitFor()
    line.join()
    await chatOf(parent).message('三').waitFor()
    await chatOf(teacher).message('二').waitFor()
    await expect.poll(() => chatOf(parent).texts(), WAIT).toEqual(['一', '二', '三'])
    await expect.poll(() => teacher.page.getByLabel('正在发送').count(), WAIT).toBe(0)
    expect([...(await chatOf(teacher).texts())].sort()).toEqual(['一', '三', '二'].sort())
    expect(teacher.problems.filter((problem) => !COULD_NOT_CONNECT.test(problem))).toEqual([])
  })

  test('a browser that is offline says so, and loses nothing when it is back', async () => {
    const teacher = await signIn(browser, server.url, 't_offline')
    const parent = await signIn(browser, server.url, 'p_offline')
    await teacher.talkTo('p_offline')
    await parent.talkTo('t_offline')
    await teacher.context.setOffline(true)
    await banner(teacher).getByText('网络断开了').waitFor()
    await chatOf(parent).say('在吗')
    await chatOf(teacher).say('没网了')
    await teacher.context.setOffline(false)
    await chatOf(parent).message('没网了').waitFor()
    await chatOf(teacher).message('在吗').waitFor()
    await expect.poll(() => banner(teacher).innerText(), WAIT).toBe('')
    expect([(await chatOf(teacher).texts()).length, (await chatOf(parent).texts()).length]).toEqual([2, 2])
    expect(teacher.problems.filter((problem) => !COULD_NOT_CONNECT.test(problem))).toEqual([])
  })

  test('a hiccup of less than a second is not worth a word', async () => {
    const { page, context } = await signIn(browser, server.url, 't_hiccup')
    await page.getByText('还没有会话').waitFor()
    await page.evaluate(() => {
      const place = document.querySelector('[role=status].place')
      const seen: string[] = []
      Object.assign(window, { seen })
      if (place) new MutationObserver(() => seen.push(place.textContent ?? '')).observe(place, { childList: true })
    })
    await page.clock.install()
    await context.setOffline(true)
    await context.setOffline(false)
    await page.clock.fastForward(5_000)
    await expect.poll(() => page.evaluate(() => navigator.onLine)).toBe(true)
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
    expect(seen.filter((text) => text.includes('断开'))).toEqual([])
  })

  test('a message that found no server in time can be sent again', async () => {
    const teacher = await openWindow(browser, line.url)
    await teacher.page.clock.install()
    await teacher.page.goto(`${line.url}?user=t_late`)
    await teacher.page.locator('.shell').waitFor()
    await teacher.talkTo('p_late')
    await chatOf(teacher).composer.waitFor()
    line.cut()
    await chatOf(teacher).say('请再发一次')
    await chatOf(teacher).message('请再发一次').getByLabel('正在发送').waitFor()
    await teacher.page.clock.fastForward(20_000)
    const resend = chatOf(teacher).message('请再发一次').getByRole('button', { name: '重新发送' }).first()
    await resend.waitFor()
    line.join()
    await teacher.page.clock.fastForward(60_000)
    await expect.poll(() => banner(teacher).innerText(), WAIT).not.toMatch('正在连接')
    await resend.click()
    await expect.poll(() => resend.count(), WAIT).toBe(0)
    const parent = await signIn(browser, server.url, 'p_late')
    await parent.conversations.click()
    await chatOf(parent).message('请再发一次').waitFor()
    expect(await chatOf(parent).texts()).toHaveLength(1)
  })

  test('a server that is not there at first is waited for, and asked again on demand', async () => {
    const { page } = await openWindow(browser, server.url)
    await page.route('**/im/about', (route) => route.abort())
    await page.goto(`${server.url}?user=t_early`)
    await page.getByText('连不上学校的服务器').waitFor()
    await page.unroute('**/im/about')
    await page.getByRole('button', { name: '现在再试' }).click()
    await page.locator('.shell').waitFor()
  })

  test('a sign-in that finds no server is told in words, and works when it is there again', async () => {
    const { page } = await openWindow(browser, line.url)
    await page.getByRole('button', { name: /王老师/ }).waitFor()
    line.cut()
    await page.getByRole('button', { name: /王老师/ }).click()
    await page.getByRole('alert').getByText('连不上服务器').waitFor()
    line.join()
    await page.getByRole('button', { name: /王老师/ }).click()
    await page.locator('.shell').waitFor()
  })
})

function banner({ page }: WebWindow): WebWindow['conversations'] {
  return page.locator('.shell > [role=status]')
}

function chatOf({ page }: WebWindow): WebThread {
  return threadOf(page)
}
