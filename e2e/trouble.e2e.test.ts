import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { openLine, type CuttableLine } from './kit/cuttable-line.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { openWindow, signIn } from './kit/trial-window.ts'

const WAIT = { timeout: 30_000, interval: 50 }
/** How a browser reports that it could not connect; the only console error that may be seen here. */
const COULD_NOT_CONNECT = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY)/

describeInBrowser('trouble on the trial page', () => {
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
    await teacher.say('一')
    await parent.conversations.click()
    await parent.row('一').waitFor()
    line.cut()
    await teacher.page
      .locator('.banner')
      .getByText(/正在重新连接|网络断开/)
      .waitFor()
    await parent.say('二')
    await teacher.say('三')
    await teacher.row('三').getByText('发送中').waitFor()
    line.join()
    await parent.row('三').waitFor()
    await teacher.row('二').waitFor()
    await expect.poll(() => parent.texts(), WAIT).toEqual(['一', '二', '三'])
    await expect.poll(() => teacher.page.locator('.meta.sending').count(), WAIT).toBe(0)
    expect([...(await teacher.texts())].sort()).toEqual(['一', '三', '二'].sort())
    expect(teacher.problems.filter((problem) => !COULD_NOT_CONNECT.test(problem))).toEqual([])
  })

  test('a browser that is offline says so, and loses nothing when it is back', async () => {
    const teacher = await signIn(browser, server.url, 't_offline')
    const parent = await signIn(browser, server.url, 'p_offline')
    await teacher.talkTo('p_offline')
    await parent.talkTo('t_offline')
    await teacher.context.setOffline(true)
    await teacher.page.locator('.banner').getByText('网络断开了').waitFor()
    await parent.say('在吗')
    await teacher.say('没网了')
    await teacher.context.setOffline(false)
    await parent.row('没网了').waitFor()
    await teacher.row('在吗').waitFor()
    await expect.poll(() => teacher.page.locator('.banner').innerText(), WAIT).toBe('')
    expect([await teacher.bubbles.count(), await parent.bubbles.count()]).toEqual([2, 2])
    expect(teacher.problems.filter((problem) => !COULD_NOT_CONNECT.test(problem))).toEqual([])
  })

  test('a message that found no server in time can be sent again', async () => {
    const teacher = await openWindow(browser, line.url)
    await teacher.page.clock.install()
    await teacher.page.goto(`${line.url}?user=t_late`)
    await teacher.talkTo('p_late')
    line.cut()
    await teacher.say('请再发一次')
    await teacher.row('请再发一次').getByText('发送中').waitFor()
    await teacher.page.clock.fastForward(20_000)
    await teacher.row('请再发一次').getByText('没发出去').waitFor()
    line.join()
    await teacher.page.clock.fastForward(60_000)
    await expect.poll(() => teacher.page.locator('.banner').innerText(), WAIT).not.toMatch('正在重新连接')
    await teacher.row('请再发一次').getByRole('button', { name: '重发' }).click()
    await teacher.row('请再发一次').getByText('未读').waitFor()
    const parent = await signIn(browser, server.url, 'p_late')
    await parent.conversations.click()
    await parent.row('请再发一次').waitFor()
    expect(await parent.bubbles.count()).toBe(1)
  })

  test('a second login ends the first one with a dialog, from which the place can be taken back', async () => {
    const first = await signIn(browser, server.url, 't_twice')
    await first.talkTo('p_twice')
    await first.say('第一个窗口')
    const second = await signIn(browser, server.url, 't_twice')
    const dialog = first.page.getByRole('dialog', { name: '已在别处登录' })
    await dialog.waitFor()
    expect(await second.page.getByRole('dialog').count()).toBe(0)
    await dialog.getByRole('button', { name: '在这里登录' }).click()
    await second.page.getByRole('dialog', { name: '已在别处登录' }).waitFor()
    await first.row('第一个窗口').waitFor()
    expect(await first.page.getByRole('dialog').count()).toBe(0)
    await second.page.getByRole('button', { name: '换个用户' }).click()
    await second.page.locator('.login-card').waitFor()
    expect(second.page.url()).toBe(server.url)
  })

  test('a user id that cannot be one is refused with a sentence, not with a broken page', async () => {
    const someone = await openWindow(browser, server.url)
    await someone.page.getByLabel('或输入任意用户 ID').fill('有 空格')
    await someone.page.getByRole('button', { name: '进入' }).click()
    await someone.page.getByRole('alert').getByText('不含空格').waitFor()
    await someone.page.getByLabel('或输入任意用户 ID').fill('p_1002')
    await someone.page.getByRole('button', { name: '进入' }).click()
    await someone.page.locator('.conversations').waitFor()
  })
})
