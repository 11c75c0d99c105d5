import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { signIn, type WebWindow } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const MANY = 150

describeInBrowser('the list of conversations', () => {
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

  test(`of ${MANY} conversations only those in sight are there, and the keyboard reaches all`, async () => {
    const busy = await joinAs(server, 't_many')
    const peers = Array.from({ length: MANY }, (_, index) => `p_many_${String(index).padStart(3, '0')}`)
    for (const peer of peers) await busy.say(peer, `给 ${peer}`)
    await busy.leave()
    const { page, conversations, problems } = await signIn(browser, server.url, 't_many')
    await conversations.first().waitFor()
    expect(await conversations.count()).toBeLessThan(60)
    await page.getByRole('textbox', { name: /搜索/ }).press('ArrowDown')
    await expect.poll(() => focusedConversation(page)).toBe('C2Cp_many_149')
    await page.keyboard.press('End')
    await expect.poll(() => focusedConversation(page), WAIT).toBe('C2Cp_many_000')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => focusedConversation(page), WAIT).toBe('C2Cp_many_001')
    expect(await conversations.count()).toBeLessThan(60)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toMatch(/p_many_001$/)
    await page.locator('.composer textarea:focus').waitFor()
    // A whole list is found again from what is typed, without asking for more.
    await page.keyboard.press('Control+k')
    await page.keyboard.type('many_12')
    // Messages that the server finds follow below.
    const found = page.locator('.results > [role=group]').first().locator('.found')
    await expect.poll(() => found.count(), WAIT).toBe(10)
    expect(problems).toEqual([])
  })

  test('a row says who, what, when, how many, and what is special about it', async () => {
    const teacher = await joinAs(server, 't_rows', '王老师')
    const parent = await joinAs(server, 'p_rows', '小明妈妈')
    const { data } = await teacher.chat.createGroup({
      name: '三年级二班',
      type: 'Public',
      memberList: [{ userID: 'p_rows' }],
    })
    const groupID = data.group.groupID
    await parent.say('t_rows', '第一行\n第二行')
    await parent.chat.sendMessage(
      parent.chat.createTextAtMessage({
        to: groupID,
        conversationType: 'GROUP',
        payload: { text: '@王老师 带什么？', atUserList: ['t_rows'] },
      }),
    )
    await teacher.leave()
    const window = await signIn(browser, server.url, 't_rows')
    const { page } = window
    const group = window.conversation('三年级二班')
    const mother = window.conversation('小明妈妈')
    await group.getByText('[有人@我]').waitFor()
    expect(await summaryOf(group)).toBe('[有人@我]小明妈妈: @王老师 带什么？')
    expect(await summaryOf(mother)).toBe('第一行 第二行')
    expect(await mother.locator('time').innerText()).toMatch(/^\d\d:\d\d$/)
    await mother.getByText('1 条未读').waitFor()

    await chooseFrom(window, mother, '置顶')
    await expect.poll(() => window.conversations.first().innerText(), WAIT).toContain('小明妈妈')
    await mother.getByText('已置顶').waitFor()
    const before = unreadIn(await page.title())
    await chooseFrom(window, mother, '消息免打扰')
    await mother.locator('.badge.quiet').waitFor()
    await expect.poll(async () => unreadIn(await page.title()), WAIT).toBe(before - 1)

    const typing = { businessID: 'user_typing_status', typingStatus: 1, version: 1, userAction: 14, actionParam: '' }
    const payload = { data: JSON.stringify(typing), description: '', extension: '' }
    const news = parent.chat.createCustomMessage({ to: 't_rows', conversationType: 'C2C', payload })
    await parent.chat.sendMessage(news, { onlineUserOnly: true })
    await mother.getByText('对方正在输入…').waitFor()
    const wrong = parent.chat.createTextMessage({ to: 't_rows', conversationType: 'C2C', payload: { text: '发错了' } })
    await parent.chat.sendMessage(wrong)
    await mother.getByText('发错了').waitFor()
    await parent.chat.revokeMessage(wrong)
    await mother.getByText('小明妈妈 撤回了一条消息').waitFor()
    expect(window.problems).toEqual([])
    await parent.leave()
  })

  test('a draft is shown where one is not writing', async () => {
    const parent = await joinAs(server, 'p_draft', '小明妈妈')
    await parent.say('t_draft', '在吗')
    const window = await signIn(browser, server.url, 't_draft')
    await window.talkTo('p_draft')
    await window.page.locator('.composer textarea').fill('还没写完')
    await window.goTo('/chats')
    await expect.poll(() => summaryOf(window.conversation('小明妈妈')), WAIT).toBe('[草稿]还没写完')
    await parent.leave()
  })

  test('a hidden conversation comes back with the next message, a deleted one without its past', async () => {
    const parent = await joinAs(server, 'p_gone', '小明妈妈')
    await parent.say('t_gone', '从前')
    const window = await signIn(browser, server.url, 't_gone')
    const mother = window.conversation('小明妈妈')
    await chooseFrom(window, mother, '不显示')
    await window.page.getByText('还没有会话').waitFor()
    await window.page.reload()
    await window.page.getByText('还没有会话').waitFor()
    await window.page.waitForFunction((since) => Math.floor(Date.now() / 1000) > since, Math.floor(Date.now() / 1000))
    await parent.say('t_gone', '后来')
    await mother.getByText('后来').waitFor()
    await chooseFrom(window, mother, '删除会话')
    await window.page.getByRole('dialog').getByRole('button', { name: '删除' }).click()
    await window.page.getByText('还没有会话').waitFor()
    await parent.say('t_gone', '重新开始')
    await mother.click()
    await window.page.locator('.bubble').getByText('重新开始').waitFor()
    expect(await window.page.locator('.bubble').count()).toBe(1)
    await parent.leave()
  })

  test('a search finds conversations, and people by their whole id; Enter opens the first', async () => {
    const [teacher, stranger] = await Promise.all([
      joinAs(server, 't_seek', '王老师'),
      joinAs(server, 'p_hidden', '周奶奶'),
    ])
    await teacher.say('p_found', '春游的通知')
    await teacher.leave()
    const { page } = await signIn(browser, server.url, 't_seek')
    await page.locator('.conversation').waitFor()
    const search = page.getByRole('textbox', { name: /搜索/ })
    await search.fill('春游')
    await page.locator('.found mark').getByText('春游').waitFor()
    await search.press('Escape')
    expect(await search.inputValue()).toBe('')
    await search.fill('p_hidden')
    await page.getByRole('group', { name: '联系人' }).getByText('周奶奶').waitFor()
    await search.press('Enter')
    await expect.poll(() => page.url(), WAIT).toMatch(/C2Cp_hidden$/)
    await search.fill('没有这样的词')
    await page.getByText('没有找到').waitFor()
    await stranger.leave()
  })

  test('words that were said are found in all conversations, and lead to their place', async () => {
    const teacher = await joinAs(server, 't_said', '王老师')
    await teacher.say('p_said', '春游请带上雨衣')
    for (let index = 1; index <= 40; index++) await teacher.say('p_said', `第 ${index} 条`)
    await teacher.say('p_said', '雨衣不用带了')
    await teacher.leave()
    const { page, problems } = await signIn(browser, server.url, 'p_said')
    await page.locator('.conversation').waitFor()
    const search = page.getByRole('textbox', { name: /搜索/ })
    await search.fill('请带上雨衣')
    await page.locator('.found').filter({ hasText: '春游请带上雨衣' }).click()
    await page.locator('.message.lit').getByText('春游请带上雨衣').waitFor()
    await search.fill('雨衣')
    await page.locator('.found').filter({ hasText: '2 条相关消息' }).click()
    const panel = page.getByRole('complementary').filter({ has: page.getByRole('search') })
    await expect.poll(() => panel.locator('mark').allInnerTexts(), WAIT).toEqual(['雨衣', '雨衣'])
    await panel.getByRole('button', { name: '雨衣不用带了' }).click()
    await page.locator('.message.lit').getByText('雨衣不用带了').waitFor()
    expect(problems).toEqual([])
  })

  test('something new begins with the menu: a chat with somebody, by the keyboard', async () => {
    const somebody = await joinAs(server, 'p_begin', '小红爸爸')
    const { page } = await signIn(browser, server.url, 't_begin')
    await page.getByRole('button', { name: '发起聊天' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('End')
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('加入群聊')
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: '找人聊天' }).waitFor()
    await page.keyboard.type('p_nobody_at_all')
    await page.keyboard.press('Enter')
    await page.getByText('没有这个用户').waitFor()
    await page.getByRole('dialog').getByRole('textbox').fill('p_begin')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('小红爸爸').waitFor()
    await page.getByRole('button', { name: '发消息' }).click()
    await expect.poll(() => page.url(), WAIT).toMatch(/C2Cp_begin$/)
    await somebody.leave()
  })

  test('who asks to join a group is let in from the notices', async () => {
    const teacher = await joinAs(server, 't_notice', '王老师')
    const { data } = await teacher.chat.createGroup({ name: '家委会', type: 'Public', joinOption: 'NeedPermission' })
    await teacher.leave()
    const parent = await joinAs(server, 'p_notice', '小丽爸爸')
    await parent.chat.joinGroup({ groupID: data.group.groupID, applyMessage: '我是小丽的爸爸' })
    const { page, problems } = await signIn(browser, server.url, 't_notice')
    await page.locator('.conversation').filter({ hasText: '系统通知' }).click()
    const notice = page.getByRole('listitem').filter({ hasText: '小丽爸爸 申请加入“家委会”' }).last()
    await notice.getByText('我是小丽的爸爸').waitFor()
    await notice.getByRole('button', { name: '同意' }).click()
    await notice.getByText('已同意').waitFor()
    await expect
      .poll(async () => (await parent.chat.getGroupList()).data.groupList.map(({ name }) => name), WAIT)
      .toEqual(['家委会'])
    expect(problems).toEqual([])
    await parent.leave()
  })
})

function focusedConversation(page: WebWindow['page']): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('data-conversation'))
}

async function summaryOf(row: WebWindow['conversations']): Promise<string> {
  return (await row.locator('.summary').innerText()).trim()
}

async function chooseFrom({ page }: WebWindow, row: WebWindow['conversations'], action: string): Promise<void> {
  await row.click({ button: 'right' })
  await page.getByRole('menuitem', { name: action }).click()
}

function unreadIn(title: string): number {
  return Number(/\d+/.exec(title)?.[0] ?? 0)
}
