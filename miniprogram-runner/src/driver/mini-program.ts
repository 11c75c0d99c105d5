import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import type { Report } from '../runtime/host.ts'
import type { NetworkType } from '../runtime/wx/network.ts'
import { SUSPEND_AFTER_MS } from '../runtime/wx/network.ts'
import * as inPage from './in-page.ts'
import type { FileMock } from './launch-options.ts'
import { translateSelector } from './selector.ts'

/** What a test reads at the end: the runtime's report, and what the browser saw. */
export interface RunReport extends Report {
  /** Addresses outside of this machine that something asked for; none was reached. */
  readonly blocked: readonly string[]
  /** Uncaught errors of the browser's page that are not in `errors`. */
  readonly pageErrors: readonly string[]
}

const WAIT_MS = 10_000

/** One user's phone with the mini-program open. Everything waits for its fact, at most 10 seconds. */
export class MiniProgram {
  /** For what this driver has no word for. */
  readonly page: Page
  readonly #context: BrowserContext
  readonly #watched: { readonly blocked: string[]; readonly pageErrors: string[] }
  readonly #closeRest: () => Promise<void>

  constructor(
    page: Page,
    watched: { readonly blocked: string[]; readonly pageErrors: string[] },
    closeRest: () => Promise<void>,
  ) {
    this.page = page
    this.#context = page.context()
    this.#watched = watched
    this.#closeRest = closeRest
    page.setDefaultTimeout(WAIT_MS)
  }

  /** Elements of the visible page (and of what lies over it), by a selector as WXSS writes it: `view.row #send`. */
  find(selector: string): Locator {
    return this.page.locator(`.mp-frame`).locator(translateSelector(selector)).filter({ visible: true })
  }

  /** Taps with a finger; of several visible elements `text` says which, else the first. */
  async tap(selector: string, text?: string | RegExp): Promise<void> {
    const all = this.find(selector)
    const one = (text === undefined ? all : all.filter({ hasText: text })).first()
    await this.#tapOn(one)
  }

  async longPress(selector: string, text?: string | RegExp): Promise<void> {
    const all = this.find(selector)
    const one = (text === undefined ? all : all.filter({ hasText: text })).first()
    await one.scrollIntoViewIfNeeded()
    const box = await one.boundingBox()
    if (box === null) throw new Error(`${selector} is not on the screen`)
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const session = await this.#context.newCDPSession(this.page)
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] })
    await this.page.waitForTimeout(600)
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await session.detach()
  }

  /** Moves a finger from the middle of the element by so many pixels. */
  async drag(selector: string, by: { readonly x?: number; readonly y?: number }): Promise<void> {
    const box = await this.find(selector).first().boundingBox()
    if (box === null) throw new Error(`${selector} is not on the screen`)
    const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const session = await this.#context.newCDPSession(this.page)
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [from] })
    const STEPS = 8
    for (let step = 1; step <= STEPS; step += 1) {
      const part = step / STEPS
      const at = { x: from.x + (by.x ?? 0) * part, y: from.y + (by.y ?? 0) * part }
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [at] })
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await session.detach()
  }

  /** Puts text into an <input> or <textarea>, as typing does. */
  async fill(selector: string, text: string): Promise<void> {
    await this.#field(selector).fill(text)
  }

  /** The confirm key of the keyboard: Enter in the field. */
  async confirm(selector: string): Promise<void> {
    await this.#field(selector).press('Enter')
  }

  /** Text of the first visible match, without outer blanks. */
  async text(selector: string): Promise<string> {
    return (await this.find(selector).first().innerText()).trim()
  }

  async texts(selector: string): Promise<readonly string[]> {
    return (await this.find(selector).allInnerTexts()).map((each) => each.trim())
  }

  /** Waits until a visible match has the text (or, without one, until there is a visible match). */
  async see(selector: string, text?: string | RegExp): Promise<void> {
    const all = this.find(selector)
    await (text === undefined ? all : all.filter({ hasText: text })).first().waitFor({ state: 'visible' })
  }

  /** Waits until no match is visible. */
  async seeNo(selector: string, text?: string | RegExp): Promise<void> {
    const all = this.find(selector)
    const some = text === undefined ? all : all.filter({ hasText: text })
    await some.first().waitFor({ state: 'hidden' })
  }

  /** `data` of the current page, as JSON. */
  async data(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.page.evaluate(inPage.readData)) as Readonly<Record<string, unknown>>
  }

  /** Calls a method of the current page, as its `this` would; arguments and result go as JSON. */
  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.page.evaluate(inPage.callPage, { method, args })
  }

  /** `pages/chat/chat` */
  async route(): Promise<string> {
    return this.page.evaluate(inPage.readRoute)
  }

  async stack(): Promise<readonly string[]> {
    return this.page.evaluate(inPage.readStack)
  }

  /** Waits until this page is in front. */
  async at(route: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) =>
        (
          globalThis as unknown as { __miniprogram?: { router: { current(): { route: string } | undefined } } }
        ).__miniprogram?.router.current()?.route === wanted,
      route,
    )
  }

  /** Taps a tab by its text. */
  async tab(text: string): Promise<void> {
    await this.page.locator('.mp-tab-bar .mp-tab').filter({ hasText: text }).first().tap()
  }

  /** Taps the back arrow of the navigation bar. */
  async back(): Promise<void> {
    await this.page.locator('.mp-back').first().tap()
  }

  /** Taps an item of an action sheet, or a button of a dialog, by its text. */
  async sheet(text: string): Promise<void> {
    const items = '.mp-sheet-item, .mp-modal-buttons > *, .mp-picker-item, .mp-picker-head > *'
    await this.page.locator('.mp-overlay').locator(items).filter({ hasText: text }).first().tap()
  }

  /** Scrolls the page, or a scroll-view by its selector. */
  async scroll(to: number | 'top' | 'bottom', selector?: string): Promise<void> {
    const box = selector === undefined ? null : await this.find(selector).first().elementHandle()
    await this.page.evaluate(inPage.scrollBox, { box, to })
  }

  /**
   * Leaves to the home screen; with `ms`, comes back after so long. The time is Playwright's clock's: after WeChat's
   * 5 seconds of grace the program stands still, the clock jumps, and each overdue timer fires once when it is back.
   */
  async background(ms?: number): Promise<void> {
    await this.page.evaluate(inPage.enterBackground)
    if (ms === undefined) return
    const graceMs = Math.min(ms, SUSPEND_AFTER_MS + 100)
    await this.page.clock.runFor(graceMs)
    const asleepMs = ms - graceMs
    if (asleepMs > 0) {
      await this.page.evaluate(inPage.wakeIn, asleepMs)
      await this.page.clock.fastForward(asleepMs + 1)
      await this.page.waitForFunction(inPage.isAwake)
    } else await this.foreground()
  }

  async foreground(): Promise<void> {
    await this.page.evaluate(inPage.enterForeground)
  }

  /** Lets the program's time pass: its timers run in order. */
  async pass(ms: number): Promise<void> {
    await this.page.clock.runFor(ms)
  }

  async network(type: NetworkType | 'on' | 'off'): Promise<void> {
    await this.control('setNetwork', type === 'on' ? 'wifi' : type === 'off' ? 'none' : type)
  }

  /** What the device or a person answers to wx.<name> from now on; undefined: the default again. */
  async mock(name: string, value: unknown): Promise<void> {
    await this.control('mock', name, value)
  }

  /** Calls a function that the runtime registered for tests. */
  async control(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.page.evaluate(inPage.control, { name, args })
  }

  async report(): Promise<RunReport> {
    const report = await this.page.evaluate(inPage.readReport)
    if (report === undefined) throw new Error('the mini-program does not run')
    return { ...report, ...this.#watched }
  }

  /** A PNG of the phone. */
  async shot(path: string): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' })
  }

  /** Kills the program and opens it again: storage stays, memory does not. */
  async restart(): Promise<void> {
    await this.page.reload()
    await this.page.waitForFunction(inPage.isRunning)
  }

  async close(): Promise<void> {
    await this.#context.close()
    await this.#closeRest()
  }

  #field(selector: string): Locator {
    return this.find(selector).first().locator('input, textarea').or(this.find(selector).first()).last()
  }

  async #tapOn(one: Locator): Promise<void> {
    // A library may draw ::after over the inner text, which Playwright would call an obstacle: a finger does not mind.
    await one.scrollIntoViewIfNeeded()
    const box = await one.boundingBox()
    if (box === null) throw new Error('the element is not on the screen')
    await this.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2)
  }
}

/** A file on disk for the album or the chat. */
export async function fileMock(path: string, about: Partial<FileMock> = {}): Promise<FileMock> {
  return { name: basename(path), base64: (await readFile(path)).toString('base64'), ...about }
}
