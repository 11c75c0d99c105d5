import TIM from '@hongyan/client-sdk'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOSTILE_TEXTS, HOSTILE_USER_IDS } from '../kit/attacks.ts'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs, type Person } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { composerOf, type WebComposer } from '../kit/web-composer.ts'
import { openWindow, signIn, type WebWindow } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const [SCRIPT = '', IMAGE = '', SVG = '', , BREAK_OUT = ''] = HOSTILE_TEXTS
const TEMPLATE = HOSTILE_TEXTS.find((text) => text.startsWith('{{')) ?? ''
/** The strongest, for fields that are tried one by one. */
const STRONGEST = [SCRIPT, IMAGE, SVG, BREAK_OUT, TEMPLATE]

/** [S-IN5] Nothing that a person can write runs, loads or lays anything out: it is shown as it was written. */
describeInBrowser('the web demo in the hands of an attacker', () => {
  let server: TrialServer
  let browser: Browser
  let victim: WebWindow
  let page: Page
  let theirs: WebComposer
  let attacker: Person

  beforeAll(async () => {
    browser = await launchBrowser()
    server = await startServer()
    attacker = await joinAs(server, 'attacker')
    victim = await signIn(browser, server.url, 'victim')
    ;({ page } = victim)
    theirs = composerOf(page)
    await victim.talkTo('attacker')
  })
  afterAll(async () => {
    await attacker?.leave()
    await browser?.close()
    await server?.stop()
  })

  async function expectUnharmed(): Promise<void> {
    expect([await hasRun(page), ...victim.problems]).toEqual([false])
    expect(new URL(page.url()).origin).toBe(new URL(server.url).origin)
  }

  /** Until an element of this kind says exactly this; markup would have left nothing of it. */
  function expectShown(where: string, text: string): Promise<void> {
    return expect.poll(() => page.locator(where).allTextContents(), WAIT).toContain(text)
  }

  /** What comes in meanwhile may move the card between the press and the release of a click; whoever sees that clicks again. */
  function openLastMerger(): Promise<void> {
    const open = async (): Promise<number> => {
      if ((await page.locator('dialog[open]').count()) === 0) await page.locator('.merger').last().click()
      return page.locator('dialog[open]').count()
    }
    return expect.poll(open, WAIT).toBe(1)
  }

  test('hostile texts are shown letter by letter, in the list too', async () => {
    for (const text of HOSTILE_TEXTS) {
      await attacker.say('victim', text)
      await expectShown('.message .text', text)
    }
    await expect.poll(() => victim.conversations.first().innerText(), WAIT).toContain(HOSTILE_TEXTS.at(-1))
    // What looks like an address of a page may be followed, by a click and to a page that learns nothing of this one.
    const links = await page.locator('.message .text a').evaluateAll((all) => all.map((link) => link.outerHTML))
    expect(links.length).toBeGreaterThan(0)
    const safe = /^<a [^>]*href="https:\/\/evil\.example\/" target="_blank" rel="noopener noreferrer">/
    expect(links.filter((link) => !safe.test(link))).toEqual([])
    await expectUnharmed()
  })

  test('what one writes oneself is text in the field, in the draft, in the answer and in the thread', async () => {
    for (const text of [IMAGE, BREAK_OUT]) {
      await theirs.say(text)
      const own = theirs.messages.filter({ hasText: text }).last()
      await own.hover()
      await own.getByRole('button', { name: '回复' }).click()
      await expectShown('.composer .reply .abstract', text)
      await theirs.field.fill(text)
      await victim.talkTo('p_1001')
      await expect.poll(() => victim.conversation('attacker').innerText(), WAIT).toContain(text)
      await victim.talkTo('attacker')
      await expect.poll(() => theirs.field.inputValue()).toBe(text)
      await theirs.field.fill('')
    }
    await expectUnharmed()
  })

  test('hostile fields of every kind of message are text', async () => {
    const { chat } = attacker
    const address = { to: 'victim', conversationType: TIM.TYPES.CONV_C2C }
    for (const text of STRONGEST) {
      const reply = { messageID: text, messageSender: text, messageAbstract: text, messageSequence: 1 }
      const inner = chat.createTextMessage({ ...address, payload: { text } })
      const data = Buffer.from('x')
      await chat.sendMessage(inner)
      const messages = [
        chat.createTextMessage({
          ...address,
          payload: { text: '引用' },
          cloudCustomData: JSON.stringify({ messageReply: reply, __proto__: { polluted: 1 } }),
        }),
        chat.createFileMessage({ ...address, payload: { file: { name: `${text}.html`, data } } }),
        chat.createCustomMessage({ ...address, payload: { data: text, description: text, extension: text } }),
        chat.createFaceMessage({ ...address, payload: { index: 1, data: text } }),
        chat.createLocationMessage({ ...address, payload: { description: text, latitude: -90, longitude: 180 } }),
        chat.createMergerMessage({
          ...address,
          payload: { messageList: [inner], title: text, abstractList: [text, text], compatibleText: text },
        }),
      ]
      for (const message of messages) await chat.sendMessage(message)
      await expectShown('.merger strong', text)
      await expectShown('.merger .line', text)
      await expectShown('.place .name', text)
      await expectShown('.message .aside', text)
      await expectShown('.quote .abstract', text)
      // Its name came without what no system takes in one.
      const card = page.locator('.message .file').last()
      expect(await card.getAttribute('download')).toMatch(/\.html$/)
      await card.locator('.name').waitFor()
      await openLastMerger()
      await expectShown('dialog[open] .text', text)
      await page.keyboard.press('Escape')
    }
    await page.locator('.message .quote').last().click()
    expect(await page.evaluate(() => 'polluted' in {})).toBe(false)
    await expectUnharmed()
  })

  test('hostile names of people and groups are names', async () => {
    const { chat } = attacker
    for (const [index, text] of [IMAGE, SVG, TEMPLATE].entries()) {
      const groupID = `hostile_${index}`
      await chat.updateMyProfile({ nick: text, selfSignature: text })
      await chat.createGroup({
        groupID,
        name: text,
        type: TIM.TYPES.GRP_PUBLIC,
        introduction: text,
        notification: text,
        memberList: [{ userID: 'victim' }],
      })
      await chat.setGroupMemberNameCard({ groupID, nameCard: text })
      await attacker.say(groupID, '在吗', { in: 'GROUP' })
      await victim.open(`GROUP${groupID}`)
      await expectShown('.chat h1', text)
      await expectShown('.message .name', text)
      await theirs.field.pressSequentially('@')
      await expectShown('[role=option] .name', text)
      await page.keyboard.press('Enter')
      expect(await theirs.field.inputValue()).toBe(`@${text} `)
      await page.keyboard.press('Enter')
      await expectShown('.message .mention', `@${text}`)
      await expect
        .poll(() => victim.conversations.allTextContents(), WAIT)
        .toContainEqual(expect.stringContaining(text))
      await page
        .locator('.chat')
        .getByRole('button', { name: /信息|资料|详情/ })
        .click()
      await expect.poll(() => page.locator('.chat .panel').first().innerText(), WAIT).toContain(text)
    }
    await expectUnharmed()
  })

  test('a picture of a person from elsewhere is not asked for', async () => {
    await attacker.chat.updateMyProfile({ nick: '远方', avatar: 'https://evil.example/track.png' })
    await attacker.say('victim', '看我的头像')
    await victim.talkTo('attacker')
    await theirs.message('看我的头像').waitFor()
    await expect.poll(() => page.locator('.chat h1').innerText(), WAIT).toBe('远方')
    expect(victim.problems.filter((problem) => problem.startsWith('elsewhere'))).toEqual([])
    expect(victim.problems.filter((problem) => !problem.includes('evil.example'))).toEqual([])
    victim.problems.length = 0
  })

  test('hostile user ids are names and nothing else', async () => {
    const people = await Promise.all(HOSTILE_USER_IDS.map((userID) => joinAs(server, userID)))
    await Promise.all(people.map((person) => person.say('victim', `我是 ${person.userID}`)))
    for (const person of people) {
      const { userID } = person
      const row = page.locator(`[data-conversation=${JSON.stringify(`C2C${userID}`)}]`)
      const open = async (): Promise<string> => {
        await row.click()
        return page.locator('.chat h1').innerText()
      }
      // A line that is drawn anew under the pointer, because another one went to the top, hears no click.
      await expect.poll(open, WAIT).toBe(userID)
      await expectShown('.message .text', `我是 ${userID}`)
      const heard = new Promise((resolve) => person.chat.once(TIM.EVENT.MESSAGE_RECEIVED, resolve))
      await theirs.say('你是谁')
      await heard
      await person.leave()
    }
    await page.reload()
    await theirs.message('你是谁').waitFor()
    await expectUnharmed()
  })

  test('hostile addresses open nothing', async () => {
    const window = await openWindow(browser, server.url)
    for (const at of [
      '?1#%3Cimg%20src=x%20onerror=__xss=1%3E',
      '?2#/chats/%E0%A4%A',
      '?3#/chats/javascript:__xss=1',
      '?lang=__proto__',
      '?user=',
      '?4#__xss=1',
    ]) {
      await window.page.goto(server.url + at)
      await window.page.locator('.sign-in').waitFor()
      expect([await hasRun(window.page), ...window.problems]).toEqual([false])
    }
    await victim.goTo('/chats/C2C%3Cimg%20src=x%20onerror=__xss=1%3E')
    await page.locator('.chat').waitFor()
    await expectUnharmed()
    await window.context.close()
  })

  test('the content policy stops a script that got into the page all the same', async () => {
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.__xss = 1'
      document.body.append(script)
      const image = document.createElement('img')
      image.setAttribute('onerror', 'window.__xss = 1')
      image.src = 'data:image/png;base64,AA=='
      document.body.append(image)
    })
    const stopped = (): number => victim.problems.filter((problem) => /Content Security Policy/.test(problem)).length
    await expect.poll(stopped, WAIT).toBe(2)
    expect(await hasRun(page)).toBe(false)
  })
})

function hasRun(page: Page): Promise<boolean> {
  return page.evaluate(() => '__xss' in window)
}
