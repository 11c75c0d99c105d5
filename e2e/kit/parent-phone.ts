import type { Locator } from 'playwright-core'
import { expect } from 'vitest'
import type { MiniProgram } from '../../miniprogram-runner/src/index.ts'

const DEADLINE_MS = 30_000
/** When WeChat has stopped the program that was left. */
const SUSPENDED_MS = 5_500
const WAIT = { timeout: DEADLINE_MS, interval: 50 }
/** WeChat takes a megabyte and advises to stay below this. */
const MOST_SET_DATA_BYTES = 256 * 1024

/** Elements by their class as the program's WXML writes it, in a page or in a component. */
export function classed(name: string): string {
  return `[wx-class~="${name}"]`
}

/** A parent with the mini-program in the hand: what is seen and tapped, in the words of the pages. */
export class ParentPhone {
  /** For what this page object has no word for. */
  readonly mp: MiniProgram

  constructor(mp: MiniProgram) {
    this.mp = mp
    mp.page.setDefaultTimeout(DEADLINE_MS)
  }

  /** As one of the demo users, by the name on the list. */
  async signIn(nick: string): Promise<void> {
    await this.begin(nick)
    await this.mp.at('pages/conversations/conversations')
  }

  /** Only taps: what comes of it is the test's. */
  async begin(nick: string): Promise<void> {
    await this.mp.see(classed('user'), nick)
    await this.mp.tap(classed('agree'))
    await this.mp.tap(classed('user'), nick)
  }

  /** As somebody who is not on the list: a demo server signs for anybody. */
  async signInByAccount(userID: string): Promise<void> {
    await this.find('user').first().waitFor()
    await this.mp.tap(classed('agree'))
    await this.mp.tap(classed('switch'), '使用账号和签名登录')
    await this.mp.fill(classed('field-input'), userID)
    await this.press('登录')
  }

  /**
   * Leaves the program for so long; `meanwhile` runs when WeChat's five seconds of grace are over. Time is the program's
   * own: minutes pass at once.
   */
  async away(ms: number, meanwhile: () => Promise<void>): Promise<void> {
    await this.mp.background()
    await this.mp.pass(SUSPENDED_MS)
    await meanwhile()
    await this.mp.background(ms - SUSPENDED_MS)
  }

  // ── the list of conversations ──

  /** The line of this conversation. */
  row(title: string): Locator {
    return this.find('row').filter({ has: this.mp.page.getByText(title, { exact: true }) })
  }

  /** The number at the conversation; empty for none. */
  async badgeOf(title: string): Promise<string> {
    return (await this.row(title).locator(classed('badge')).allInnerTexts()).join()
  }

  /** The number at the first tab; empty for none. */
  async tabBadge(): Promise<string> {
    return (await this.mp.page.locator('.mp-tab-badge').first().innerText()).trim()
  }

  /** Opens a conversation of the list. */
  async enter(title: string): Promise<void> {
    await this.row(title).tap()
    await this.mp.at('pages/chat/chat')
    await this.find('composer').waitFor()
  }

  /** From a page that a card has opened, which has nothing behind it. */
  async goHome(): Promise<void> {
    await this.mp.page.locator('.mp-home').tap()
    await this.mp.at('pages/conversations/conversations')
  }

  /** Back to the list, from wherever. */
  async leave(): Promise<void> {
    for (let depth = (await this.mp.stack()).length; depth > 1; depth -= 1) {
      await this.mp.back()
      await expect.poll(async () => (await this.mp.stack()).length, WAIT).toBeLessThan(depth)
    }
    await this.mp.tab('消息')
    await this.mp.at('pages/conversations/conversations')
  }

  /** Opens somebody's card from the contacts. */
  async openPerson(name: string): Promise<void> {
    await this.mp.tab('通讯录')
    await this.mp.see(classed('name'), name)
    await this.mp.tap(classed('line'), name)
    await this.mp.at('pages/person/person')
  }

  // ── the chat ──

  /** Taps a button by its text. */
  async press(text: string): Promise<void> {
    await this.mp.tap(classed('t-button'), text)
  }

  /** Elements of the visible page by their class. */
  find(name: string): Locator {
    return this.mp.find(classed(name))
  }

  /** The message with exactly this text. */
  message(text: string): Locator {
    return this.find('line').filter({ has: this.mp.page.getByText(text, { exact: true }) })
  }

  /** What the text bubbles say, in order. */
  async texts(): Promise<readonly string[]> {
    return this.mp.texts(`${classed('bubble')} ${classed('text')}`)
  }

  /** What is said between the messages. */
  async tips(): Promise<readonly string[]> {
    return this.mp.texts(classed('tip'))
  }

  async say(text: string): Promise<void> {
    await this.mp.fill('textarea', text)
    await this.mp.tap(classed('send'))
  }

  /** Writes an @ and chooses whom from the list that it opens. */
  async mention(name: string): Promise<void> {
    await this.mp.fill('textarea', '@')
    await this.mp.tap(classed('person'), name)
    await this.find('person').first().waitFor({ state: 'hidden' })
    await expect.poll(() => this.written(), WAIT).toBe(`@${name} `)
  }

  /** What stands in the field. */
  async written(): Promise<string> {
    return this.mp.find('textarea').locator('textarea').inputValue()
  }

  /** Chooses from the sheet that a long press on the message opens. */
  async choose(text: string, action: string): Promise<void> {
    await this.mp.longPress(classed('bubble'), text)
    await this.mp.sheet(action)
  }

  /** The line under an own message: who has read it. */
  receipt(text: string): Locator {
    return this.message(text).locator(classed('receipt'))
  }

  /** Sends the next picture of the album. */
  async sendPicture(): Promise<void> {
    await this.mp.tap(classed('key-more'))
    await this.mp.tap(classed('attach-album'))
  }

  /** Of the pictures among the messages, as wide as the browser has drawn them: 0 for what it could not read. */
  async pictureWidths(): Promise<readonly number[]> {
    const images = this.mp.find(`${classed('picture')} ${classed('fill')}`).locator('img')
    return images.evaluateAll((all) => all.map((each) => (each as HTMLImageElement).naturalWidth))
  }

  /**
   * Scrolls to the top, waits until earlier messages stand there, and tells by how many pixels the first one has moved
   * when the page has put the view right.
   */
  async scrollToOlder(): Promise<number> {
    const list = this.mp.find('#list').locator('.wx-scroll')
    return list.evaluate(watchOlder, classed('line'))
  }

  /** Holds the button and talks. Switches the composer to voice; it stays there. */
  async talk(ms: number): Promise<void> {
    if ((await this.find('hold').count()) === 0) await this.mp.tap(classed('key-voice'))
    const box = await this.find('hold').boundingBox()
    if (box === null) throw new Error('there is no button to talk')
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const touch = await this.mp.page.context().newCDPSession(this.mp.page)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] })
    await this.find('recording').waitFor()
    await this.mp.pass(ms)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await touch.detach()
  }

  // ── afterwards ──

  /** What must not have happened, in lines: all of them are faults. */
  async faults(): Promise<readonly string[]> {
    const { errors, warnings, unknownApis, blocked, pageErrors, setData, mostSockets } = await this.mp.report()
    const { largestBytes, largestAt } = setData
    return [
      ...errors,
      ...warnings,
      ...pageErrors,
      ...unknownApis.map((name) => `wx.${name} is unknown`),
      ...blocked.map((url) => `${url} was asked for`),
      ...(largestBytes > MOST_SET_DATA_BYTES ? [`setData of ${largestBytes} bytes at ${largestAt}`] : []),
      ...(mostSockets > 1 ? [`${mostSockets} sockets at once`] : []),
    ]
  }

  async close(): Promise<void> {
    await this.mp.close()
  }
}

/** Runs in the page, so it stands alone. */
async function watchOlder(scroller: Element, line: string): Promise<number> {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
  const first = scroller.querySelector(line)
  if (first === null) throw new Error('there are no messages')
  scroller.scrollTop = 0
  const before = first.getBoundingClientRect().top
  for (let frames = 0; scroller.querySelector(line) === first; frames += 1) {
    if (frames > 1_000) throw new Error('no earlier messages came')
    await frame()
  }
  for (let frames = 0; frames < 12; frames += 1) await frame()
  return first.getBoundingClientRect().top - before
}
