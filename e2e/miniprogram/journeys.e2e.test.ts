import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { buildParentApp, type ParentApp } from '../kit/parent-app.ts'
import { classed, type ParentPhone } from '../kit/parent-phone.ts'
import { joinAs, type Person } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'

const WAIT = { timeout: 30_000, interval: 100 }
const CLASS = '三年级二班'
const CLASS_ID = 'class_3_2'

describeInBrowser('what parents do with the mini-program all day', () => {
  let server: TrialServer
  let browser: Browser
  let app: ParentApp
  let mother: ParentPhone
  let father: ParentPhone
  let teacher: Person

  beforeAll(async () => {
    server = await startServer()
    ;[browser, app] = await Promise.all([launchBrowser(), buildParentApp()])
    ;[mother, father] = await Promise.all([app.open(browser, server), app.open(browser, server)])
    await Promise.all([mother.signIn('小明妈妈'), father.signIn('小红爸爸')])
    teacher = await joinAs(server, 't_2001')
  })
  afterEach(async () => {
    expect([...(await mother.faults()), ...(await father.faults())]).toEqual([])
  })
  afterAll(async () => {
    await teacher?.leave()
    await browser?.close()
    await app?.close()
    await server?.stop()
  })

  test('two parents and a teacher talk in the class, and everybody sees who says what', async () => {
    await Promise.all([mother.enter(CLASS), father.enter(CLASS)])
    await mother.say('小明明天请假一天')
    await father.message('小明明天请假一天').waitFor()
    expect(await father.message('小明明天请假一天').locator(classed('name')).innerText()).toBe('小明妈妈')
    await teacher.say(CLASS_ID, '好的，祝早日康复', { in: 'GROUP' })
    await Promise.all([mother, father].map((phone) => phone.message('好的，祝早日康复').waitFor()))
    await father.say('加油 💪')
    await mother.message('加油 💪').waitFor()
    const said = ['小明明天请假一天', '好的，祝早日康复', '加油 💪']
    expect((await mother.texts()).slice(-3)).toEqual(said)
    expect((await father.texts()).slice(-3)).toEqual(said)
    await mother.receipt('小明明天请假一天').getByText('1人已读').waitFor()
    await Promise.all([mother.leave(), father.leave()])
    // It has been read when the server has said so.
    for (const phone of [mother, father]) await expect.poll(() => phone.badgeOf(CLASS), WAIT).toBe('')
    await expect.poll(() => father.tabBadge(), WAIT).toBe('')
  })

  test('what is new counts at the conversation and at the tab until it is read, which the sender sees', async () => {
    await mother.openPerson('小红爸爸')
    await mother.press('发消息')
    await mother.mp.at('pages/chat/chat')
    await mother.say('放学一起走吗？')
    await mother.receipt('放学一起走吗？').getByText('未读').waitFor()
    await expect.poll(() => father.badgeOf('小明妈妈'), WAIT).toBe('1')
    await expect.poll(() => father.tabBadge(), WAIT).toBe('1')
    await father.enter('小明妈妈')
    await mother.receipt('放学一起走吗？').getByText('已读').waitFor()
    await father.leave()
    await expect.poll(() => father.badgeOf('小明妈妈'), WAIT).toBe('')
    await expect.poll(() => father.tabBadge(), WAIT).toBe('')
    await father.enter('小明妈妈')
  })

  test('pictures arrive both ways and are drawn', async () => {
    await mother.sendPicture()
    await expect.poll(() => father.pictureWidths(), WAIT).toEqual([expect.any(Number)])
    await father.sendPicture()
    await expect.poll(() => mother.pictureWidths(), WAIT).toHaveLength(2)
    await expect.poll(async () => Math.min(...(await mother.pictureWidths())), WAIT).toBeGreaterThan(0)
    await expect.poll(async () => Math.min(...(await father.pictureWidths())), WAIT).toBeGreaterThan(0)
  })

  test('a voice note is recorded while the button is held, and plays at the other end', async () => {
    await mother.talk(2000)
    const voice = father.find('sound')
    await voice.waitFor()
    expect(await voice.innerText()).toBe('2″')
    await father.find('dot').waitFor()
    await father.mp.tap(classed('sound'))
    await father.find('playing').waitFor()
    await father.find('dot').waitFor({ state: 'hidden' })
    // To its end, by itself.
    await father.find('playing').waitFor({ state: 'hidden' })
    // The button says so when the finger leaves too early.
    await mother.talk(300)
    await mother.mp.page.locator('.mp-toast').getByText('说话时间太短').waitFor()
    await mother.mp.tap(classed('key-voice'))
  })

  test('what was said too early is recalled, and edited again', async () => {
    await mother.say('明天见')
    await father.message('明天见').waitFor()
    await mother.choose('明天见', '撤回')
    await father.find('tip').getByText('小明妈妈 撤回了一条消息').waitFor()
    expect(await father.message('明天见').count()).toBe(0)
    await mother.mp.tap(classed('reedit'))
    await expect.poll(() => mother.written(), WAIT).toBe('明天见')
    await mother.say('后天见')
    await father.message('后天见').waitFor()
  })

  test('a reply carries what it replies to', async () => {
    await father.choose('放学一起走吗？', '回复')
    await father.say('好，三点半校门口')
    const quote = mother.message('好，三点半校门口').locator(classed('quote'))
    await quote.waitFor()
    expect(await quote.innerText()).toBe('小明妈妈: 放学一起走吗？')
    await Promise.all([mother.leave(), father.leave()])
  })

  test('who is mentioned sees it in the list', async () => {
    await father.enter(CLASS)
    await father.mention('小明妈妈')
    await father.say('@小明妈妈 作业发群里了')
    await mother.row(CLASS).getByText('[有人@我]').waitFor()
    await mother.enter(CLASS)
    await mother.message('@小明妈妈 作业发群里了').waitFor()
    await mother.leave()
    await mother.row(CLASS).getByText('[有人@我]').waitFor({ state: 'hidden' })
  })

  test('earlier messages come above while what is read stays in its place', async () => {
    for (let number = 1; number <= 60; number += 1) await teacher.say(CLASS_ID, `通知 ${number}`, { in: 'GROUP' })
    await mother.enter(CLASS)
    await mother.message('通知 60').waitFor()
    for (let rounds = 0; rounds < 8 && (await mother.message('通知 1').count()) === 0; rounds += 1) {
      expect(Math.abs(await mother.scrollToOlder())).toBeLessThan(3)
    }
    const texts = await mother.texts()
    expect(texts.filter((text) => text.startsWith('通知'))).toEqual(
      Array.from({ length: 60 }, (_, index) => `通知 ${index + 1}`),
    )
  })

  test('what is said without a network fails, says so, and goes when it is tried again', async () => {
    await mother.mp.network('off')
    await mother.say('我在路上')
    await mother.mp.pass(15_000)
    await mother.find('banner').getByText('网络不可用').waitFor()
    const failed = mother.message('我在路上').locator(classed('failed'))
    await failed.waitFor()
    await mother.mp.network('on')
    await mother.find('banner').waitFor({ state: 'hidden' })
    await mother.mp.tap(classed('failed'))
    await mother.mp.sheet('确定')
    await father.message('我在路上').waitFor()
    await failed.waitFor({ state: 'hidden' })
    expect((await mother.texts()).filter((text) => text === '我在路上')).toHaveLength(1)
    expect((await father.texts()).filter((text) => text === '我在路上')).toHaveLength(1)
  })
})
