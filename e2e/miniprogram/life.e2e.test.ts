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
const MOTHER = 'p_1001'
const FIVE_MINUTES_MS = 300_000

describeInBrowser('what happens to a mini-program on a phone', () => {
  let server: TrialServer
  let browser: Browser
  let app: ParentApp
  let mother: ParentPhone
  let teacher: Person
  const phones = new Set<ParentPhone>()

  async function open(config?: Parameters<ParentApp['open']>[2]): Promise<ParentPhone> {
    const phone = await app.open(browser, server, config)
    phones.add(phone)
    return phone
  }

  beforeAll(async () => {
    server = await startServer()
    ;[browser, app] = await Promise.all([launchBrowser(), buildParentApp()])
    ;[mother, teacher] = await Promise.all([open(), joinAs(server, 't_2001')])
    await mother.signIn('小明妈妈')
  })
  afterEach(async () => {
    for (const phone of phones) {
      expect(await phone.faults()).toEqual([])
      if (phone === mother) continue
      phones.delete(phone)
      await phone.close()
    }
  })
  afterAll(async () => {
    await teacher?.leave()
    await browser?.close()
    await app?.close()
    await server?.stop()
  })

  test.each([
    ['six seconds', 6_000],
    ['five minutes', FIVE_MINUTES_MS],
  ])('after %s in the background every message is there, once and in order', async (time, ms) => {
    const said = [1, 2, 3, 4].map((number) => `${time} ${number}`)
    await mother.enter(CLASS)
    await mother.away(ms, async () => {
      for (const text of said) await teacher.say(CLASS_ID, text, { in: 'GROUP' })
      await teacher.say(MOTHER, `${time}，请回电话`)
    })
    await mother.message(`${time} 4`).waitFor()
    await mother.say(`${time}，收到`)
    await mother.receipt(`${time}，收到`).waitFor()
    expect((await mother.texts()).filter((text) => text.startsWith(time))).toEqual([...said, `${time}，收到`])
    await mother.leave()
    await expect.poll(() => mother.badgeOf('王老师'), WAIT).toBe('1')
    await expect.poll(() => mother.badgeOf(CLASS), WAIT).toBe('')
    await mother.enter('王老师')
    await mother.message(`${time}，请回电话`).waitFor()
    await mother.leave()
  })

  test('a network that comes and goes loses nothing and doubles nothing', async () => {
    await mother.enter('王老师')
    const said: string[] = []
    for (const number of [1, 2, 3]) {
      await mother.mp.network('off')
      await teacher.say(MOTHER, `问 ${number}`)
      await mother.mp.network(number === 2 ? '4g' : 'on')
      await mother.message(`问 ${number}`).waitFor()
      await mother.say(`答 ${number}`)
      await mother.receipt(`答 ${number}`).waitFor()
      said.push(`问 ${number}`, `答 ${number}`)
    }
    expect((await mother.texts()).filter((text) => /^[问答] \d/.test(text))).toEqual(said)
    await mother.leave()
  })

  test('who leaves a conversation before it has opened has not read it, and it goes on unharmed', async () => {
    await teacher.say(MOTHER, '在吗')
    await mother.row('王老师').waitFor()
    await mother.mp.network('off')
    await mother.row('王老师').tap()
    await mother.mp.at('pages/chat/chat')
    await mother.leave()
    await teacher.say(MOTHER, '还没看到')
    await mother.mp.network('on')
    await expect.poll(() => mother.badgeOf('王老师'), WAIT).toBe('2')
    await mother.enter('王老师')
    await mother.message('还没看到').waitFor()
    await teacher.say(MOTHER, '看到了吗')
    await mother.message('看到了吗').waitFor()
    expect((await mother.texts()).filter((text) => /看到/.test(text))).toEqual(['还没看到', '看到了吗'])
    await mother.leave()
    await expect.poll(() => mother.badgeOf('王老师'), WAIT).toBe('')
  })

  test('who signs in on another phone signs this one out, which says so and leads back in', async () => {
    const other = await open()
    await other.signIn('小明妈妈')
    await mother.mp.at('pages/kicked/kicked')
    expect(await mother.find('why').innerText()).toContain('你的账号在另一台设备上登录了')
    await mother.press('重新登录')
    await mother.mp.at('pages/conversations/conversations')
    await mother.row(CLASS).waitFor()
    await other.mp.at('pages/kicked/kicked')
    await teacher.say(MOTHER, '您又在线了')
    await expect.poll(() => mother.badgeOf('王老师'), WAIT).toBe('1')
  })

  test('a server that is not on the list of WeChat cannot be reached, and the parent is told so', async () => {
    const listed = ['https://school.example']
    const phone = await open({ urlCheck: { request: listed, socket: listed, upload: listed, download: listed } })
    await phone.find('error').waitFor()
    expect(await phone.find('error').innerText()).toBe('连不上学校的服务器，请检查网络')
    // Found, but its socket is not listed.
    const http = [server.url.replace(/\/$/, '')]
    const half = await open({ urlCheck: { request: http, socket: listed, upload: http, download: http } })
    await half.begin('小红爸爸')
    await half.find('error').waitFor()
    expect(await half.find('error').innerText()).toMatch(/^(连不上学校的服务器|网络不太好)/)
  })

  test('without consent to the privacy notice no picture is taken; with it the picture goes', async () => {
    const phone = await open({ privacy: 'needed', mocks: { privacy: 'refuse' } })
    await phone.signIn('小红爸爸')
    await phone.enter(CLASS)
    await phone.sendPicture()
    await phone.mp.page.getByText('需要你的同意').waitFor()
    expect(await phone.find('picture').count()).toBe(0)
    await phone.mp.sheet('取消')
    await phone.say('文字照样可以发')
    await phone.receipt('文字照样可以发').waitFor()
    await phone.sendPicture()
    await phone.mp.page.getByText('需要你的同意').waitFor()
    await phone.mp.mock('privacy', 'agree')
    // WeChat remembers a refusal for ten seconds.
    await phone.mp.pass(11_000)
    await phone.mp.sheet('重试')
    await expect.poll(async () => Math.min(...(await phone.pictureWidths())), WAIT).toBeGreaterThan(1)
  })

  test('without the permission to record there is a way to the settings', async () => {
    const phone = await open({ mocks: { 'scope.record': 'denied', openSetting: { 'scope.record': true } } })
    await phone.signIn('小红爸爸')
    await phone.enter(CLASS)
    await phone.talk(500)
    await phone.mp.page.getByText('没有麦克风权限，无法发送语音').waitFor()
    await phone.mp.sheet('去设置')
    await phone.talk(1_500)
    await phone.find('sound').waitFor()
  })

  test('a shared card leads a new parent into the class, when the teacher agrees', async () => {
    await mother.enter(CLASS)
    await mother.mp.tap(classed('notice'))
    // With the faces the page has its height: what is below them stays in its place.
    await mother.find('person-name').first().waitFor()
    await mother.press('邀请家长加入')
    await expect.poll(async () => (await mother.mp.report()).shares.length, WAIT).toBe(1)
    const [card] = (await mother.mp.report()).shares
    expect(card).toMatchObject({ title: `邀请你加入“${CLASS}”`, path: `/pages/join/join?id=${CLASS_ID}` })
    const guest = await open({ path: 'pages/join/join', query: { id: CLASS_ID }, scene: 1007 })
    await guest.signInByAccount('p_9001')
    await guest.mp.at('pages/join/join')
    await guest.find('name').getByText(CLASS).waitFor()
    await guest.find('field-input').nth(1).locator('input').fill('我是小林的妈妈')
    await guest.press('申请加入')
    await guest.find('state').getByText('申请已发送，等待老师同意').waitFor()
    await agreeTo(teacher, 'p_9001')
    await guest.goHome()
    await guest.enter(CLASS)
    await guest.say('大家好，我是小林的妈妈')
    await guest.receipt('大家好，我是小林的妈妈').waitFor()
  })
})

async function agreeTo({ chat }: Person, userID: string): Promise<void> {
  const { applicationList } = (await chat.getGroupApplicationList()).data
  const application = applicationList.find(({ applicant }) => applicant === userID)
  if (application === undefined) throw new Error(`${userID} has not applied`)
  await chat.handleGroupApplication({ handleAction: 'Agree', application })
}
