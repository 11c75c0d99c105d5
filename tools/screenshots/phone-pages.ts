import type { Browser } from 'playwright-core'
import { buildParentApp } from '../../e2e/kit/parent-app.ts'
import { classed, type ParentPhone } from '../../e2e/kit/parent-phone.ts'
import type { TrialServer } from '../../e2e/kit/server.ts'
import type { Album } from './album.ts'
import { PEOPLE } from './people.ts'
import type { SchoolClock } from './school-clock.ts'

const CLASS = '三年级二班'

/** The parents' mini-program as 小明妈妈 has it. */
export async function photographPhone(
  browser: Browser,
  server: TrialServer,
  clock: SchoolClock,
  album: Album,
): Promise<void> {
  const app = await buildParentApp()
  try {
    const phone = await app.open(browser, server)
    await phone.mp.page.clock.setSystemTime(clock.nowMs())
    await visit(phone, album)
    await phone.close()
  } finally {
    await app.close()
  }
}

async function visit(phone: ParentPhone, album: Album): Promise<void> {
  const { mp } = phone
  const shoot = async (name: string): Promise<void> => {
    await mp.page.waitForFunction(() => [...document.images].every(({ complete }) => complete))
    await album.take(mp.page, `mini-${name}`)
  }
  const enter = async (title: string): Promise<void> => {
    await mp.tap(classed('title'), title)
    await mp.at('pages/chat/chat')
    await phone.find('composer').waitFor()
  }
  await mp.see(classed('user'), PEOPLE.ming.nick)
  await shoot('sign-in')
  await phone.signIn(PEOPLE.ming.nick)
  await phone.row(CLASS).waitFor()
  await shoot('conversations')
  await enter(PEOPLE.wang.nick)
  await phone.find('sound').waitFor()
  await shoot('chat')
  await mp.back()
  await mp.tab('班级')
  await mp.see(classed('name'), CLASS)
  await mp.tap(classed('line'), CLASS)
  await mp.at('pages/class/class')
  await phone.find('person').nth(3).waitFor()
  await shoot('class')
  await mp.back()
  await mp.tab('通讯录')
  await phone.find('line').nth(5).waitFor()
  await shoot('contacts')
  await mp.tab('我的')
  await phone.find('head').getByText(PEOPLE.ming.nick).waitFor()
  await shoot('me')
  await mp.tap(classed('t-cell'), '语言')
  await mp.sheet('English')
  await mp.tab('Chats')
  await phone.row(CLASS).waitFor()
  await shoot('conversations-english')
  await mp.tab('Me')
  await mp.tap(classed('t-cell'), '语言')
  await mp.sheet('简体中文')
  await mp.page.emulateMedia({ colorScheme: 'dark' })
  await mp.tab('消息')
  await phone.row(CLASS).waitFor()
  await shoot('conversations-dark')
  await enter(CLASS)
  await phone.find('picture').last().waitFor()
  await shoot('class-chat-dark')
}
