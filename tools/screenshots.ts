import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchBrowser } from '../e2e/kit/browser.ts'
import { startServer } from '../e2e/kit/server.ts'
import { openWindow, signIn, type TrialWindow, type WindowOptions } from '../e2e/kit/trial-window.ts'
import { ROOT } from './root.ts'

// npm run screenshots: plays a morning at a school on the real server and photographs the trial page.

const OUT = join(ROOT, 'docs/screenshots')
const DESKTOP = { width: 1200, height: 780 }
const PHONE: WindowOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
}
const USERS = [
  { userID: 'p_1002', nick: '小红爸爸' },
  { userID: 'p_1003', nick: '小刚奶奶' },
  { userID: 't_2002', nick: '李老师' },
]

const folder = mkdtempSync(join(tmpdir(), 'hongyan-screenshots-'))
const usersFile = join(folder, 'users.json')
writeFileSync(usersFile, JSON.stringify(USERS))
mkdirSync(OUT, { recursive: true })
const server = await startServer({ USERS_FILE: usersFile })
const browser = await launchBrowser()
try {
  await photographAll()
} finally {
  await browser.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function photographAll(): Promise<void> {
  const login = await openWindow(browser, server.url, { viewport: DESKTOP })
  await save(login, 'login')
  const darkLogin = await openWindow(browser, server.url, { viewport: DESKTOP, colorScheme: 'dark', at: '?lang=en' })
  await save(darkLogin, 'login-dark-english')

  const teacher = await signIn(browser, server.url, 't_2001', { viewport: DESKTOP })
  await save(teacher, 'first-visit')
  await receiveFromOthers(teacher)
  const parent = await signIn(browser, server.url, 'p_1001', { viewport: DESKTOP, colorScheme: 'dark', at: '&lang=en' })
  await chat(teacher, parent)
  await save(teacher, 'chat')
  await save(parent, 'chat-dark-english')

  await teacher.context.setOffline(true)
  await teacher.page.locator('.banner').getByText('网络断开了').waitFor()
  await save(teacher, 'offline')
  await teacher.context.setOffline(false)
  await teacher.page.locator('.banner').waitFor({ state: 'hidden' })

  const phone = await signIn(browser, server.url, 't_2001', PHONE)
  await teacher.page.locator('dialog[open]').waitFor()
  await save(teacher, 'signed-in-elsewhere')
  await phone.conversations.nth(3).waitFor()
  await save(phone, 'phone-list')
  await phone.conversations.filter({ hasText: '小明妈妈' }).click()
  await phone.row('好的，谢谢您！').waitFor()
  await save(phone, 'phone-chat')
}

/** Fills the teacher's list: some of it unread. */
async function receiveFromOthers(teacher: TrialWindow): Promise<void> {
  const letters: readonly (readonly [string, readonly string[]])[] = [
    ['p_1003', ['老师，小刚今天有点发烧，想请半天假。']],
    ['t_2002', ['下周的公开课教案我放在办公室了', '您有空帮我看看？']],
    ['administrator', ['请各位老师周五前提交期中成绩。']],
    ['p_1002', ['王老师，小红的水杯落在教室了，麻烦您帮忙看看，谢谢！']],
  ]
  for (const [userID, texts] of letters) {
    const sender = await signIn(browser, server.url, userID, { viewport: DESKTOP })
    await sender.talkTo('t_2001')
    for (const text of texts) await sender.say(text)
    await sender.page
      .getByText('未读', { exact: true })
      .nth(texts.length - 1)
      .waitFor()
    await sender.context.close()
  }
  await teacher.conversations.nth(3).waitFor()
}

async function chat(teacher: TrialWindow, parent: TrialWindow): Promise<void> {
  await teacher.talkTo('p_1001')
  await parent.talkTo('t_2001')
  await say(teacher, parent, '您好，小明妈妈！小明这周在课堂上很积极，作文还被贴在了班级展板上。')
  await say(teacher, parent, '明天下午三点在学校开家长会，您方便来吗？')
  await say(parent, teacher, '王老师好！听您这么说真高兴 😊')
  await say(parent, teacher, '能来的。请问在哪个教室？')
  await sendPlace(teacher, '实验楼三楼 · 大会议室')
  await parent.page.locator('.place').waitFor()
  await say(parent, teacher, '好的，谢谢您！')
  await parent.page.locator('.composer .icon-face').click()
  await parent.page.getByRole('button', { name: '🌹' }).click()
  await teacher.page.locator('.face').waitFor()
  await say(teacher, parent, '不客气，明天见。')
  await teacher.row('不客气，明天见。').getByText('已读').waitFor()
  const row = teacher.page.locator('.conversation-list li').filter({ hasText: '小明妈妈' })
  await teacher.choose(row, '置顶')
  await teacher.page.locator('.conversation-list .icon-pin').waitFor()
  await teacher.composer.hover()
}

async function say(from: TrialWindow, to: TrialWindow, text: string): Promise<void> {
  await from.say(text)
  await to.row(text).waitFor()
}

async function sendPlace(from: TrialWindow, description: string): Promise<void> {
  await from.page.getByRole('button', { name: '位置' }).click()
  const dialog = from.page.getByRole('dialog')
  await dialog.getByLabel('地点').fill(description)
  await dialog.getByLabel('纬度').fill('39.9042')
  await dialog.getByLabel('经度').fill('116.4074')
  await dialog.getByRole('button', { name: '发送' }).click()
}

async function save(window: TrialWindow, name: string): Promise<void> {
  // A caret that blinks would make every run's picture another one.
  await window.page.screenshot({ path: join(OUT, `${name}.png`), caret: 'hide', animations: 'disabled' })
  console.log(`docs/screenshots/${name}.png`)
}
