import { execFile } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './kit/browser.ts'
import { openLine, type CuttableLine } from './kit/cuttable-line.ts'
import { describeInBrowser } from './kit/describe-in-browser.ts'
import { openIntegratorSite, type IntegratorSite } from './kit/integrator-site.ts'
import { startServer, type TrialServer } from './kit/server.ts'
import { makeSnippetApp, type SnippetApp } from './kit/snippet-app.ts'
import { openSnippetBook } from './kit/snippets.ts'

// The pages of docs/INTEGRATING.md, built as an integrator builds them, in Chromium against a real server. What needs no
// page is in server/test/integrating.proc.test.ts.

const WAIT = { timeout: 20_000, interval: 50 }
const ENDPOINT = 'https://im.school.example'
const SDK_APP_ID = 1400000000
const SECRET_KEY = 'a-key-of-this-test-alone-long-enough-to-be-one'
/** How a browser reports that it could not connect. */
const COULD_NOT_CONNECT = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY)/

const book = openSnippetBook('docs/INTEGRATING.md', 'integrating.e2e.test.ts')

describeInBrowser('the pages of docs/INTEGRATING.md', () => {
  const apps: SnippetApp[] = []
  let browser: Browser
  let server: TrialServer
  /** Vue's pages reach the server by this, so that they can be cut off; the others directly. */
  let line: CuttableLine
  let site: IntegratorSite
  const problems: string[] = []

  beforeAll(async () => {
    const [cuttable, direct] = [makeApp(), makeApp()]
    const folders = { cuttable: join(cuttable.folder, 'dist'), direct: join(direct.folder, 'dist') }
    site = await openIntegratorSite({
      folders: { ...folders, plain: join(direct.folder, 'plain') },
      sdkAppId: SDK_APP_ID,
      secretKey: SECRET_KEY,
      servers: () => [server.url, line.url],
    })
    const settings = { SECRETKEY: SECRET_KEY, SDKAPPID: String(SDK_APP_ID), ALLOWED_ORIGINS: site.origin }
    server = await startServer(settings)
    line = await openLine(server.url)
    // Only now: the SDK's bundles are built where they were stale.
    for (const app of apps) app.addSdk()
    writeVue(cuttable, line.url)
    writeReact(direct, server.url)
    writePictures(direct)
    writeUni(direct, server.url)
    writePlain(direct, server.url)
    ;[browser] = await Promise.all([
      launchBrowser(),
      build(cuttable, ['vue']),
      build(direct, ['react', 'pictures', 'uni']),
    ])
  })
  afterEach(async () => {
    line.join()
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(problems.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await line?.close()
    await server?.stop()
    await site?.close()
    for (const app of apps) app.remove()
  })

  function makeApp(): SnippetApp {
    const app = makeSnippetApp()
    apps.push(app)
    app.addPackages('vue', 'react', 'react-dom', 'vite', '@vitejs/plugin-vue')
    app.addPackages('vue-tsc', '@types/react', '@types/react-dom', '@dcloudio/types')
    return app
  }

  /** A page of the site in which this user has signed in. */
  async function open(path: string, userID: string, to: string, origin = site.origin): Promise<Page> {
    const context = await browser.newContext({ locale: 'zh-CN' })
    context.setDefaultTimeout(WAIT.timeout)
    await context.addCookies([{ name: 'user', value: userID, url: origin }])
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(`${path}: ${error.message}`))
    page.on('console', (message) => {
      const isWrong = message.type() === 'error' || message.type() === 'warning'
      // Nobody has given these sites an icon.
      const isKnown = COULD_NOT_CONNECT.test(message.text()) || message.location().url.endsWith('/favicon.ico')
      if (isWrong && !isKnown) problems.push(`${path}: ${message.text()}`)
    })
    await page.goto(`${origin}/${path}/?to=${to}`)
    return page
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.getByLabel('消息').fill(text)
    await page.getByRole('button', { name: '发送' }).click()
  }

  /** What a page shows in the end. */
  async function expectTexts(page: Page, texts: readonly string[]): Promise<void> {
    await expect.poll(() => page.locator('li').allInnerTexts(), WAIT).toEqual(texts)
  }

  test('a page without a bundler and one in Vue talk to each other', async () => {
    const [teacher, parent] = await Promise.all([
      open('plain', 't_plain', 'p_vue'),
      open('cuttable/vue', 'p_vue', 't_plain'),
    ])
    await say(teacher, '<b>明天</b>家长会')
    await expectTexts(parent, ['<b>明天</b>家长会'])
    await say(parent, '收到')
    await expectTexts(teacher, ['<b>明天</b>家长会', '收到'])
    await expectTexts(parent, ['<b>明天</b>家长会', '收到'])
    await teacher.reload()
    await expectTexts(teacher, ['<b>明天</b>家长会', '收到'])
  })

  test('a page in React and one in Vue talk to each other, each message once', async () => {
    const [teacher, parent] = await Promise.all([
      open('direct/react', 't_react', 'p_both'),
      open('cuttable/vue', 'p_both', 't_react'),
    ])
    await say(teacher, '第一课')
    await expectTexts(parent, ['第一课'])
    await say(parent, '好的')
    await expectTexts(teacher, ['第一课', '好的'])
    await say(teacher, '第二课')
    await expectTexts(parent, ['第一课', '好的', '第二课'])
  })

  test('a page that is cut off says so, and has everything when it is back', async () => {
    const [teacher, parent] = await Promise.all([
      open('cuttable/vue', 't_cut', 'p_cut'),
      open('direct/react', 'p_cut', 't_cut'),
    ])
    await say(teacher, '一')
    await expectTexts(parent, ['一'])
    line.cut()
    await expect.poll(() => teacher.title(), WAIT).toBe('正在重新连接…')
    await say(teacher, '二')
    await expectTexts(teacher, ['一', '二 发送中'])
    await say(parent, '三')
    await expectTexts(parent, ['一', '三'])
    line.join()
    await expectTexts(parent, ['一', '三', '二'])
    await expectTexts(teacher, ['一', '三', '二'])
    await expect.poll(() => teacher.title(), WAIT).toBe('家校沟通')
  })

  test.each(['cuttable/vue', 'direct/react'])(
    '%s says why a message was not sent, and offers it again',
    async (path) => {
      const page = await open(path, `t_long_${path.length}`, 'p_long')
      await page.getByLabel('消息').waitFor()
      await say(page, '长'.repeat(5000))
      await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toBe('消息太长')
      await page.getByRole('button', { name: '重发' }).click()
      await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toBe('消息太长')
      expect(await page.locator('li').count()).toBe(1)
    },
  )

  test('a page whose signature runs out fetches another and goes on', async () => {
    site.signFor('p_short', 2)
    const [parent, teacher] = await Promise.all([
      open('direct/react', 'p_short', 't_short'),
      open('plain', 't_short', 'p_short'),
    ])
    await say(teacher, '现在')
    await expectTexts(parent, ['现在'])
    await expect.poll(() => site.signedFor('p_short'), WAIT).toBe(2)
    await say(teacher, '以后')
    await expectTexts(parent, ['现在', '以后'])
    expect(await parent.title()).toBe('家校沟通')
  })

  test('a picture arrives with its progress, and its thumbnail is shown', async () => {
    const [teacher, parent] = await Promise.all([
      open('direct/pictures', 't_pic', 'p_pic'),
      open('direct/pictures', 'p_pic', 't_pic'),
    ])
    await parent.locator('[data-ready]').waitFor()
    const buffer = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'green' } })
      .png()
      .toBuffer()
    await teacher.setInputFiles('input', { name: '春游.png', mimeType: 'image/png', buffer })
    await expect.poll(() => teacher.locator('output').innerText(), WAIT).toBe('1')
    const shown = parent.locator('img')
    await expect.poll(() => shown.evaluate((image) => (image as HTMLImageElement).naturalHeight), WAIT).toBe(198)
  })

  test('uni-app’s page chats in a browser, and shows what was said before though it is opened before the login', async () => {
    const teacher = await open('plain', 't_uni', 'p_uni')
    await say(teacher, '在吗')
    await expectTexts(teacher, ['在吗'])
    const parent = await open('direct/uni', 'p_uni', 't_uni')
    const lines = parent.locator('scroll-view view')
    await expect.poll(() => lines.allInnerTexts(), WAIT).toEqual(['在吗'])
    await parent.locator('input').fill('在')
    await parent.locator('input').dispatchEvent('confirm')
    await expectTexts(teacher, ['在吗', '在'])
    await expect.poll(() => lines.allInnerTexts(), WAIT).toEqual(['在吗', '在'])
  })

  test('a page of an origin that is not listed is refused with 2800', async () => {
    const page = await open('plain', 't_other', 'p_other', site.otherOrigin)
    const login = 'chat.login({ userID: "t_other", userSig: "any" }).then(() => 0, (error) => error.code)'
    await expect.poll(() => page.evaluate(login), WAIT).toBe(2800)
    await expect.poll(() => problems.some((problem) => problem.includes('网络错误')), WAIT).toBe(true)
    problems.splice(0)
  })

  test('the pages compile under strict rules', async () => {
    const [cuttable] = apps
    if (!cuttable) throw new Error('no app')
    writeReact(cuttable, line.url)
    writePictures(cuttable)
    writeUni(cuttable, line.url)
    const compilerOptions = {
      ...{ target: 'ES2022', module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'] },
      ...{ jsx: 'react-jsx', types: ['@dcloudio/types'], strict: true, exactOptionalPropertyTypes: true },
      ...{ noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true },
    }
    const include = ['im', 'vue', 'react', 'uni/pages', 'uni/im', 'pictures']
    cuttable.write('tsconfig.json', JSON.stringify({ compilerOptions, include }))
    expect(await runIn(cuttable, 'vue-tsc/bin/vue-tsc.js')).toBe('')
  })

  test('no snippet that this test is for was left out', () => {
    expect(book.unused()).toEqual([])
  })
})

function page(script: string): string {
  return `<!doctype html><html lang="zh"><meta charset="utf-8"><title>家校沟通</title><div id="app"></div><script type="module" src="${script}"></script></html>`
}

function writeShared(app: SnippetApp, endpoint: string): void {
  for (const name of ['im/chat.ts', 'im/conversation.ts', 'im/session.ts', 'im/errors.ts', 'im/pictures.ts'])
    app.write(name, book.take(name, { [ENDPOINT]: endpoint }))
}

function writeVue(app: SnippetApp, endpoint: string): void {
  writeShared(app, endpoint)
  app.write('vue/index.html', page('./main.ts'))
  for (const name of ['use-conversation.ts', 'Conversation.vue', 'main.ts'])
    app.write(`vue/${name}`, book.take(`vue/${name}`))
}

function writeReact(app: SnippetApp, endpoint: string): void {
  writeShared(app, endpoint)
  app.write('react/index.html', page('./main.tsx'))
  for (const name of ['use-conversation.ts', 'Conversation.tsx', 'main.tsx'])
    app.write(`react/${name}`, book.take(`react/${name}`))
}

/** A page around im/pictures.ts: an input, the progress, and the thumbnails that arrive. */
function writePictures(app: SnippetApp): void {
  app.write('pictures/index.html', page('./main.ts'))
  app.write(
    'pictures/main.ts',
    `import TIM from '@hongyan/client-sdk'
     import { chat, signIn } from '../im/chat'
     import { sendPicture, thumbnailOf } from '../im/pictures'
     document.body.append(document.createElement('output'))
     const input = document.body.appendChild(Object.assign(document.createElement('input'), { type: 'file' }))
     const output = document.querySelector('output')
     input.onchange = () => {
       const [file] = input.files ?? []
       const to = new URLSearchParams(location.search).get('to') ?? ''
       if (file) void sendPicture(to, file, (part) => output?.replaceChildren(String(part)))
     }
     chat.on(TIM.EVENT.MESSAGE_RECEIVED, ({ data }) => {
       for (const message of data) {
         const { url = '' } = thumbnailOf(message) ?? {}
         document.body.append(Object.assign(document.createElement('img'), { src: url }))
       }
     })
     await signIn()
     document.body.dataset['ready'] = 'yes'\n`,
  )
}

/** uni-app's page for H5, with what its runtime would give: the calls of `uni`, and its elements as plain ones. */
function writeUni(app: SnippetApp, endpoint: string): void {
  const replaced = { [ENDPOINT]: endpoint, 'https://www.school.example': '' }
  app.write('uni/im/chat.ts', book.take('uni/im/chat.ts', replaced))
  app.write('uni/im/conversation.ts', book.take('im/conversation.ts'))
  app.write('uni/vue/use-conversation.ts', book.take('vue/use-conversation.ts'))
  app.write('uni/pages/chat.vue', book.take('uni/pages/chat.vue'))
  app.write('uni/index.html', page('./main.ts'))
  app.write(
    'uni/main.ts',
    `import { createApp } from 'vue'
     import { signIn } from './im/chat'
     import Page from './pages/chat.vue'
     window.uni = {
       login: async () => ({ code: 'any' }),
       request: async ({ url }) => {
         const answer = await fetch(url)
         return { statusCode: answer.status, data: await answer.json() }
       },
       showToast: ({ title }) => console.error(title),
     }
     createApp(Page, { to: new URLSearchParams(location.search).get('to') ?? '' }).mount('#app')
     setTimeout(signIn, 100)\n`,
  )
}

function writePlain(app: SnippetApp, endpoint: string): void {
  app.write('plain/index.html', book.take('plain/index.html'))
  app.write('plain/page.js', book.take('plain/page.js', { [ENDPOINT]: endpoint }))
  const umd = 'node_modules/@hongyan/client-sdk/dist/umd/hongyan.js'
  copyFileSync(join(app.folder, umd), join(app.folder, 'plain/hongyan.js'))
}

async function build(app: SnippetApp, entries: readonly string[]): Promise<void> {
  const input = entries.map((entry) => `${entry}/index.html`)
  app.write(
    'vite.config.mjs',
    `import vue from '@vitejs/plugin-vue'
     const isCustomElement = (tag) => ['view', 'text', 'scroll-view'].includes(tag)
     export default {
       base: './', logLevel: 'warn',
       plugins: [vue({ template: { compilerOptions: { isCustomElement } } })],
       // How long a plugin took is no fault of the pages.
       build: { target: 'es2022', modulePreload: false,
         rolldownOptions: { input: ${JSON.stringify(input)}, checks: { bundlerTimings: false } } },
     }\n`,
  )
  expect(await runIn(app, 'vite/bin/vite.js', 'build')).toBe('')
}

/** What a program of an installed package printed; why, where it failed without a word. */
async function runIn(app: SnippetApp, program: string, ...args: string[]): Promise<string> {
  const script = join(app.folder, 'node_modules', program)
  const ran = promisify(execFile)(process.execPath, [script, ...args], { cwd: app.folder, timeout: 60_000 })
  try {
    const { stdout, stderr } = await ran
    return stdout + stderr
  } catch (err) {
    const { stdout, stderr, message } = err as Error & { stdout: string; stderr: string }
    return stdout + stderr || message
  }
}
