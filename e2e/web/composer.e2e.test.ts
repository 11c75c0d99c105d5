import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { axeFaults } from '../kit/axe.ts'
import { launchBrowser } from '../kit/browser.ts'
import { describeInBrowser } from '../kit/describe-in-browser.ts'
import { joinAs, type Person } from '../kit/person.ts'
import { startServer, type TrialServer } from '../kit/server.ts'
import { composerOf, film, plugInMicrophone, type ChosenFile, type WebComposer } from '../kit/web-composer.ts'
import { signIn, type WebWindow } from '../kit/web-window.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const CLASS = 'GROUPclass_3_2'
const MB = 1024 * 1024

describeInBrowser('what is written and sent in the web demo', () => {
  let server: TrialServer
  let browser: Browser
  let teacher: WebWindow
  let parent: WebWindow
  let colleague: Person
  let mine: WebComposer
  let theirs: WebComposer
  let photo: ChosenFile

  beforeAll(async () => {
    photo = await picture('操场.png', 900, 600)
    browser = await launchBrowser()
    server = await startServer()
    colleague = await joinAs(server, 't_2002')
    ;[teacher, parent] = await Promise.all([
      signIn(browser, server.url, 't_2001'),
      signIn(browser, server.url, 'p_1001'),
    ])
    mine = composerOf(teacher.page)
    theirs = composerOf(parent.page)
    await Promise.all([teacher.talkTo('p_1001'), parent.talkTo('t_2001')])
  })
  afterEach(() => {
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })
  afterAll(async () => {
    await colleague?.leave()
    await browser?.close()
    await server?.stop()
  })

  test('Enter sends, Shift and Enter begin a line, and an input method keeps its Enter', async () => {
    await mine.field.click()
    await teacher.page.keyboard.type('第一行')
    await teacher.page.keyboard.press('Shift+Enter')
    await teacher.page.keyboard.type('第二行')
    await mine.field.evaluate((field) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))
    })
    expect(await mine.field.inputValue()).toBe('第一行\n第二行')
    await teacher.page.keyboard.press('Enter')
    await expect.poll(() => theirs.message('第一行').innerText(), WAIT).toContain('第一行\n第二行')
    expect(await mine.field.inputValue()).toBe('')
  })

  test('emoji are put where the caret is, and the keyboard walks among them', async () => {
    await mine.field.fill('你好')
    await mine.field.press('ArrowLeft')
    await mine.button('表情').click()
    await teacher.page.keyboard.press('ArrowRight')
    await teacher.page.keyboard.press('Enter')
    expect(await mine.field.inputValue()).toBe('你😃好')
    await teacher.page.keyboard.press('Escape')
    expect(await mine.button('表情').getAttribute('aria-expanded')).toBe('false')
    await mine.button('表情').click()
    await teacher.page.getByRole('heading', { name: '最近使用' }).waitFor()
    await teacher.page.keyboard.press('Escape')
    await mine.field.fill('')
  })

  test('a text that is too long for a message is not lost: it goes as a file', async () => {
    await mine.field.fill('长'.repeat(4_200))
    await mine.field.press('Enter')
    await mine.button('作为文件发送').click()
    await theirs.message('文字消息.txt').waitFor()
    expect(await mine.field.inputValue()).toBe('')
  })

  test('a pasted picture is looked at before it is sent, keeps its place while it loads, and opens large', async () => {
    await mine.paste([photo])
    await mine.dialog.getByText('发送给 小明妈妈').waitFor()
    await teacher.page.keyboard.press('Enter')
    const arrived = theirs.messages.locator('.picture.shown')
    await arrived.waitFor()
    const place = await arrived.evaluate((element) => [element.clientWidth, element.clientHeight])
    expect(place).toEqual([260, 173])
    await mine.messages.locator('.picture.shown').waitFor()

    await arrived.click()
    const viewer = theirs.dialog
    await expect.poll(() => viewer.locator('img').evaluate(naturalSize), WAIT).toEqual([900, 600])
    await parent.page.keyboard.press('r')
    await parent.page.keyboard.press('+')
    await expect.poll(() => viewer.locator('img').evaluate(transformOf)).toContain('rotate(90deg) scale(1.4)')
    expect(await axeFaults(parent.page)).toEqual([])
    const saving = parent.page.waitForEvent('download')
    await viewer.getByRole('link', { name: '下载' }).click()
    expect((await readFile(await (await saving).path())).length).toBeGreaterThan(500)
    await parent.page.keyboard.press('Escape')
    await expect.poll(() => theirs.dialog.count()).toBe(0)
    // The conversation is still open, and the focus is back.
    expect(await arrived.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test('files that are dropped are offered, can be taken out, and arrive under their names', async () => {
    const homework = { name: '数学作业 第3页（改）.zip', mimeType: 'application/zip', buffer: Buffer.alloc(2 * MB, 7) }
    const files = [
      homework,
      { ...homework, name: '不要.zip' },
      { ...homework, name: '空.txt', buffer: Buffer.alloc(0) },
    ]
    await mine.drag(files)
    await teacher.page.getByText('松开鼠标，发送给 小明妈妈').waitFor()
    await mine.drop(files)
    expect(await teacher.page.locator('.overlay').count()).toBe(0)
    await mine.dialog.getByText('空文件，不能发送').waitFor()
    await mine.dialog.getByRole('button', { name: '移除 不要.zip' }).click()
    const lift = await slowUploads(teacher, 2 * MB)
    await mine.dialog.getByRole('button', { name: '发送', exact: true }).click()
    const progress = mine.message('数学作业').getByRole('progressbar')
    await expect.poll(async () => Number(await progress.getAttribute('aria-valuenow')), WAIT).toBeGreaterThan(10)
    await lift()
    const card = theirs.message('数学作业').locator('.file')
    await card.waitFor()
    const saving = parent.page.waitForEvent('download')
    await card.click()
    const saved = await saving
    expect(saved.suggestedFilename()).toBe(homework.name)
    expect((await readFile(await saved.path())).equals(homework.buffer)).toBe(true)
    expect(await theirs.messages.filter({ hasText: '不要.zip' }).count()).toBe(0)
  })

  test('a video has its cover and its length, and plays', async () => {
    await mine.choose('图片或视频', [await film(teacher.page, '运动会.mp4')])
    const bubble = theirs.messages.locator('.video')
    // With its cover: until that has come the thread may still move under a click.
    await bubble.locator('img').waitFor()
    await expect.poll(() => bubble.locator('img').evaluate((img: HTMLImageElement) => img.complete), WAIT).toBe(true)
    expect(await bubble.locator('.duration').innerText()).toBe('0:01')
    expect(await bubble.evaluate((element) => element.clientHeight / element.clientWidth)).toBeCloseTo(9 / 16, 1)
    await bubble.click()
    await expect.poll(() => theirs.dialog.locator('video').evaluate(playedSeconds), WAIT).toBeGreaterThan(0.1)
    await parent.page.keyboard.press('Escape')
  })

  test('a voice message is recorded, arrives unheard, plays and stays heard', async () => {
    await plugInMicrophone(teacher.page)
    await mine.button('语音').click()
    await teacher.page.getByText('0:01 / 1:00').waitFor()
    await mine.button('发送语音').click()
    const row = theirs.messages.filter({ has: parent.page.locator('.voice') })
    await row.getByRole('img', { name: '未听' }).waitFor()
    await row.getByRole('button', { name: '播放语音，1 秒' }).click()
    await row.locator('.wave .heard').first().waitFor()
    await row.getByRole('button', { name: '播放语音，1 秒' }).waitFor()
    expect(await row.getByRole('img', { name: '未听' }).count()).toBe(0)
    await parent.page.reload()
    await row.locator('.voice').waitFor()
    expect(await row.getByRole('img', { name: '未听' }).count()).toBe(0)
  })

  test('a place is shown on a drawing, with its coordinates', async () => {
    await mine.button('位置').click()
    await mine.dialog.getByLabel('地点名称').fill('学校东门')
    await mine.dialog.getByLabel('纬度').fill('31.23')
    await mine.dialog.getByLabel('经度').fill('-121.5')
    await mine.dialog.getByRole('button', { name: '发送', exact: true }).click()
    await expect.poll(() => theirs.message('学校东门').innerText(), WAIT).toContain('北纬 31.23000°, 西经 121.50000°')
    // With a video, a voice message, a file and a place in sight.
    expect(await axeFaults(parent.page)).toEqual([])
  })

  test('an answer shows what it answers, leads there, and says so when that was taken back', async () => {
    await mine.say('明天八点半开会')
    const question = theirs.message('明天八点半开会')
    await question.hover()
    await question.getByRole('button', { name: '回复' }).click()
    await parent.page.getByText('回复 王老师').waitFor()
    await theirs.say('好的，一定到')
    const answer = mine.message('好的，一定到')
    await answer.locator('.quote').getByText('明天八点半开会').waitFor()
    await answer.locator('.quote').click()
    await teacher.page.locator('.message.lit', { hasText: '明天八点半开会' }).first().waitFor()

    const original = mine.messages.filter({ hasText: '明天八点半开会', hasNot: teacher.page.locator('.quote') })
    await original.hover()
    await original.getByRole('button', { name: '更多' }).click()
    await teacher.page.getByRole('menuitem', { name: '撤回' }).click()
    for (const side of [mine, theirs]) await side.message('好的，一定到').getByText('原消息已撤回').waitFor()
  })

  test('Escape gives up the answer and not the text', async () => {
    await mine.field.fill('写到一半')
    const row = mine.message('学校东门')
    await row.hover()
    await row.getByRole('button', { name: '回复' }).click()
    await mine.button('取消回复').waitFor()
    await mine.field.press('Escape')
    await expect.poll(() => mine.button('取消回复').count()).toBe(0)
    expect(await mine.field.inputValue()).toBe('写到一半')
  })

  test('what was begun waits as a draft, with whom it calls', async () => {
    await teacher.open(CLASS)
    await mine.field.click()
    await teacher.page.keyboard.type('请 @小')
    await teacher.page.getByRole('option', { name: '小明妈妈' }).waitFor()
    await teacher.page.keyboard.press('ArrowDown')
    await teacher.page.keyboard.press('ArrowUp')
    await teacher.page.keyboard.press('Enter')
    expect(await mine.field.inputValue()).toBe('请 @小明妈妈 ')
    await teacher.page.keyboard.type('带水')
    await teacher.talkTo('p_1001')
    await expect.poll(() => mine.field.inputValue()).toBe('写到一半')
    await teacher.conversation('三年级二班').getByText('[草稿]').waitFor()
    await teacher.open(CLASS)
    await expect.poll(() => mine.field.inputValue()).toBe('请 @小明妈妈 带水')
    await mine.field.press('Enter')
    await parent.conversation('三年级二班').getByText('[有人@我]').waitFor()
    await expect.poll(() => teacher.conversation('三年级二班').getByText('[草稿]').count(), WAIT).toBe(0)
  })

  test('everybody is called by the owner and not by a member, and a name goes as a whole', async () => {
    await parent.open(CLASS)
    await mine.field.pressSequentially('@')
    await teacher.page.getByRole('option', { name: '所有人' }).waitFor()
    expect(await axeFaults(teacher.page)).toEqual([])
    await teacher.page.keyboard.press('Enter')
    expect(await mine.field.inputValue()).toBe('@所有人 ')
    await teacher.page.keyboard.press('Backspace')
    expect(await mine.field.inputValue()).toBe('')
    await theirs.field.pressSequentially('@')
    await parent.page.getByRole('option', { name: '王老师' }).waitFor()
    expect(await parent.page.getByRole('option', { name: '所有人' }).count()).toBe(0)
    await parent.page.keyboard.press('Escape')
    await expect.poll(() => parent.page.getByRole('option').count()).toBe(0)
    // Escape closed the list and nothing else.
    expect(await theirs.field.inputValue()).toBe('@')
    await theirs.field.fill('')
  })

  test('who may not speak is told why, until he may again', async () => {
    const owner = await joinAs(server, 't_2001')
    const groupID = 'class_3_2'
    await owner.chat.updateGroupProfile({ groupID, muteAllMembers: true })
    await parent.page.getByText('已开启全员禁言').waitFor()
    expect(await theirs.field.count()).toBe(0)
    expect(await mine.field.count()).toBe(1)
    await owner.chat.updateGroupProfile({ groupID, muteAllMembers: false })
    await theirs.field.waitFor()
    await owner.chat.setGroupMemberMuteTime({ groupID, userID: 'p_1001', muteTime: 600 })
    await parent.page.getByText('你已被禁言').waitFor()
    await owner.chat.deleteGroupMember({ groupID, userIDList: ['p_1001'] })
    await parent.page.getByText('你已不在这个群里').waitFor()
    await owner.leave()
  })
})

async function picture(name: string, width: number, height: number): Promise<ChosenFile> {
  const background = { r: 120, g: 190, b: 160 }
  const buffer = await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()
  return { name, mimeType: 'image/png', buffer }
}

/** Loopback is too fast to see anything of the way. The result makes it fast again. */
async function slowUploads({ context, page }: WebWindow, bytesPerSecond: number): Promise<() => Promise<void>> {
  const network = await context.newCDPSession(page)
  const line = { offline: false, latency: 0, downloadThroughput: -1 }
  await network.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: bytesPerSecond })
  return async () => {
    await network.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 })
    await network.detach()
  }
}

// These run in the page.

function naturalSize(element: Element): readonly number[] {
  return element instanceof HTMLImageElement ? [element.naturalWidth, element.naturalHeight] : []
}

function transformOf(element: Element): string {
  return element instanceof HTMLElement ? element.style.transform : ''
}

function playedSeconds(element: Element): number {
  return element instanceof HTMLVideoElement ? element.currentTime : 0
}
