import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs, type Person } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { threadOf, type WebThread } from '../kit/web-thread.ts'
import { signIn, type WebWindow } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const GROUP = 'class_e2e'

describeInBrowser('the messages of a conversation in the web demo', () => {
  let server: TrialServer
  let browser: Browser
  let teacher: WebWindow
  let parent: WebWindow
  let mine: WebThread
  let theirs: WebThread
  let writer: Person
  let founder: Person

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(), launchBrowser()])
    ;[teacher, parent] = await Promise.all([signIn(browser, server.url, 't_7'), signIn(browser, server.url, 'p_7')])
    ;[writer, founder] = await Promise.all([joinAs(server, 'p_8', '小华爸爸'), joinAs(server, 't_8', '赵老师')])
    mine = threadOf(teacher.page)
    theirs = threadOf(parent.page)
    const memberList = ['t_7', 'p_7', 'p_8'].map((userID) => ({ userID }))
    await founder.chat.createGroup({ name: '五年级（1）班', type: 'Public', groupID: GROUP, memberList })
  })
  afterEach(() => {
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })
  afterAll(async () => {
    await Promise.all([writer?.leave(), founder?.leave()])
    await browser?.close()
    await server?.stop()
  })

  test('two people chat, and each message says whether the peer has read it', async () => {
    await teacher.talkTo('p_7')
    await mine.say('您好，家长会改到周五')
    await mine.message('您好，家长会改到周五').getByText('未读').waitFor()
    await parent.talkTo('t_7')
    await mine.message('您好，家长会改到周五').getByText('已读').waitFor()
    await theirs.say('王老师好！')
    await mine.message('王老师好！').waitFor()
    expect(await mine.texts()).toEqual(['您好，家长会改到周五', '王老师好！'])
    expect(await theirs.texts()).toEqual(['您好，家长会改到周五', '王老师好！'])
  })

  test('the peer sees that somebody is typing', async () => {
    await mine.composer.pressSequentially('您')
    await parent.page.locator('.chat header').getByText('对方正在输入').waitFor()
    await mine.composer.fill('')
    await expect.poll(() => parent.page.getByText('对方正在输入').count(), WAIT).toBe(0)
    expect(await theirs.texts()).toHaveLength(2)
  })

  test('a recalled message disappears for both, can be edited again, and stays recalled after a reload', async () => {
    await mine.say('明天放假')
    await theirs.message('明天放假').waitFor()
    await mine.choose('明天放假', '撤回')
    await theirs.notes.getByText('t_7 撤回了一条消息').waitFor()
    expect(await theirs.message('明天放假').count()).toBe(0)
    await teacher.page.getByRole('button', { name: '重新编辑' }).click()
    await expect.poll(() => mine.composer.inputValue(), WAIT).toBe('明天放假')
    await mine.composer.fill('')
    await teacher.page.reload()
    await mine.notes.getByText('你撤回了一条消息').waitFor()
    expect(await teacher.page.getByRole('button', { name: '重新编辑' }).count()).toBe(0)
  })

  test('a message deleted for me stays with the peer and away after a reload', async () => {
    await mine.say('留下')
    await mine.say('删掉')
    await theirs.message('删掉').waitFor()
    await theirs.choose('删掉', '仅为我删除')
    await expect.poll(() => theirs.message('删掉').count(), WAIT).toBe(0)
    await parent.page.reload()
    await theirs.message('留下').waitFor()
    expect(await theirs.message('删掉').count()).toBe(0)
    expect(await mine.message('删掉').count()).toBe(1)
  })

  test('what is out of sight below is unread until it is scrolled to', async () => {
    for (let i = 1; i <= 24; i++) await mine.say(`第 ${i} 条`)
    await theirs.message('第 24 条').waitFor()
    await theirs.scrollTo(60)
    await mine.say('再看看下面')
    const jump = parent.page.getByRole('button', { name: '有 1 条新消息' })
    await jump.waitFor()
    expect(await mine.message('再看看下面').getByText('未读').count()).toBe(1)
    await jump.click()
    await mine.message('再看看下面').getByText('已读').waitFor()
    expect(await theirs.message('再看看下面').count()).toBe(1)
  })

  test('many unread messages: the button leads to the first of them, below a line that says so', async () => {
    for (let i = 1; i <= 40; i++) await writer.say('t_7', `早先 ${i}`)
    await teacher.talkTo('p_8')
    await mine.message('早先 40').waitFor()
    await expect.poll(() => unreadOf(writer, 't_7'), WAIT).toBe(0)
    await teacher.goTo('/settings')
    await teacher.page.locator('.chat').waitFor({ state: 'detached' })
    for (let i = 1; i <= 45; i++) await writer.say('t_7', `新的 ${i}`)
    await teacher.talkTo('p_8')
    await mine.message('新的 45').waitFor()
    await teacher.page.getByRole('button', { name: /条未读/ }).click()
    await mine.message('新的 1').waitFor()
    await teacher.page.getByText('以下为新消息').waitFor()
    await expect.poll(() => teacher.page.evaluate(firstBelowLine), WAIT).toBe('新的 1')
    // Downwards again, through pages that were not there, to the newest one.
    await teacher.page.getByRole('button', { name: '回到最新' }).click()
    await mine.message('新的 45').waitFor()
  })

  test('history loads above while what is being read stays where it is', async () => {
    await teacher.goTo('/settings')
    await teacher.page.locator('.chat').waitFor({ state: 'detached' })
    await teacher.talkTo('p_8')
    await mine.message('新的 45').waitFor()
    await mine.standsStill()
    const seen = new Set<string>()
    for (let rounds = 0; rounds < 60 && !seen.has('早先 1'); rounds++) {
      for (const text of await mine.texts()) seen.add(text)
      const moved = await mine.scroller.evaluate(scrollUpAndWatch, 300)
      expect(Math.abs(moved)).toBeLessThan(2)
    }
    expect(seen.size).toBe(85)
  })

  test('a group says who has joined, who has read, and opens the two lists', async () => {
    await teacher.open(`GROUP${GROUP}`)
    await mine.notes.getByText('赵老师 邀请 你、p_7、小华爸爸 加入了群聊').waitFor()
    await mine.say('请各位家长确认收到')
    const message = mine.message('请各位家长确认收到')
    await message.getByText('3 人未读').waitFor()
    await parent.open(`GROUP${GROUP}`)
    await message.getByRole('button', { name: '2 人未读' }).click()
    const panel = teacher.page.getByRole('complementary', { name: '消息阅读情况' })
    await panel.getByText('小华爸爸').waitFor()
    await panel.getByRole('tab', { name: '已读 1' }).click()
    await panel.getByText('p_7').waitFor()
    await panel.getByRole('button', { name: '关闭' }).click()
  })

  test('reactions stand under the message for everybody and are taken back by a click', async () => {
    await theirs.message('请各位家长确认收到').hover()
    await theirs.message('请各位家长确认收到').getByRole('button', { name: '回应' }).click()
    await parent.page.getByRole('menuitem', { name: '用 👍 回应' }).click()
    const mark = mine.message('请各位家长确认收到').locator('.reactions button')
    await expect.poll(() => mark.innerText(), WAIT).toMatch(/👍\s*1/)
    await mark.click()
    await expect.poll(() => theirs.message('请各位家长确认收到').locator('.reactions').innerText(), WAIT).toMatch(/2/)
    await theirs.message('请各位家长确认收到').locator('.reactions button').click()
    await expect.poll(() => mark.innerText(), WAIT).toMatch(/1/)
  })

  test('several messages are forwarded as one, and can be read in it', async () => {
    await theirs.say('收到')
    await mine.message('收到').waitFor()
    await mine.choose('请各位家长确认收到', '多选')
    await mine.message('收到').click()
    await teacher.page.getByRole('button', { name: '合并转发' }).click()
    await mine.dialog.getByRole('checkbox', { name: '小华爸爸' }).click()
    await mine.dialog.getByRole('button', { name: '发送' }).click()
    await teacher.talkTo('p_8')
    const card = mine.messages.filter({ hasText: '五年级（1）班的聊天记录' })
    await card.getByText('p_7：收到').waitFor()
    await card.getByRole('button', { name: '五年级（1）班的聊天记录' }).click()
    await mine.dialog.getByText('请各位家长确认收到', { exact: true }).waitFor()
    expect(await mine.dialog.locator('.list > li').count()).toBe(2)
    await teacher.page.keyboard.press('Escape')
  })

  test('a pinned message leads to its place, from which one reads on to the newest', async () => {
    for (let i = 1; i <= 90; i++) await founder.say(GROUP, `通知 ${i}`, { in: 'GROUP' })
    await teacher.open(`GROUP${GROUP}`)
    await founder.chat.pinGroupMessage({ groupID: GROUP, message: await firstIn(founder), isPinned: true })
    await teacher.page.locator('.pinned').getByText('请各位家长确认收到').click()
    await expect.poll(() => mine.message('请各位家长确认收到').getAttribute('class'), WAIT).toContain('lit')
    await vi.waitUntil(async () => {
      await mine.scroller.evaluate((element) => (element.scrollTop = element.scrollHeight))
      return (await mine.message('通知 90').count()) > 0
    }, WAIT)
  })

  test('the keyboard moves between messages and opens their menu', async () => {
    await teacher.page.locator('.message[tabindex="0"]').focus()
    expect(await focusedText()).toBe('通知 90')
    await teacher.page.keyboard.press('ArrowUp')
    await teacher.page.keyboard.press('ArrowUp')
    expect(await focusedText()).toBe('通知 88')
    await teacher.page.keyboard.press('ContextMenu')
    await teacher.page.getByRole('menu', { name: '消息操作' }).waitFor()
    await teacher.page.keyboard.press('Escape')
    await expect.poll(focusedText, WAIT).toBe('通知 88')
  })

  async function focusedText(): Promise<string | undefined> {
    return teacher.page.evaluate(() => document.activeElement?.querySelector<HTMLElement>('.bubble')?.innerText)
  }

  async function firstIn({ chat }: Person) {
    const conversationID = `GROUP${GROUP}`
    const { messageList } = (await chat.getMessageListHopping({ conversationID, sequence: 1, direction: 1 })).data
    const wanted = messageList.find(({ payload }) => payload.text === '请各位家长确认收到')
    if (!wanted) throw new Error('it is not among the first messages')
    return wanted
  }
})

/** How many of the writer's messages the reader has not read. */
async function unreadOf({ chat }: Person, reader: string): Promise<number> {
  const { messageList } = (await chat.getMessageList({ conversationID: `C2C${reader}` })).data
  return messageList.filter(({ flow, isPeerRead }) => flow === 'out' && !isPeerRead).length
}

/** Runs in the page, so it stands alone: the first message below the line, where that is in sight. */
function firstBelowLine(): string | undefined {
  const top = document.querySelector('.thread')?.getBoundingClientRect().top ?? 0
  const line = document.querySelector('.thread .unread span')?.getBoundingClientRect().top ?? -1
  if (line < top) return undefined
  const bubbles = [...document.querySelectorAll<HTMLElement>('.thread .bubble')]
  const below = bubbles.filter((bubble) => bubble.getBoundingClientRect().top > line)
  const [first] = below.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
  return first?.innerText
}

/**
 * Runs in the page, so it stands alone: scrolls up, and while pages of history may arrive looks how far what is in sight
 * has moved.
 */
async function scrollUpAndWatch(scroller: Element, by: number): Promise<number> {
  scroller.scrollTop = Math.max(1, scroller.scrollTop - by)
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
  await frame()
  await frame()
  const middle = scroller.getBoundingClientRect().top + scroller.clientHeight / 2
  const messages = [...scroller.querySelectorAll<HTMLElement>('.message')]
  const watched = messages.find((message) => message.getBoundingClientRect().bottom > middle)
  const ID = watched?.dataset['id']
  const before = watched?.getBoundingClientRect().top ?? 0
  for (let frames = 0; frames < 12; frames++) await frame()
  const after = scroller.querySelector(`[data-id="${ID}"]`)?.getBoundingClientRect().top ?? Number.NaN
  return after - before
}
