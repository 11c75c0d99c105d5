import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import sharp, { type Sharp } from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { openChatPage, type ChatPage, type PageMessage, type Sending } from './kit/chat-page.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { CARELESS_RUNS, hostileFiles, type HostileFile } from './kit/hostile-files.ts'
import { marksIn, openFrom, WAYS, type Opening } from './kit/openings.ts'
import { chooseLargeFile, fetchHash, loads, play, record, shown, statuses } from './kit/page-media.ts'
import { openSchoolSite, type SchoolSite } from './kit/school-site.ts'
import { startServer, type TrialServer } from './kit/server.ts'

const WAIT = { timeout: 15_000, interval: 50 }
const LARGE_BYTES = 9_000_000

/** The pages are those of a school's own site: of another site than the server's. */
describeInBrowser('pictures, videos and files in the pages of a school', () => {
  let site: SchoolSite
  let server: TrialServer
  let browser: Browser
  let realPng: Buffer
  let teacher: ChatPage
  let parent: ChatPage

  beforeAll(async () => {
    realPng = await sharp({ create: { width: 900, height: 800, channels: 3, background: 'green' } })
      .png()
      .toBuffer()
    browser = await launchBrowser()
    site = await openSchoolSite((reportUrl) => hostileFiles(reportUrl, realPng))
    server = await startServer({ ALLOWED_ORIGINS: site.origin })
    ;[teacher, parent] = await Promise.all([signIn('teacher'), signIn('parent')])
  })
  afterEach(async () => {
    const lasting = [teacher.context, parent.context]
    const passing = browser.contexts().filter((context) => !lasting.includes(context))
    await Promise.all(passing.map((context) => context.close()))
    for (const { problems } of [teacher, parent]) problems.length = 0
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await site?.close()
  })

  function signIn(userID: string): Promise<ChatPage> {
    return openChatPage(browser, { site, server, userID })
  }

  /** As the receiver has it. */
  async function arrived(receiver: ChatPage, { code, message }: Sending): Promise<PageMessage> {
    expect(code).toBe(0)
    return receiver.message(message.ID)
  }

  test('a photo chosen in an input arrives upright in three sizes, and says nothing of where it was taken', async () => {
    const buffer = await phonePhoto()
    expect((await sharp(buffer).metadata()).exif?.includes('SecretPhone')).toBe(true)
    await teacher.page.setInputFiles('input', { name: 'IMG_0001.jpg', mimeType: 'image/jpeg', buffer })
    const sending = await teacher.sendChosen('createImageMessage', 'parent')
    expectProgress(sending)

    const { payload, type } = await arrived(parent, sending)
    expect([type, payload.imageFormat]).toEqual(['TIMImageElem', 1])
    expect(payload.imageInfoArray).toEqual(sending.message.payload.imageInfoArray.map(withAnyAddress))
    const sizes = [
      [1000, 1600],
      [198, 317],
      [720, 1152],
    ]
    expect(payload.imageInfoArray.map(({ width, height }) => [width, height])).toEqual(sizes)
    for (const [index, { imageUrl, size }] of payload.imageInfoArray.entries()) {
      // Red was on the left as it was stored.
      expect(await shown(parent.page, imageUrl)).toEqual({ size: sizes[index], top: 'red', bottom: 'blue' })
      const bytes = await contentOf(imageUrl)
      expect([bytes.length, bytes.includes('SecretPhone')]).toEqual([size, false])
      // What is left is the orientation, which takes 32 bytes.
      expect([undefined, 32]).toContain((await sharp(bytes).metadata()).exif?.length)
    }
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })

  test('a picture given as a File arrives, and is not enlarged where it is small', async () => {
    const bytes = await twoColours(300, 500).png().toBuffer()
    const sending = await teacher.send('createImageMessage', 'parent', { name: '画.png', type: 'image/png', bytes })
    expectProgress(sending)
    const { payload } = await arrived(parent, sending)
    const all = await Promise.all(payload.imageInfoArray.map(({ imageUrl }) => shown(parent.page, imageUrl)))
    const upright = { top: 'red', bottom: 'blue' }
    expect(all).toEqual([
      { size: [300, 500], ...upright },
      { size: [198, 330], ...upright },
      { size: [300, 500], ...upright },
    ])
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })

  test.each([
    ['mp4', 'video/mp4;codecs=vp9'],
    // By its name; what it is, the server sees.
    ['webm', 'video/webm;codecs=vp8'],
  ])('a video as %s arrives with its length and a cover, plays and can be wound', async (format, mimeType) => {
    const { bytes, seconds } = await teacher.page.evaluate(record, mimeType)
    const sending = await teacher.sendChosen('createVideoMessage', 'parent')
    expectProgress(sending)

    const { payload } = await arrived(parent, sending)
    // A page on a busy machine draws its frames more slowly; the recorder's own start and end are not exactly ours.
    expect([Math.floor(seconds - 0.3), Math.floor(seconds)]).toContain(payload.videoSecond)
    expect(payload).toMatchObject({
      videoSize: bytes,
      videoFormat: format,
      thumbWidth: 320,
      thumbHeight: 240,
    })
    expect(await shown(parent.page, payload.thumbUrl)).toEqual({ size: [320, 240], top: 'red', bottom: 'red' })
    const answers: number[] = []
    parent.page.on('response', (response) => response.url() === payload.videoUrl && answers.push(response.status()))
    const played = await parent.page.evaluate(play, payload.videoUrl)
    expect(played).toEqual({ size: [320, 240], isPlaying: true, seekable: true, first: 'red', last: 'blue' })
    expect(answers).toContain(206)
    // Parts of it, as a page may ask for them itself.
    const part = await parent.page.evaluate(async (url) => {
      const answer = await fetch(url, { headers: { range: 'bytes=100-199' } })
      return [answer.status, answer.headers.get('content-range'), (await answer.arrayBuffer()).byteLength]
    }, payload.videoUrl)
    expect(part).toEqual([206, `bytes 100-199/${bytes}`, 100])
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })

  test('a WebM under its own name is refused with the error of TIM, which takes none', async () => {
    await teacher.page.evaluate(async () => {
      const chosen = new DataTransfer()
      chosen.items.add(new File([new Uint8Array(100)], 'clip.webm', { type: 'video/webm' }))
      const input = document.querySelector('input')
      if (input) input.files = chosen.files
    })
    expect((await teacher.sendChosen('createVideoMessage', 'parent')).code).toBe(2352)
  })

  test('a large file arrives byte for byte and is saved under its Chinese name', async () => {
    const name = '数学作业 第3页（改）.zip'
    const hash = await teacher.page.evaluate(chooseLargeFile, { name, bytes: LARGE_BYTES })
    // Loopback is too fast to see anything of the way.
    const network = await teacher.context.newCDPSession(teacher.page)
    const line = { offline: false, latency: 0, downloadThroughput: -1 }
    await network.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: LARGE_BYTES })
    const sending = await teacher.sendChosen('createFileMessage', 'parent')
    await network.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 })
    await network.detach()
    expectProgress(sending)
    expect(sending.progress.length).toBeGreaterThanOrEqual(4)

    const { payload } = await arrived(parent, sending)
    expect(payload).toMatchObject({ fileName: name, fileSize: LARGE_BYTES })
    expect(await parent.page.evaluate(fetchHash, payload.fileUrl)).toBe(hash)
    const coming = parent.page.waitForEvent('download')
    await parent.page.evaluate((url) => {
      const link = document.createElement('a')
      link.href = url
      document.body.append(link)
      link.click()
    }, payload.fileUrl)
    const download = await coming
    expect(download.suggestedFilename()).toBe(name)
    const saved = readFileSync(await download.path())
    expect([saved.length, saved.equals(await contentOf(payload.fileUrl))]).toEqual([LARGE_BYTES, true])
    expect([...teacher.problems, ...parent.problems]).toEqual([])
  })

  test('a recalled picture is gone at the next look, also for a browser that has kept it', async () => {
    const bytes = await twoColours(900, 1000).jpeg().toBuffer()
    const sending = await teacher.send('createImageMessage', 'parent', { name: 'a.jpg', type: 'image/jpeg', bytes })
    const { payload, ID } = await arrived(parent, sending)
    const urls = payload.imageInfoArray.map(({ imageUrl }) => imageUrl)
    const again = await parent.context.newPage()
    const asked: Promise<boolean>[] = []
    again.on('request', (request) => {
      if (urls.includes(request.url())) asked.push(request.allHeaders().then((headers) => 'if-none-match' in headers))
    })
    const look = async (): Promise<readonly boolean[]> => {
      await again.goto(site.origin)
      asked.length = 0
      return again.evaluate(loads, urls)
    }
    expect(await look()).toEqual([true, true, true])
    expect(await look()).toEqual([true, true, true])
    // The browser has kept them, and asks whether it may show them.
    expect(await Promise.all(asked)).toEqual([true, true, true])

    await teacher.page.evaluate(() => window.chat.revokeMessage(window.sent))
    expect(await look()).toEqual([false, false, false])
    expect(await again.evaluate(statuses, urls)).toEqual([404, 404, 404])
    await expect.poll(() => parent.page.evaluate(() => window.revoked), WAIT).toEqual([ID])
    // Nor does its sender, to whom it belonged.
    const own = sending.message.payload.imageInfoArray.map(({ imageUrl }) => imageUrl)
    expect(
      await teacher.page.evaluate(
        loads,
        own.map((url) => `${url}&again`),
      ),
    ).toEqual([false, false, false])
  })

  test('a copied address shows nothing to who is not in the conversation, nor without a right token, nor after the logout', async () => {
    const [reader, stranger] = await Promise.all([signIn('reader'), signIn('stranger')])
    const bytes = await twoColours(900, 1000).jpeg().toBuffer()
    const picture = { name: 'a.jpg', type: 'image/jpeg', bytes }
    const { payload } = await arrived(reader, await teacher.send('createImageMessage', 'reader', picture))
    const own = await stranger.send('createImageMessage', 'teacher', picture)
    const strangersToken = tokenIn(own.message.payload.imageInfoArray[0]?.imageUrl ?? '')
    expect(strangersToken).not.toBe('')
    for (const { imageUrl } of payload.imageInfoArray) {
      const [path = ''] = imageUrl.split('?')
      const token = tokenIn(imageUrl)
      const wrong = [path, `${path}?t=`, `${path}?t=${strangersToken}`, `${path}?t=${token.slice(0, -4)}`]
      expect(await stranger.page.evaluate(loads, wrong)).toEqual(wrong.map(() => false))
      expect(await reader.page.evaluate(loads, [imageUrl])).toEqual([true])
    }
    await reader.page.evaluate(() => window.chat.logout())
    const urls = payload.imageInfoArray.map(({ imageUrl }) => `${imageUrl}&again`)
    expect(await reader.page.evaluate(loads, urls)).toEqual([false, false, false])
  })

  test('hostile files are refused as what they are not, and those that are taken never run, however they are opened', async () => {
    const [attacker, victim] = await Promise.all([signIn('attacker'), signIn('victim')])
    const files = hostileFiles(site.reportUrl + encodeURIComponent('server '), realPng)
    const asFiles = await Promise.all(files.map((file) => sendAsFile(attacker, victim, file)))
    const disguised = await Promise.all(files.map((file) => sendInDisguise(attacker, victim, file)))
    const taken = [...asFiles, ...disguised.flat()]
    expect(disguised.flat().map(({ name }) => name)).toEqual([
      'createVideoMessage film.mp4',
      'createAudioMessage film.mp4',
      'createImageMessage notice.png',
      'createAudioMessage song.mp3',
    ])
    site.reports.clear()

    const everyWay = taken.flatMap(({ url }) => WAYS.map((way) => ({ way, url })))
    const guarded = await openFrom(browser, `${server.url}im/usersig?userID=victim`, everyWay)
    // From the school's site, in a browser that obeys no content policy: the other headers must do.
    const unguarded = await openFrom(browser, site.origin, runningWays(taken), { bypassCSP: true })
    // The same from a server that does not care: when that has run, all others would have, too.
    const careless = files.map(({ name }) => ({ name, url: site.carelessUrl(name) }))
    const control = await openFrom(browser, site.origin, runningWays(careless))
    const all = WAYS.flatMap((way) => CARELESS_RUNS[way].map((name) => `${way} ${name}`))
    await expect.poll(() => all.filter((one) => !site.reports.has(one)), WAIT).toEqual([])
    await expect.poll(() => marksIn(control.context), WAIT).toEqual(['__alerted', '__told', '__xss'])

    expect([...site.reports].filter((report) => report.startsWith('server'))).toEqual([])
    for (const { context, elsewhere, dialogs } of [guarded, unguarded]) {
      expect([elsewhere, dialogs, await marksIn(context)]).toEqual([[], [], []])
    }
    expect(everyWay.filter(({ way, url }) => !guarded.asked.has(`${url}&via=${way}`))).toEqual([])
    // Whoever goes to one of them saves it, but for what is shown in place.
    const shownInPlace = ['film.mp4', 'notice.png', 'dance.gif', 'song.mp3', 'skin.bmp']
    const saved = files.map(({ name }) => name).filter((name) => !shownInPlace.includes(name))
    expect([...guarded.downloads].sort()).toEqual(saved.sort())
  })

  async function sendAsFile(attacker: ChatPage, victim: ChatPage, file: HostileFile): Promise<Taken> {
    const { name, bytes, carelessType: type } = file
    const { payload } = await arrived(victim, await attacker.send('createFileMessage', 'victim', { name, type, bytes }))
    expect((await contentOf(payload.fileUrl)).equals(bytes)).toBe(true)
    return { name, url: payload.fileUrl }
  }

  /** As a picture, a film and sound. Gives the addresses of what is one, and can be opened. */
  async function sendInDisguise(attacker: ChatPage, victim: ChatPage, file: HostileFile): Promise<Taken[]> {
    const disguises = [
      ['createImageMessage', 'a.jpg', 'image/jpeg', 2252],
      ['createVideoMessage', 'a.mp4', 'video/mp4', 2352],
      ['createAudioMessage', 'a.mp3', 'audio/mpeg', 2300],
    ] as const
    const taken: Taken[] = []
    for (const [method, name, type, refusal] of disguises) {
      const sending = await attacker.send(method, 'victim', { name, type, bytes: file.bytes })
      if (sending.code !== 0) {
        expect([file.name, method, sending.code]).toEqual([file.name, method, refusal])
        continue
      }
      const { payload } = await arrived(victim, sending)
      const url = payload.videoUrl ?? payload.url ?? payload.imageInfoArray[0]?.imageUrl
      taken.push({ name: `${method} ${file.name}`, url })
    }
    return taken
  }
})

/** A hostile file that can be opened. */
interface Taken {
  readonly name: string
  readonly url: string
}

/** The ways by which these would run if the server were careless. */
function runningWays(all: readonly Taken[]): Opening[] {
  return WAYS.flatMap((way) =>
    all.filter(({ name }) => CARELESS_RUNS[way].some((one) => name.endsWith(one))).map(({ url }) => ({ way, url })),
  )
}

/** Ever more, and 1 at the end and only there. */
function expectProgress({ code, progress }: Sending): void {
  expect(code).toBe(0)
  expect(progress.length).toBeGreaterThanOrEqual(2)
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b))
  expect(progress.indexOf(1)).toBe(progress.length - 1)
}

/** Each has his own token. */
function withAnyAddress<Entry extends object>(entry: Entry): Entry {
  return { ...entry, imageUrl: expect.any(String), url: expect.any(String) }
}

function tokenIn(url: string): string {
  return new URL(url).searchParams.get('t') ?? ''
}

async function contentOf(url: string): Promise<Buffer> {
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

/** Red above, blue below. */
function twoColours(width: number, height: number): Sharp {
  const red = { create: { width, height: Math.floor(height / 2), channels: 3 as const, background: 'red' } }
  return sharp({ create: { width, height, channels: 3, background: 'blue' } }).composite([
    { input: red, left: 0, top: 0 },
  ])
}

/** As phones write it: it lies on its side, with red on the left, and knows where it was taken. */
async function phonePhoto(): Promise<Buffer> {
  const exif = { IFD0: { Make: 'SecretPhone' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '39/1 54/1 20/1' } }
  const lying = await twoColours(1000, 1600).png().toBuffer()
  return sharp(await sharp(lying).rotate(-90).png().toBuffer())
    .withExif(exif)
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
}
