import type { Locator, Page } from 'playwright-core'

/** The messages of the open chat, as somebody at the window sees them. */
export interface WebThread {
  readonly scroller: Locator
  readonly messages: Locator
  readonly composer: Locator
  readonly dialog: Locator
  /** What is said between the messages: tips, what was recalled. */
  readonly notes: Locator
  /** The message with exactly this text. */
  message(text: string): Locator
  /** What the bubbles that are drawn say, in order. */
  texts(): Promise<readonly string[]>
  /** Writes and presses Enter. */
  say(text: string): Promise<void>
  /** Chooses from the menu of the message, opened by the right button. */
  choose(text: string, action: string): Promise<void>
  /** Waits until it has found its place. */
  standsStill(): Promise<void>
  /** Scrolls to so many pixels from the top. */
  scrollTo(top: number): Promise<void>
}

export function threadOf(page: Page): WebThread {
  const thread = page.locator('.thread')
  const scroller = thread.locator('.scroller')
  const messages = thread.locator('.message')
  const composer = page.locator('.composer textarea')
  const message = (text: string): Locator => messages.filter({ has: page.getByText(text, { exact: true }) })
  return {
    scroller,
    messages,
    composer,
    dialog: page.locator('dialog[open]'),
    notes: thread.locator('.note'),
    message,
    texts: () => messages.locator('.bubble').allInnerTexts(),
    async say(text) {
      await composer.fill(text)
      await composer.press('Enter')
    },
    async choose(text, action) {
      await message(text).locator('.bubble').click({ button: 'right' })
      await page.getByRole('menuitem', { name: action, exact: true }).click()
    },
    standsStill: () => thread.locator('.scroller.placed[aria-busy="false"]').waitFor(),
    async scrollTo(top) {
      await scroller.evaluate((element, wanted) => (element.scrollTop = wanted), top)
    },
  }
}
