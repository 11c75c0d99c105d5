import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { openWindow, signInAgain, type TrialWindow } from './kit/trial-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }

describeInBrowser('two windows on the trial page', () => {
  let server: TrialServer
  let browser: Browser
  let teacher: TrialWindow
  let parent: TrialWindow
  // A pair of users per test, so that no test meets another's history.
  let pair = 0

  beforeAll(async () => {
    server = await startServer()
    browser = await launchBrowser()
    ;[teacher, parent] = await Promise.all([openWindow(browser, server.url), openWindow(browser, server.url)])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  beforeEach(async () => {
    pair++
    await Promise.all([signInAgain(teacher, server.url, `t_${pair}`), signInAgain(parent, server.url, `p_${pair}`)])
  })
  afterEach(() => {
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })

  test('a teacher and a parent log in from the card and chat both ways', async () => {
    for (const [window, name] of [[teacher, '王老师'] as const, [parent, '小明妈妈'] as const]) {
      await window.page.getByRole('button', { name: '退出登录' }).click()
      await window.page.locator('.login-card').getByRole('button', { name }).click()
    }
    await teacher.talkTo('p_1001')
    await teacher.say('您好，小明妈妈')
    await parent.conversations.filter({ hasText: '王老师' }).click()
    await parent.row('您好，小明妈妈').waitFor()
    await parent.say('王老师好！')
    await teacher.row('王老师好！').waitFor()
    expect(await teacher.texts()).toEqual(['您好，小明妈妈', '王老师好！'])
    expect(await parent.texts()).toEqual(['您好，小明妈妈', '王老师好！'])
  })

  test('unread messages are counted on the conversation and in the title until it is opened', async () => {
    await teacher.talkTo(`p_${pair}`)
    for (const text of ['一', '二', '三']) await teacher.say(text)
    await expect.poll(() => parent.page.locator('.badge').innerText(), WAIT).toBe('3')
    await expect.poll(() => parent.page.title(), WAIT).toMatch(/^\(3\)/)
    await parent.conversations.click()
    await expect.poll(() => parent.page.locator('.badge').count(), WAIT).toBe(0)
    await expect.poll(() => parent.page.title(), WAIT).not.toMatch(/^\(/)
  })

  test('a message says whether the peer has read it', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('收到请回复')
    await teacher.row('收到请回复').getByText('未读').waitFor()
    await parent.conversations.click()
    await teacher.row('收到请回复').getByText('已读').waitFor()
  })

  test('what is out of sight below counts as unread until it is scrolled to', async () => {
    await teacher.talkTo(`p_${pair}`)
    await parent.talkTo(`t_${pair}`)
    for (let i = 1; i <= 30; i++) await teacher.say(`第 ${i} 条`)
    await parent.row('第 30 条').waitFor()
    await parent.page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 200))
    await teacher.say('再看看下面')
    const jump = parent.page.getByRole('button', { name: '有新消息' })
    await jump.waitFor()
    expect(await teacher.row('再看看下面').locator('.read').count()).toBe(0)
    await jump.click()
    await teacher.row('再看看下面').getByText('已读').waitFor()
  })

  test('a recalled message disappears for both and can be edited again', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('明天放假')
    await parent.conversations.click()
    await parent.row('明天放假').waitFor()
    await teacher.choose(teacher.row('明天放假'), '撤回')
    await parent.page.getByText(`t_${pair} 撤回了一条消息`).first().waitFor()
    expect(await parent.bubbles.count()).toBe(0)
    await teacher.page.getByRole('button', { name: '重新编辑' }).click()
    expect(await teacher.composer.inputValue()).toBe('明天放假')
  })

  test('a recalled message stays recalled after a reload', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('发错了')
    await teacher.row('发错了').getByText('未读').waitFor()
    await teacher.choose(teacher.row('发错了'), '撤回')
    await teacher.page.locator('.notice').getByText('你撤回了一条消息').waitFor()
    await teacher.page.reload()
    await teacher.page.locator('.notice').getByText('你撤回了一条消息').waitFor()
    expect(await teacher.bubbles.count()).toBe(0)
  })

  test('a message deleted for me stays with the peer and away after a reload', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('留下')
    await teacher.say('删掉')
    await parent.conversations.click()
    await parent.row('删掉').waitFor()
    await parent.choose(parent.row('删掉'), '仅为我删除')
    await expect.poll(() => parent.texts(), WAIT).toEqual(['留下'])
    await parent.page.reload()
    await expect.poll(() => parent.texts(), WAIT).toEqual(['留下'])
    expect(await teacher.texts()).toEqual(['留下', '删掉'])
  })

  test('a reload keeps the user, the open conversation and its history', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('第一行\n第二行')
    await teacher.row('第一行\n第二行').getByText('未读').waitFor()
    await teacher.page.reload()
    await expect.poll(() => teacher.texts(), WAIT).toEqual(['第一行\n第二行'])
    expect(await teacher.page.locator('.peer h1').innerText()).toBe(`p_${pair}`)
  })

  test('scrolling up loads the history without moving what is being read', async () => {
    await teacher.talkTo(`p_${pair}`)
    for (let i = 1; i <= 60; i++) await teacher.say(`第 ${i} 条`)
    await teacher.row('第 60 条').getByText('未读').waitFor()
    await teacher.page.reload()
    await teacher.row('第 60 条').waitFor()
    const scroller = teacher.page.locator('.scroller')
    // The page fills the window by itself before there is anything to scroll.
    await vi.waitUntil(() => scroller.evaluate((element) => element.scrollHeight > element.clientHeight + 60), WAIT)
    for (let read = await oldest(); read > 1; read = await oldest()) {
      const before = await scroller.evaluate((element) => {
        element.scrollTop = 1
        return element.querySelector('.bubble')?.getBoundingClientRect().top ?? 0
      })
      await vi.waitUntil(async () => (await oldest()) < read, WAIT)
      const bubble = teacher.row(`第 ${read} 条`).locator('.bubble')
      const after = await bubble.evaluate((element) => element.getBoundingClientRect().top)
      expect(Math.abs(after - before)).toBeLessThan(2)
    }
    expect(await teacher.texts()).toEqual(Array.from({ length: 60 }, (_, i) => `第 ${i + 1} 条`))

    async function oldest(): Promise<number> {
      return Number((await teacher.texts())[0]?.replace(/\D/g, ''))
    }
  })

  test('the peer sees that somebody is typing', async () => {
    await teacher.talkTo(`p_${pair}`)
    await parent.talkTo(`t_${pair}`)
    await teacher.composer.pressSequentially('您')
    await parent.page.locator('.peer .typing').waitFor()
    await teacher.composer.fill('')
    await expect.poll(() => parent.page.locator('.peer .typing').count(), WAIT).toBe(0)
    expect(await parent.bubbles.count()).toBe(0)
  })

  test('Enter sends, Shift+Enter begins a line, and Enter inside an input method does neither', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.composer.fill('甲')
    await teacher.composer.dispatchEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
      cancelable: true,
    })
    expect(await teacher.bubbles.count()).toBe(0)
    await teacher.composer.press('Shift+Enter')
    await teacher.composer.pressSequentially('乙')
    expect(await teacher.bubbles.count()).toBe(0)
    await teacher.composer.press('Enter')
    await expect.poll(() => teacher.texts(), WAIT).toEqual(['甲\n乙'])
  })

  test('faces and places arrive as such', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.page.getByRole('button', { name: '表情' }).click()
    await teacher.page.getByRole('button', { name: '🌹' }).click()
    await teacher.page.getByRole('button', { name: '位置' }).click()
    const dialog = teacher.page.getByRole('dialog', { name: '发送位置' })
    await dialog.getByLabel('地点').fill('学校东门')
    await dialog.getByLabel('纬度').fill('39.9042')
    await dialog.getByLabel('经度').fill('116.4074')
    await dialog.getByRole('button', { name: '发送' }).click()
    await parent.conversations.filter({ hasText: '[位置] 学校东门' }).click()
    await parent.page.locator('.face').getByText('🌹').waitFor()
    await parent.page.locator('.place').getByText('39.9042, 116.4074').waitFor()
  })

  test('a pinned conversation goes up, a deleted one away', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('在吗')
    await teacher.talkTo(`p_${pair}_b`)
    await teacher.say('也在吗')
    const names = (): Promise<readonly string[]> => teacher.page.locator('.conversation strong').allInnerTexts()
    await expect.poll(names, WAIT).toEqual([`p_${pair}_b`, `p_${pair}`])
    const first = teacher.page
      .locator('.conversation-list li')
      .filter({ has: teacher.page.getByText(`p_${pair}`, { exact: true }) })
    await teacher.choose(first, '置顶')
    await expect.poll(names, WAIT).toEqual([`p_${pair}`, `p_${pair}_b`])
    await teacher.choose(first, '删除会话')
    await expect.poll(names, WAIT).toEqual([`p_${pair}_b`])
  })

  test('what was begun in one conversation waits there as a draft', async () => {
    await teacher.talkTo(`p_${pair}`)
    await teacher.say('在吗')
    await teacher.composer.fill('还没写完')
    await teacher.talkTo(`p_${pair}_b`)
    expect(await teacher.composer.inputValue()).toBe('')
    await teacher.conversations.filter({ hasText: '[草稿] 还没写完' }).click()
    await expect.poll(() => teacher.composer.inputValue(), WAIT).toBe('还没写完')
  })
})
