import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import jwt from 'jsonwebtoken'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import type { TimInstance } from '../../client-sdk/src/tim/facade.ts'
import { createModule, type TimModule } from '../../client-sdk/src/tim/module.ts'
import { makeWxStub } from '../../client-sdk/test/wx-stub.ts'
import { buildMiniprogramNpm, stageMiniprogram } from '../../e2e/kit/miniprogram-stage.ts'
import { makeSnippetApp, type SnippetApp } from '../../e2e/kit/snippet-app.ts'
import { openSnippetBook, readSnippets, testedNames } from '../../e2e/kit/snippets.ts'
import { findProgram } from '../../tools/find-program.ts'
import { CHECKOUT, run, type Run } from './kit/checkout.ts'
import { buildServer, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'

// What docs/INTEGRATING.md tells an integrator to write is done here, outside the checkout and with the packed SDK; what
// needs a page is in e2e/integrating.e2e.test.ts.

const DOCUMENTS = ['docs/INTEGRATING.md', 'docs/INTEGRATING.zh-CN.md'] as const
const ENDPOINT = 'https://im.school.example'
const BACK_END = 'https://www.school.example/api/usersig'
const PACK = 'install/pack.sh'
const BIN = join(CHECKOUT, 'node_modules/.bin')

const book = openSnippetBook(DOCUMENTS[0], 'integrating.proc.test.ts')
let app: SnippetApp
let packed: Run
let settings: { readonly SDKAPPID: string; readonly SECRETKEY: string }
let server: ServerProcess

beforeAll(async () => {
  buildServer()
  app = makeSnippetApp()
  app.write('server/users.json', book.take('server/users.json'))
  app.write('package.json', '{ "private": true, "type": "module" }')
  const { SDKAPPID = '', SECRETKEY = '', ...others } = parseEnv(book.take('server/.env'))
  settings = { SDKAPPID, SECRETKEY }
  const env = { ...settings, ...others, USERS_FILE: join(app.folder, 'server', others['USERS_FILE'] ?? '') }
  const started = startServer({ dataDir: join(app.folder, 'data'), env: { ...env, DRAIN_SECONDS: '0' } })
  packed = await shell(PACK, CHECKOUT)
  const installed = await shell('install/install.sh', app.folder)
  if (packed.code !== 0 || installed.code !== 0) throw new Error(packed.stderr + installed.stderr)
  app.addPackages('ws', 'tls-sig-api-v2', 'jsonwebtoken', 'vite', 'vue', '@types/node', '@dcloudio/types')
  app.addPackages('miniprogram-api-typings')
  server = await started
})
afterAll(async () => {
  server?.kill('SIGTERM')
  await server?.ended
  app.remove()
})

/** Runs the snippet as a person would type it there. Nothing is fetched: it must not need to be. */
function shell(name: string, cwd: string): Promise<Run> {
  const npm = { npm_config_pack_destination: app.folder, npm_config_offline: 'true', npm_config_audit: 'false' }
  return run('sh', ['-c', book.take(name)], { cwd, env: npm })
}

/** Signs as none of the snippets does. */
function signed(userID: string): string {
  return jwt.sign({ sub: userID, sdkAppId: Number(settings.SDKAPPID) }, settings.SECRETKEY, { expiresIn: 60 })
}

async function signIn(userID: string, userSig = signed(userID)): Promise<TimInstance> {
  const chat = module.create({ SDKAppID: Number(settings.SDKAPPID), endpoint: server.endpoint, instance: userID })
  if (!chat) throw new Error('no instance')
  await chat.login({ userID, userSig })
  onTestFinished(async () => void (await chat.destroy()))
  return chat
}
const module: TimModule = createModule(nodePlatform())

/** What this user hears from now on. */
function textsHeardBy(chat: TimInstance): string[] {
  const heard: string[] = []
  chat.on(module.EVENT.MESSAGE_RECEIVED, ({ data }) => heard.push(...data.map(({ payload }) => String(payload.text))))
  return heard
}

async function say(chat: TimInstance, to: string, text: string): Promise<void> {
  await chat.sendMessage(chat.createTextMessage({ to, conversationType: 'C2C', payload: { text } }))
}

describe('the document', () => {
  test('names every block of code, and each is used by a test', () => {
    expect(book.names().toSorted()).toEqual(testedNames().toSorted())
    expect(testedNames().length).toBe(new Set(testedNames()).size)
  })

  test('has the same blocks in both languages', () => {
    const [english, chinese] = DOCUMENTS.map(readSnippets)
    expect(chinese).toEqual(english)
  })

  test.each(DOCUMENTS)('%s points to files and headings that are there', (path) => {
    const text = readFileSync(join(CHECKOUT, path), 'utf8')
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
    const lost = targets.filter((target) => {
      const [file = '', heading] = target.split('#')
      const there = file === '' ? join(CHECKOUT, path) : join(CHECKOUT, 'docs', file)
      if (file.startsWith('http')) return false
      return !existsSync(there) || (heading !== undefined && !headingsOf(there).includes(heading))
    })
    expect(targets.length).toBeGreaterThan(15)
    expect(lost).toEqual([])
  })
})

/** The anchors that GitHub makes of a document's headings. */
function headingsOf(path: string): readonly string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('installing', () => {
  test('npm pack makes the file that npm install takes', () => {
    expect(packed.stdout.trim()).toBe(/npm install \.\/(.*)/.exec(book.take('install/install.sh'))?.[1])
    expect(existsSync(join(app.folder, 'node_modules/@hongyan/client-sdk/dist/esm/index.mjs'))).toBe(true)
  })

  test('under the name of Tencent’s package it is found by programs that import that', async () => {
    const other = makeSnippetApp()
    onTestFinished(() => other.remove())
    other.write('package.json', '{ "private": true }')
    const { code, stderr } = await run('sh', ['-c', `cp ${app.folder}/*.tgz . && ${book.take('moving/alias.sh')}`], {
      cwd: other.folder,
      env: { npm_config_offline: 'true' },
    })
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ERR')])
    other.write(
      'old.mjs',
      "import TIM from 'tim-js-sdk'\nTIM.setDefaultEndpoint('a')\nconsole.log(TIM.EVENT.SDK_READY)",
    )
    other.addPackages('ws')
    expect((await run(process.execPath, ['old.mjs'], { cwd: other.folder })).stdout).toBe('sdkStateReady\n')
  })
})

describe('types', () => {
  const STRICT = { target: 'ES2022', module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true }

  async function problemsOf(project: string, options: object, include: readonly string[]): Promise<string> {
    const compilerOptions = { ...STRICT, exactOptionalPropertyTypes: true, skipLibCheck: true, ...options }
    app.write(`tsconfig.${project}.json`, JSON.stringify({ compilerOptions, include }))
    const { stdout, stderr } = await run(join(BIN, 'tsc'), ['-p', `tsconfig.${project}.json`], { cwd: app.folder })
    return stdout + stderr
  }

  test('what an application becomes when it moves from Tencent IM compiles', async () => {
    const lines = book.take('moving/chat.diff').split('\n')
    const after = lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1))
    app.write('moving/chat.ts', after.join('\n'))
    const given = ['userID: string', 'userSig: string', 'showConversations: () => void']
    app.write('moving/given.d.ts', given.map((one) => `declare const ${one}\n`).join(''))
    expect(await problemsOf('moving', { lib: ['ES2022'], types: [] }, ['moving'])).toBe('')
  })

  test('the mini-program compiles against WeChat’s own declarations, without a page’s', async () => {
    writeMiniprogram()
    const options = { lib: ['ES2020'], types: ['miniprogram-api-typings'] }
    expect(await problemsOf('miniprogram', options, ['miniprogram/miniprogram/**/*.ts'])).toBe('')
  })

  test('what uni-app runs compiles against its declarations', async () => {
    writeUniApp()
    const options = { lib: ['ES2022', 'DOM'], types: ['@dcloudio/types', 'node'] }
    expect(await problemsOf('uni', options, ['uni/**/*.ts'])).toBe('')
  })
})

function writeMiniprogram(): void {
  const root = 'miniprogram/miniprogram'
  const replaced = { [ENDPOINT]: server.endpoint }
  app.write('miniprogram/project.config.json', book.take('miniprogram/project.config.json'))
  app.write(`${root}/im/conversation.ts`, book.take('im/conversation.ts'))
  for (const path of ['im/chat.ts', 'app.ts', 'pages/chat.ts', 'pages/chat.wxml'])
    app.write(`${root}/${path}`, book.take(`${root}/${path}`, replaced))
}

function writeUniApp(): void {
  app.write('uni/vite.config.ts', book.take('uni/vite.config.ts'))
  app.write('uni/im/chat.ts', book.take('uni/im/chat.ts', { [ENDPOINT]: server.endpoint }))
  app.write('uni/im/conversation.ts', book.take('im/conversation.ts'))
  // uni-app's own compiler is too large to be installed for this: its place is held by a plugin that does nothing.
  const stub = 'node_modules/@dcloudio/vite-plugin-uni'
  app.write(`${stub}/package.json`, '{ "main": "index.cjs", "types": "index.d.ts" }')
  app.write(`${stub}/index.cjs`, 'module.exports = () => ({ name: "uni" })')
  app.write(`${stub}/index.d.ts`, 'declare function uni(): { name: string }\nexport = uni\n')
}

describe('a back end', () => {
  const inNode = (file: string): readonly string[] => [
    ...['--input-type=module', '-e'],
    `import { signUserSig } from './backend/${file}'\nconsole.log(signUserSig('t_2001'))`,
  ]
  const SIGNERS = [
    { file: 'usersig.mjs', programs: ['node'], args: inNode('usersig.mjs') },
    { file: 'usersig-jwt.mjs', programs: ['node'], args: inNode('usersig-jwt.mjs') },
    {
      file: 'usersig.py',
      programs: ['python3', 'python'],
      args: ['-c', 'import sys\nsys.path.append("backend")\nfrom usersig import *\nprint(sign_user_sig("t_2001"))'],
    },
    { file: 'UserSig.java', programs: ['java'], args: ['backend/UserSig.java', 't_2001'] },
  ]

  for (const { file, programs, args } of SIGNERS) {
    const program = findProgram(programs)
    if (program === undefined) console.warn(`skipped, because there is no ${programs[0]}: ${file} of INTEGRATING.md`)
    const source = book.take(`backend/${file}`)
    test.skipIf(program === undefined)(
      `signs with ${file} what the server accepts, and for that user only`,
      async () => {
        app.write(`backend/${file}`, source)
        const { stdout, stderr, code } = await run(program ?? '', args, { cwd: app.folder, env: settings })
        expect([code, stderr]).toEqual([0, ''])
        const chat = await signIn('t_2001', stdout.trim())
        expect(chat.getLoginUser()).toBe('t_2001')
        await expect(signIn('p_1001', stdout.trim())).rejects.toMatchObject({ code: 70013 })
      },
    )
  }

  test('imports users by the file: they have their names, and others cannot log in', async () => {
    const chat = await signIn('p_1001')
    const { data } = await chat.getUserProfile({ userIDList: ['t_2001', 'bot_homework'] })
    expect(data.map(({ nick }) => nick).toSorted()).toEqual(['作业助手', '王老师'])
    await expect(signIn('p_unknown')).rejects.toMatchObject({ code: 70107 })
  })
})

test('the bot answers a parent, and ends when it is told to', async () => {
  app.write('backend/usersig.mjs', book.take('backend/usersig.mjs'))
  app.write('bot/bot.mjs', book.take('bot/bot.mjs'))
  const parent = await signIn('p_1001')
  const heard = textsHeardBy(parent)
  const env = { ...settings, ENDPOINT: server.endpoint }
  // The shell's own word for its child is how the test learns whom to end.
  const script = `${process.execPath} bot/bot.mjs & echo $! && wait $!`
  const ended = run('sh', ['-c', `(${script}) > bot.log 2>&1`], { cwd: app.folder, env })
  const log = (): string => (existsSync(join(app.folder, 'bot.log')) ? read('bot.log') : '')
  await until('the bot to be ready', () => log().includes('ready'))
  await say(parent, 'bot_homework', '今天有什么作业?')
  await until('the bot to answer', () => heard.length)
  expect(heard).toEqual(['今天的作业:口算两页,朗读课文。'])
  process.kill(Number(log().split('\n')[0]), 'SIGTERM')
  expect((await ended).code).toBe(0)
  expect(log()).toMatch(/^\d+\nready\n/)
})

function read(path: string): string {
  return readFileSync(join(app.folder, path), 'utf8')
}

test('what an application says of failures fits those that happen', async () => {
  app.write('im/errors.ts', book.take('im/errors.ts'))
  const bundle = await rolldown({ input: join(app.folder, 'im/errors.ts') })
  await bundle.write({ file: join(app.folder, 'errors.mjs') })
  await bundle.close()
  const { explain } = (await import(pathToFileURL(join(app.folder, 'errors.mjs')).href)) as {
    explain: (error: unknown) => string
  }
  const [teacher, parent, bot] = await Promise.all([signIn('t_2001'), signIn('p_1001'), signIn('bot_homework')])
  const failureOf = async (sending: Promise<unknown>): Promise<string> =>
    explain(await sending.then(() => undefined).catch((err: unknown) => err))
  const { data } = await teacher.createGroup({ name: '三年二班', type: 'Public', memberList: [{ userID: 'p_1001' }] })
  const { groupID } = data.group
  const inGroup = (chat: TimInstance): Promise<unknown> =>
    chat.sendMessage(chat.createTextMessage({ to: groupID, conversationType: 'GROUP', payload: { text: '在吗' } }))
  expect(await failureOf(say(teacher, 'p_1001', '长'.repeat(5000)))).toBe('消息太长')
  expect(await failureOf(say(teacher, 'p_unknown', '在吗'))).toBe('对方还没有账号')
  expect(await failureOf(inGroup(bot))).toBe('您不在这个群里')
  await teacher.setGroupMemberMuteTime({ groupID, userID: 'p_1001', muteTime: 60 })
  expect(await failureOf(inGroup(parent))).toBe('您已被禁言')
  const nowhere = module.create({ SDKAppID: 1, endpoint: 'http://127.0.0.1:1' })
  expect(await failureOf(nowhere?.login({ userID: 'p_1001', userSig: 'a' }) ?? Promise.resolve())).toContain('网络')
  expect(explain(new Error('something'))).toBe('发送失败(undefined)')
})

/** WeChat's `wx`, whose requests to the school's back end are answered as that would. */
function wxOf(userID: string): object {
  const wx = makeWxStub()
  const login = async (): Promise<object> => ({ code: `code of ${userID}` })
  return {
    ...wx,
    login,
    showToast: ({ title }: { title: string }) => expect.fail(title),
    request: (options: { url: string; data?: { code?: string }; success(answer: object): void }) => {
      if (options.url !== BACK_END) return wx.request(options as never)
      const isKnown = options.data?.code === `code of ${userID}`
      const data = { userID, userSig: signed(userID) }
      setTimeout(() => options.success(isKnown ? { statusCode: 200, data } : { statusCode: 401 }), 0)
      return undefined
    },
  }
}

describe('a mini-program', () => {
  test('chats: its page shows what the teacher writes, and the teacher hears the answer', async () => {
    writeMiniprogram()
    app.write('miniprogram/package.json', '{ "dependencies": { "@hongyan/client-sdk": "0.1.0" } }')
    await run('ln', ['-s', '../node_modules', 'miniprogram/node_modules'], { cwd: app.folder })
    buildMiniprogramNpm(join(app.folder, 'miniprogram'))
    const stage = await stageMiniprogram(join(app.folder, 'miniprogram'), ['pages/chat'], wxOf('p_1001'))
    const teacher = await signIn('t_2001')
    const heard = textsHeardBy(teacher)
    await say(teacher, 'p_1001', '家长会改到周五')
    stage.launch()
    // Before the login has come back: WeChat does not wait either.
    const page = stage.open('pages/chat', { to: 't_2001' })
    onTestFinished(() => (page['onUnload'] as () => void).call(page))
    const texts = (): readonly string[] => (page.data['lines'] as { text: string }[]).map(({ text }) => text)
    await until('the page to show what was said before', () => texts().at(-1) === '家长会改到周五')
    await say(teacher, 'p_1001', '请回复')
    await until('the page to show what is said now', () => texts().at(-1) === '请回复')
    ;(page['submit'] as (event: object) => void).call(page, { detail: { value: '收到' } })
    await until('the teacher to hear it', () => heard.length)
    await until('the page to show its own', () => texts().at(-1) === '收到')
    expect(heard).toEqual(['收到'])
    const statuses = (page.data['lines'] as { status: string }[]).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set(['success']))
  })

  test('has a view that WeChat’s template compiler takes, with handlers that the page has', () => {
    const wxml = book.take('miniprogram/miniprogram/pages/chat.wxml')
    const { TmplGroup } = createRequire(import.meta.url)('glass-easel-template-compiler') as {
      TmplGroup: new () => { addTmpl(path: string, text: string): unknown; getTmplGenObjectGroups(): string }
    }
    const group = new TmplGroup()
    expect(group.addTmpl('pages/chat', wxml)).toEqual([])
    expect(group.getTmplGenObjectGroups()).toContain('scroll-view')
    const page = book.take('miniprogram/miniprogram/pages/chat.ts')
    const handlers = [...wxml.matchAll(/ bind\w+="(\w+)"/g)].map(([, name]) => name ?? '')
    expect(handlers).toHaveLength(2)
    for (const name of handlers) expect(page).toMatch(new RegExp(`^  ${name}\\(`, 'm'))
  })
})

describe('uni-app', () => {
  test('built for WeChat takes the build that knows only wx, and chats', async () => {
    writeUniApp()
    app.write(
      'uni/main.ts',
      "export { chat, signIn } from './im/chat'\nexport { openConversation } from './im/conversation'",
    )
    // Beside the snippet's configuration only what makes one file of it.
    app.write(
      'uni/test.config.ts',
      `import { mergeConfig } from 'vite'\nimport own from './vite.config.ts'\nexport default mergeConfig(own, {
        logLevel: 'error', build: { outDir: 'dist', minify: false, lib: { entry: 'main.ts', formats: ['cjs'], fileName: () => 'main.js' } } })`,
    )
    const vite = join(app.folder, 'node_modules/vite/bin/vite.js')
    const args = [vite, 'build', 'uni', '--config', 'uni/test.config.ts']
    const { code, stderr } = await run(process.execPath, args, {
      cwd: app.folder,
      env: { UNI_PLATFORM: 'mp-weixin' },
    })
    expect([code, stderr]).toEqual([0, ''])
    const text = read('uni/dist/main.js')
    expect(text).toContain('connectSocket')
    expect(text).not.toContain('XMLHttpRequest')
    await expectToChat(text)
  })

  async function expectToChat(text: string): Promise<void> {
    const wx = wxOf('p_1001')
    const { login, request } = wx as {
      login(): Promise<object>
      request(options: object): void
    }
    const uni = { login, request: (options: object) => new Promise((success) => request({ ...options, success })) }
    const timers = { console, setTimeout, clearTimeout, setInterval, clearInterval }
    const loaded = { exports: {} as unknown }
    runInContext(text, createContext({ ...timers, wx, uni, module: loaded, exports: loaded.exports }))
    const { signIn: enter, openConversation } = loaded.exports as {
      signIn(): Promise<void>
      openConversation(
        type: string,
        to: string,
        show: (messages: { payload: { text: string } }[]) => void,
      ): { send(text: string): Promise<void>; close(): void }
    }
    const teacher = await signIn('t_2001')
    const heard = textsHeardBy(teacher)
    let shown: readonly string[] = []
    const openAgain = (): ReturnType<typeof openConversation> => {
      const opened = openConversation('C2C', 't_2001', (list) => (shown = list.map(({ payload }) => payload.text)))
      onTestFinished(() => opened.close())
      return opened
    }
    const early = openAgain()
    await expect(early.send('太早')).rejects.toThrow('nobody has signed in')
    await enter()
    await say(teacher, 'p_1001', '口算两页')
    await until('it is shown', () => shown.at(-1) === '口算两页')
    await early.send('做完了')
    early.close()
    // At once: what is said while the first page is on its way is not lost to it.
    await openAgain().send('真的')
    await until('the page is there', () => shown.length > 2)
    await until('the teacher hears it', () => heard.length === 2)
    expect([heard, shown.slice(-3)]).toEqual([
      ['做完了', '真的'],
      ['口算两页', '做完了', '真的'],
    ])
  }
})

test('no snippet that this test is for was left out', () => {
  expect(book.unused()).toEqual([])
})
