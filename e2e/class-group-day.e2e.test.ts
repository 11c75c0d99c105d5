import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { buildParentApp, type ParentApp } from './kit/parent-app.ts'
import { classed, type ParentPhone } from './kit/parent-phone.ts'
import { joinAs, type Person } from './kit/person.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { groupOf, type WebGroup } from './kit/web-group.ts'
import { threadOf, type WebThread } from './kit/web-thread.ts'
import { signIn, type WebWindow } from './kit/web-window.ts'

const WAIT = { timeout: 30_000, interval: 100 }
const GROUP = '春游筹备群'
const VIEWPORT = { width: 1200, height: 1500 }

describeInBrowser('a day of a class: a teacher and a mother at browsers, a father with the mini-program', () => {
  let server: TrialServer
  let browser: Browser
  let app: ParentApp
  let teacher: WebWindow
  let mother: WebWindow
  let father: ParentPhone
  let fresh: Person
  let ours: WebThread
  let hers: WebThread
  let group: WebGroup
  let groupID: string

  beforeAll(async () => {
    server = await startServer()
    ;[browser, app] = await Promise.all([launchBrowser(), buildParentApp()])
    father = await app.open(browser, server)
    ;[teacher, mother] = await Promise.all([
      signIn(browser, server.url, 't_2001', { viewport: VIEWPORT }),
      signIn(browser, server.url, 'p_1001', { viewport: VIEWPORT }),
      father.signIn('小红爸爸'),
    ])
    for (const { page } of [teacher, mother]) page.setDefaultTimeout(WAIT.timeout)
    fresh = await joinAs(server, 'p_9003', '小亮爸爸')
    ;[ours, hers, group] = [threadOf(teacher.page), threadOf(mother.page), groupOf(teacher.page)]
  })
  afterEach(async () => {
    const problems = [...teacher.problems.splice(0), ...mother.problems.splice(0)]
    expect([...problems, ...(await father.faults())]).toEqual([])
  })
  afterAll(async () => {
    await fresh?.leave()
    await browser?.close()
    await app?.close()
    await server?.stop()
  })

  test('the teacher founds a group with two parents, who see it and its notice at once', async () => {
    await group.found(GROUP, ['小明妈妈', '小红爸爸'])
    groupID = decodeURIComponent(teacher.page.url().split('/chats/GROUP').at(-1) ?? '')
    await mother.conversation(GROUP).waitFor()
    await father.row(GROUP).waitFor()
    await group.openPanel()
    await group.writeNotice('周五春游，请带午餐和水')
    await group.closePanel()
    await father.enter(GROUP)
    await father.find('notice-text').getByText('周五春游，请带午餐和水').waitFor()
    // Who leaves before the messages stand there has not read them.
    await father.find('tip').first().waitFor()
    await father.leave()
  })

  test('what wants receipts says how many have not read it, until all have', async () => {
    await expect.poll(() => father.badgeOf(GROUP), WAIT).toBe('')
    await ours.say('请家长回复是否参加')
    await ours.message('请家长回复是否参加').getByText('2 人未读').waitFor()
    await mother.conversation(GROUP).getByText('请家长回复是否参加').waitFor()
    await expect.poll(() => father.badgeOf(GROUP), WAIT).toBe('1')
    await mother.open(`GROUP${groupID}`)
    await ours.message('请家长回复是否参加').getByText('1 人未读').waitFor()
    await father.enter(GROUP)
    await ours.message('请家长回复是否参加').getByText('全部已读').waitFor()
  })

  test('a picture from the phone is answered with a quote and a mention, which the teacher sees in the list', async () => {
    await teacher.goTo('/chats')
    await father.sendPicture()
    const picture = hers.messages.filter({ has: mother.page.locator('button.picture img') })
    await expect.poll(() => picture.locator('img').evaluateAll(widths), WAIT).toEqual([expect.any(Number)])
    await expect.poll(async () => Math.min(...(await father.pictureWidths())), WAIT).toBeGreaterThan(1)
    await picture.locator('.bubble').click({ button: 'right' })
    await mother.page.getByRole('menuitem', { name: '回复', exact: true }).click()
    await hers.composer.pressSequentially('@王')
    await mother.page.getByRole('option', { name: '王老师' }).click()
    await hers.composer.pressSequentially('午餐像这样可以吗？')
    await hers.composer.press('Enter')
    const answer = '@王老师 午餐像这样可以吗？'
    await father.message(answer).waitFor()
    expect(await father.message(answer).locator(classed('quote')).innerText()).toBe('小红爸爸: [图片]')
    await teacher.conversation(GROUP).getByText('[有人@我]').waitFor()
    await teacher.conversation(GROUP).getByText('2 条未读').waitFor()
    await teacher.open(`GROUP${groupID}`)
    await ours.message(answer).locator('.quote').getByText('小红爸爸').waitFor()
    await expect.poll(() => teacher.conversation(GROUP).locator('.badge').count(), WAIT).toBe(0)
  })

  test('the teacher recalls a message and edits it again', async () => {
    await ours.say('周四八点集合')
    await father.message('周四八点集合').waitFor()
    await ours.choose('周四八点集合', '撤回')
    await father.find('tip').getByText('王老师 撤回了一条消息').waitFor()
    await hers.notes.getByText('王老师 撤回了一条消息').waitFor()
    await teacher.page.getByRole('button', { name: '重新编辑' }).click()
    await expect.poll(() => ours.composer.inputValue(), WAIT).toBe('周四八点集合')
    await ours.say('周五八点集合')
    await Promise.all([father.message('周五八点集合').waitFor(), hers.message('周五八点集合').waitFor()])
    expect(await hers.message('周四八点集合').count()).toBe(0)
    expect(await father.message('周四八点集合').count()).toBe(0)
  })

  test('while everybody is muted the parents are told so where they would write', async () => {
    await group.openPanel()
    await group.turn('全员禁言')
    await mother.page.locator('.composer').getByText('已开启全员禁言').waitFor()
    await father.find('closed').getByText('老师已开启全员禁言').waitFor()
    expect(await hers.composer.count()).toBe(0)
    await group.turn('全员禁言')
    await Promise.all([hers.composer.waitFor(), father.mp.see('textarea')])
    await father.say('收到，谢谢老师')
    await ours.message('收到，谢谢老师').waitFor()
  })

  test('who asks to join by the ID is let in from the panel', async () => {
    await fresh.chat.joinGroup({ groupID, applyMessage: '我是小亮的爸爸' })
    const asking = group.panel.locator('.applications').getByText('小亮爸爸')
    await asking.waitFor()
    await group.panel.getByRole('button', { name: '同意' }).click()
    await asking.waitFor({ state: 'hidden' })
    await hers.notes.getByText(/小亮爸爸.*加入了群聊/).waitFor()
    await fresh.say(groupID, '大家好', { in: 'GROUP' })
    await Promise.all([ours, hers].map((thread) => thread.message('大家好').waitFor()))
    await father.message('大家好').waitFor()
    await group.closePanel()
  })

  test('what is read on another device of the teacher is read on this one', async () => {
    await teacher.goTo('/chats')
    await father.say('老师您看到了吗？')
    await teacher.conversation(GROUP).getByText('1 条未读').waitFor()
    const tablet = await joinAs(server, 't_2001')
    // As it is when somebody looks at the list there.
    await tablet.chat.getConversationList()
    await tablet.chat.setMessageRead({ conversationID: `GROUP${groupID}` })
    await expect.poll(() => teacher.conversation(GROUP).locator('.badge').count(), WAIT).toBe(0)
    await tablet.leave()
  })

  test('in the end all three have the same messages in the same order', async () => {
    await teacher.open(`GROUP${groupID}`)
    const all = [
      '请家长回复是否参加',
      '@王老师 午餐像这样可以吗？',
      '周五八点集合',
      '收到，谢谢老师',
      '大家好',
      '老师您看到了吗？',
    ]
    await expect.poll(() => textsOf(teacher), WAIT).toEqual(all)
    await expect.poll(() => textsOf(mother), WAIT).toEqual(all)
    await expect.poll(() => father.texts(), WAIT).toEqual(all)
  })
})

/** Without the quotes above them. */
async function textsOf({ page }: WebWindow): Promise<readonly string[]> {
  const texts = await page.locator('.thread .message .bubble > .text').allInnerTexts()
  return texts.map((text) => text.trim())
}

/** Runs in the page, so it stands alone. */
function widths(images: Element[]): number[] {
  return images.map((image) => (image as HTMLImageElement).naturalWidth)
}
