import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { signUserSig } from '../kit/user-sig.ts'
import { openTab, openWindow, signIn } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const SECRETKEY = 'a-key-of-this-test-that-is-long-enough-0123456789'
const OTHER_KEY = 'some-other-key-that-this-server-does-not-have-at-all'

/** What the page would have shown and played. */
interface Told {
  readonly notes: { title: string; body: string; tag: string }[]
  tones: number
}

describeInBrowser('the frame of the web demo', () => {
  let server: TrialServer
  let browser: Browser
  let sdkAppID: number

  beforeAll(async () => {
    server = await startServer({ SECRETKEY })
    browser = await launchBrowser()
    const about = await fetch(`${server.url}im/about`)
    sdkAppID = ((await about.json()) as { sdkAppID: number }).sdkAppID
  })
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const sign = (userID: string, options: { lifetimeSeconds?: number; secretKey?: string } = {}): string =>
    signUserSig({ userID, sdkAppID, secretKey: SECRETKEY, lifetimeSeconds: 3600, ...options })

  test('demo users stand by their roles; one click signs in, a reload keeps it, signing out ends it', async () => {
    const { page, problems } = await openWindow(browser, server.url)
    expect(await page.locator('.demo h3').allInnerTexts()).toEqual(['老师', '家长', '学校管理'])
    await page.getByRole('button', { name: /王老师/ }).click()
    await page.getByRole('textbox', { name: /搜索/ }).waitFor()
    await page.reload()
    await page.locator('.shell').waitFor()
    await page.getByRole('link', { name: '设置' }).click()
    await expect.poll(() => focusOf(page)).toBe('content')
    await page.getByRole('button', { name: '退出登录' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click()
    await page.locator('.sign-in').waitFor()
    await page.reload()
    await page.locator('.sign-in').waitFor()
    expect(problems).toEqual([])
  })

  test('who opens an address before signing in gets there afterwards; an address of nothing leads to the chats', async () => {
    const { page } = await openWindow(browser, server.url, { at: '#/settings' })
    await page.getByRole('button', { name: /李老师/ }).click()
    await page.getByRole('heading', { name: '设置', level: 1 }).waitFor()
    await page.goto(`${server.url}#/nothing/here`)
    await expect.poll(() => page.url()).toMatch(/#\/chats$/)
  })

  test('what is wrong with an account is said in words, and a good signature signs in', async () => {
    const { page, problems } = await openWindow(browser, server.url)
    await page.getByText('或使用其他账号').click()
    const enter = async (userID: string, userSig: string): Promise<void> => {
      await page.getByLabel('用户 ID').fill(userID)
      await page.getByLabel('UserSig 签名').fill(userSig)
      await page.getByRole('button', { name: '登录', exact: true }).click()
    }
    const alert = page.getByRole('alert')
    await enter('t_sig', 'not a signature')
    await alert.getByText('签名格式不对').waitFor()
    await enter('t_sig', sign('t_sig', { secretKey: OTHER_KEY }))
    await alert.getByText('签名校验失败').waitFor()
    await enter('t_sig', sign('t_sig', { lifetimeSeconds: 0 }))
    await alert.getByText('签名已过期').waitFor()
    await enter('t_sig', sign('t_other'))
    await alert.getByText('用户 ID 与签名不符').waitFor()
    await enter('有 空格', '')
    await alert.getByText('不含空格').waitFor()
    expect(problems.filter((problem) => !/usersig|status of 400/.test(problem))).toEqual([])
    await page.getByLabel('在这台电脑上保持登录').check()
    await enter('t_sig', sign('t_sig'))
    await page.locator('.shell').waitFor()
    const later = await openTab(page.context(), server.url)
    await later.page.locator('.shell').waitFor()
  })

  test('another sign-in ends this one with a dialog, from which the place can be taken back or left', async () => {
    const first = await signIn(browser, server.url, 't_twice')
    const second = await signIn(browser, server.url, 't_twice')
    const dialog = first.page.getByRole('dialog', { name: '已在别处登录' })
    await dialog.waitFor()
    await first.page.keyboard.press('Escape')
    expect(await second.page.getByRole('dialog').count()).toBe(0)
    await dialog.getByRole('button', { name: '重新登录' }).click()
    await second.page.getByRole('dialog', { name: '已在别处登录' }).waitFor()
    await expect.poll(() => first.page.getByRole('dialog').count(), WAIT).toBe(0)
    await first.page.getByText('还没有会话').waitFor()
    await second.page.getByRole('button', { name: '离开' }).click()
    await second.page.locator('.sign-in').waitFor()
    expect(second.page.url()).toBe(`${server.url}#/sign-in`)
    expect([...first.problems, ...second.problems]).toEqual([])
  })

  test('a sign-in that runs out says so, and can be renewed', async () => {
    const { page } = await openWindow(browser, server.url)
    await page.getByText('或使用其他账号').click()
    await page.getByLabel('用户 ID').fill('t_short')
    await page.getByLabel('UserSig 签名').fill(sign('t_short', { lifetimeSeconds: 3 }))
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await page.getByRole('dialog', { name: '登录已过期' }).getByRole('button', { name: '重新登录' }).click()
    await expect.poll(() => page.getByRole('dialog').count(), WAIT).toBe(0)
    await page.getByText('还没有会话').waitFor()
  })

  test('the title, the icon and the rail tell how much waits', async () => {
    const { page } = await signIn(browser, server.url, 't_waiting')
    const plain = await page.locator('link[rel=icon]').getAttribute('href')
    expect(await page.title()).toBe('鸿雁')
    const parent = await joinAs(server, 'p_waiting', '小明妈妈')
    await parent.say('t_waiting', '一')
    await parent.say('t_waiting', '二')
    await expect.poll(() => page.title(), WAIT).toBe('(2) 鸿雁')
    await page.locator('.rail').getByText('2 条未读').waitFor()
    await expect.poll(() => page.locator('link[rel=icon]').getAttribute('href'), WAIT).toMatch(/^data:image\/png/)
    await page.locator('.conversation').click({ button: 'right' })
    await page.getByRole('menuitem', { name: '标为已读' }).click()
    await expect.poll(() => page.title(), WAIT).toBe('鸿雁')
    await expect
      .poll(() => page.locator('link[rel=icon]').evaluate((link: HTMLLinkElement) => link.href))
      .toContain(plain?.replace('./', ''))
    await parent.leave()
  })

  test('what is chosen in the settings holds at once, for others, and after a reload', async () => {
    const { page, problems } = await signIn(browser, server.url, 't_chooser', { at: '#/settings' })
    await page.getByLabel('昵称').fill('赵老师')
    await page.getByLabel('个性签名').fill('教数学')
    await page.getByRole('radio', { name: '头像 3' }).check({ force: true })
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByRole('link', { name: '赵老师，我的资料' }).waitFor()
    const parent = await joinAs(server, 'p_chooser')
    const { data } = await parent.chat.getUserProfile({ userIDList: ['t_chooser'] })
    expect(data[0]).toMatchObject({ nick: '赵老师', selfSignature: '教数学', avatar: `${server.url}avatars/panda.svg` })
    await parent.leave()
    await page.getByText('深色', { exact: true }).click()
    await page.getByText('特大', { exact: true }).click()
    await page.getByText('Ctrl + Enter').click()
    await page.getByText('English', { exact: true }).click()
    await page.reload()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    const html = page.locator('html')
    expect(await html.getAttribute('lang')).toBe('en')
    expect(await html.getAttribute('theme-mode')).toBe('dark')
    expect(await html.evaluate((element) => getComputedStyle(element.ownerDocument.body).fontSize)).toBe('19.5px')
    expect(await page.getByRole('radio', { name: 'Ctrl + Enter' }).isChecked()).toBe(true)
    expect(problems).toEqual([])
  })

  test('a browser that refuses notifications is explained, and nothing is switched on', async () => {
    const { page } = await signIn(browser, server.url, 't_refused', { at: '#/settings' })
    await page.evaluate(() => {
      Object.defineProperty(Notification, 'permission', { get: () => 'denied' })
    })
    await page.getByRole('switch', { name: '桌面通知' }).click()
    await page.getByText('浏览器拒绝了通知').waitFor()
    expect(await page.getByRole('switch', { name: '桌面通知' }).isChecked()).toBe(false)
  })

  test('messages elsewhere are told with a tone and a note; own, muted and read ones are not; previews can be off', async () => {
    const { page } = await signIn(browser, server.url, 't_told', { permissions: ['notifications'] })
    await recordTelling(page)
    await page.getByRole('link', { name: '设置' }).click()
    await page.getByRole('switch', { name: '桌面通知' }).click()
    const [mother, father] = await Promise.all([
      joinAs(server, 'p_told_1', '小明妈妈'),
      joinAs(server, 'p_told_2', '小红爸爸'),
    ])
    const told = (): Promise<Told> => page.evaluate(() => (window as unknown as { told: Told }).told)
    await mother.say('t_told', '明天请假')
    await expect
      .poll(async () => (await told()).notes, WAIT)
      .toEqual([{ title: '小明妈妈', body: '明天请假', tag: 'C2Cp_told_1' }])
    expect((await told()).tones).toBeGreaterThan(0)

    await page.getByRole('switch', { name: '通知里显示消息内容' }).click()
    await father.say('t_told', '不想让旁人看到')
    await expect
      .poll(async () => (await told()).notes.at(-1))
      .toMatchObject({ tag: 'C2Cp_told_2', body: '发来一条新消息' })

    await page.evaluate(() =>
      (window as unknown as { lastNote: EventTarget }).lastNote.dispatchEvent(new Event('click')),
    )
    await expect.poll(() => page.url()).toMatch(/#\/chats\/C2Cp_told_2$/)
    await page.bringToFront()
    await father.say('t_told', '正在看的')
    await page.getByText('正在看的').first().waitFor()
    const row = page.locator('.conversation').filter({ hasText: '小明妈妈' })
    await row.click({ button: 'right' })
    await page.getByRole('menuitem', { name: '消息免打扰' }).click()
    await row.getByText('免打扰').waitFor()
    await mother.say('t_told', '已免打扰')
    await row.getByText('已免打扰').waitFor()
    expect((await told()).notes).toHaveLength(2)
    await Promise.all([mother.leave(), father.leave()])
  })

  test('the keyboard leads everywhere', async () => {
    const { page } = await signIn(browser, server.url, 't_keys', { at: '#/settings' })
    await page.keyboard.press('Control+k')
    await expect.poll(() => focusOf(page), WAIT).toMatch(/搜索/)
    await page.keyboard.press('Escape')
    await page.goto(`${server.url}?user=t_keys#/settings`)
    await page.getByRole('heading', { name: '设置', level: 1 }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: '快捷键' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    const { page: fresh } = await openTab(page.context(), server.url, '?user=t_fresh_keys#/settings')
    await fresh.keyboard.press('Tab')
    expect(await focusOf(fresh)).toBe('跳到主要内容')
    await fresh.keyboard.press('Enter')
    expect(await focusOf(fresh)).toBe('content')
    await fresh.close()
    const parent = await joinAs(server, 'p_keys', '小明妈妈')
    await parent.say('t_keys', '在吗')
    await page.keyboard.press('Alt+ArrowDown')
    await expect.poll(() => page.url(), WAIT).toMatch(/C2Cp_keys$/)
    await page.locator('.rail').click({ position: { x: 5, y: 300 } })
    await page.keyboard.press('Escape')
    await expect.poll(() => page.url(), WAIT).toMatch(/#\/chats$/)
    await parent.leave()
  })
})

function focusOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.getAttribute('aria-label') ?? (activeElement?.id || (activeElement?.textContent ?? ''))
  })
}

/** In place of the desktop and the loudspeaker, which a browser without a window has not. */
async function recordTelling(page: Page): Promise<void> {
  await page.evaluate(() => {
    const told: Told = { notes: [], tones: 0 }
    class Note extends EventTarget {
      static readonly permission = 'granted'
      constructor(title: string, { body, tag }: { body: string; tag: string }) {
        super()
        told.notes.push({ title, body, tag })
        Object.assign(window, { lastNote: this })
      }
      close(): void {}
    }
    const { start } = OscillatorNode.prototype
    OscillatorNode.prototype.start = function (...at) {
      told.tones++
      start.apply(this, at)
    }
    Object.assign(window, { told, Notification: Note })
  })
}
