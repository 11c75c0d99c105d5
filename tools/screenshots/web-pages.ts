import type { Locator, Page } from 'playwright-core'
import { threadOf } from '../../e2e/kit/web-thread.ts'
import type { WebWindow } from '../../e2e/kit/web-window.ts'
import type { Album } from './album.ts'
import { settled, type Desk, type Look } from './desk.ts'

const CLASS = '/chats/GROUPclass_3_2'
const MOTHER = '/chats/C2Cp_1001'

/** Each page of the web demo at least once light and dark, in Chinese and in English, wide and narrow. */
export async function photographWeb(desk: Desk, album: Album): Promise<void> {
  const shoot = async (page: Page, name: string, look: Look): Promise<void> => {
    // Nothing is pointed at.
    await page.mouse.move(0, 0)
    await settled(page)
    await album.take(page, nameOf(name, look))
  }
  for (const look of looks('', 'dark english narrow')) await shoot(await desk.openSignIn(look), 'sign-in', look)
  const pages: readonly Recipe[] = [
    { name: 'chat', at: MOTHER, looks: looks('', 'dark english narrow'), act: showThread },
    { name: 'list', at: '/chats', looks: looks('narrow'), act: showList },
    { name: 'group', at: CLASS, looks: looks('dark', 'english narrow'), act: showThread },
    { name: 'group-panel', at: CLASS, looks: looks('', 'dark english narrow'), act: showPanel },
    { name: 'receipts', at: CLASS, looks: looks('', 'dark english narrow'), act: showReceipts },
    { name: 'picture', at: CLASS, looks: looks('dark', 'english narrow'), act: showPicture },
    { name: 'forward', at: CLASS, looks: looks('english', 'dark narrow'), act: showForward },
    { name: 'contacts', at: '/contacts/p_1006', looks: looks('english'), act: showContacts },
    { name: 'contacts', at: '/contacts', looks: looks('dark narrow'), act: showContacts },
    { name: 'new-group', at: '/contacts', looks: looks('dark english', 'narrow'), act: showNewGroup },
    { name: 'search', at: MOTHER, looks: looks(''), act: showSearch },
    { name: 'search', at: '/chats', looks: looks('dark english narrow'), act: showSearch },
    { name: 'settings', at: '/settings', looks: looks('dark english', 'narrow'), act: showSettings },
    { name: 'notices', at: '/notices', looks: looks('', 'dark english narrow'), act: showNotices },
  ]
  for (const { name, at, looks: wanted, act } of pages) {
    for (const look of wanted) {
      const window = await desk.open('wang', look, at)
      await act(window, look)
      await shoot(window.page, name, look)
    }
  }
  for (const look of looks('dark', 'english narrow')) {
    const window = await desk.open('wang', look, MOTHER)
    await showThread(window)
    await window.context.setOffline(true)
    await window.page.locator('.banner').waitFor()
    await shoot(window.page, 'offline', look)
    await window.context.setOffline(false)
    await window.page.locator('.banner').waitFor({ state: 'hidden' })
  }
  // The first to have signed in is the first to go.
  const [first, second] = looks('', 'dark english narrow')
  const windows = [await desk.open('wang', first ?? {}, MOTHER), await desk.open('wang', second ?? {}, MOTHER)]
  for (const [index, window] of windows.entries()) {
    await showThread(window)
    await desk.signInOnceMore('wang')
    await window.page.locator('dialog[open]').waitFor()
    await shoot(window.page, 'signed-in-elsewhere', (index === 0 ? first : second) ?? {})
  }
}

interface Recipe {
  readonly name: string
  readonly at: string
  readonly looks: readonly Look[]
  readonly act: (window: WebWindow, look: Look) => Promise<void>
}

function looks(...texts: readonly string[]): readonly Look[] {
  return texts.map((text) => ({
    ...(text.includes('narrow') && { narrow: true as const }),
    ...(text.includes('dark') && { dark: true as const }),
    ...(text.includes('english') && { english: true as const }),
  }))
}

function nameOf(page: string, { narrow, dark, english }: Look): string {
  return ['web', page, dark && 'dark', english && 'english', narrow && 'narrow'].filter(Boolean).join('-')
}

async function showList({ conversations }: WebWindow): Promise<void> {
  await conversations.nth(6).waitFor()
}

async function showThread({ page }: WebWindow): Promise<void> {
  await page.locator('.message').nth(3).waitFor()
  await page.locator('.composer').waitFor()
}

async function showPanel(window: WebWindow): Promise<void> {
  await showThread(window)
  await window.page.locator('.chat header button').last().click()
  await window.page.locator('aside .body').waitFor()
}

/** The message of one's own that shows the picture of the class. */
async function classPicture({ page }: WebWindow): Promise<Locator> {
  const message = page
    .locator('.message.mine')
    .filter({ has: page.locator('.picture') })
    .last()
  await message.waitFor()
  await message.scrollIntoViewIfNeeded()
  return message
}

async function showReceipts(window: WebWindow): Promise<void> {
  await showThread(window)
  await (await classPicture(window)).locator('button.read').click()
  await window.page.locator('aside li').first().waitFor()
  await threadOf(window.page).scroller.evaluate((element) => (element.scrollTop = element.scrollHeight))
}

async function showPicture(window: WebWindow): Promise<void> {
  await showThread(window)
  await (await classPicture(window)).locator('.picture').click()
  await window.page.locator('dialog[open] img').first().waitFor()
}

async function showForward(window: WebWindow, { english }: Look): Promise<void> {
  await showThread(window)
  const message = await classPicture(window)
  await message.locator('.bubble').click({ button: 'right' })
  await window.page.getByRole('menuitem', { name: english ? 'Forward' : '转发', exact: true }).click()
  const { dialog } = threadOf(window.page)
  for (const index of [1, 3]) await dialog.getByRole('checkbox').nth(index).click()
  await dialog.locator('.targets').evaluate((list) => (list.scrollTop = 0))
}

async function showContacts({ page }: WebWindow): Promise<void> {
  await page.locator('.contacts .row').nth(9).waitFor()
}

async function showNewGroup(window: WebWindow): Promise<void> {
  await showContacts(window)
  const { page } = window
  await page.locator('.doings button').first().click()
  const dialog = page.locator('dialog[open]')
  await dialog.locator('input[type=text]').first().fill('三年级家委会')
  for (const name of ['陈宇轩妈妈', '黄梓萱爸爸', '李老师']) await dialog.getByRole('checkbox', { name }).click()
  await dialog.evaluate((element) => {
    for (const inner of element.querySelectorAll('*')) inner.scrollTop = 0
  })
}

async function showSearch({ page, conversations }: WebWindow): Promise<void> {
  await conversations.first().waitFor()
  await page.locator('.search input').fill('家长')
  await page.locator('.found').nth(2).waitFor()
}

async function showSettings({ page }: WebWindow): Promise<void> {
  await page.locator('.settings .pictures img').last().waitFor()
}

async function showNotices({ page }: WebWindow): Promise<void> {
  await page.locator('.notices .what').first().waitFor()
}
