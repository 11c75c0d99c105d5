import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { rollUpTypes } from '../../client-sdk/roll-up-types.ts'
import type { TimInstance } from '../../client-sdk/src/tim/facade.ts'
import type { TimModule } from '../../client-sdk/src/tim/module.ts'
import { makeWxStub } from '../../client-sdk/test/wx-stub.ts'
import { freeNames } from './kit/bundle-syntax.ts'
import { CHECKOUT, makeFolderInside, run, runProgram } from './kit/checkout.ts'
import { buildServer, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'

// What is published, not its sources: each file in a world that has what its platform has and no more.

const SDK = join(CHECKOUT, 'client-sdk')

let server: ServerProcess
let dataDir: string

beforeAll(async () => {
  buildServer()
  dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bundles-'))
  server = await startServer({ dataDir, env: { DEMO: 'on', DRAIN_SECONDS: '0', INSTANCES_PER_DEVICE: '5' } })
})
afterAll(async () => {
  server.kill('SIGTERM')
  await server.ended
  rmSync(dataDir, { recursive: true, force: true })
})

function bundle(path: string): string {
  return readFileSync(join(SDK, 'dist', path), 'utf8')
}

/** What every platform has beside the language. */
const TIMERS = { setTimeout, clearTimeout, console }

/** A page's own names, as far as they concern the SDK; `globals` gets what a script makes global. */
function makePage(more: object = {}): { readonly globals: Record<string, unknown> & Partial<Names> } {
  const document = { visibilityState: 'visible', addEventListener: () => {}, removeEventListener: () => {} }
  const listeners = { addEventListener: () => {}, removeEventListener: () => {} }
  const location = { origin: server.endpoint }
  const globals = { ...TIMERS, ...listeners, document, location, performance, WebSocket, ...more }
  return { globals: createContext(globals) }
}

interface Names {
  readonly TIM: TimModule
  readonly TencentCloudChat: TimModule
}

function loadCommonJs(text: string, globals: object): TimModule {
  const module = { exports: {} as unknown }
  runInContext(text, createContext({ ...globals, module, exports: module.exports }))
  return module.exports as TimModule
}

/** The module itself, and not an object that holds it. */
function expectFacade(module: TimModule | undefined): TimModule {
  expect(module).not.toHaveProperty('default')
  expect(module?.TYPES.CONV_C2C).toBe('C2C')
  expect(module?.EVENT.SDK_READY).toBe('sdkStateReady')
  expect(module?.TSignaling.NEW_INVITATION_RECEIVED).toBe('newInvitationReceived')
  expect(module?.create).toBeTypeOf('function')
  if (!module) throw new Error('no module')
  return module
}

async function userSigOf(userID: string): Promise<{ sdkAppID: number; userSig: string }> {
  const answer = await fetch(`${server.endpoint}/im/usersig?userID=${userID}`)
  return (await answer.json()) as { sdkAppID: number; userSig: string }
}

async function signIn(module: TimModule, userID: string): Promise<TimInstance> {
  const { sdkAppID, userSig } = await userSigOf(userID)
  const chat = module.create({ SDKAppID: sdkAppID, endpoint: server.endpoint, instance: userID })
  if (!chat) throw new Error('no instance')
  await chat.login({ userID, userSig })
  return chat
}

/** A teacher writes, a parent hears it and answers; both over the module given. */
async function expectToChat(module: TimModule, name: string): Promise<void> {
  const [teacher, parent] = [`t_${name}`, `p_${name}`]
  const heard = { [teacher]: [] as unknown[], [parent]: [] as unknown[] }
  const chats = new Map<string, TimInstance>()
  for (const me of [teacher, parent]) {
    const chat = await signIn(module, me)
    onTestFinished(async () => void (await chat.destroy()))
    chat.on(module.EVENT.MESSAGE_RECEIVED, ({ data }) => {
      for (const { from, payload } of data as { from: string; payload: { text: string } }[])
        heard[me]?.push(`${from}: ${payload.text}`)
    })
    chats.set(me, chat)
  }
  const say = async (from: string, to: string, text: string): Promise<void> => {
    const chat = chats.get(from)
    const message = chat?.createTextMessage({ to, conversationType: module.TYPES.CONV_C2C, payload: { text } })
    if (!chat || !message) throw new Error('not logged in')
    await chat.sendMessage(message)
    expect(message.status).toBe('success')
  }
  await say(teacher, parent, '明天下午三点家长会 🏫')
  await until('the parent hears it', () => heard[parent]?.length)
  await say(parent, teacher, '收到')
  await until('the teacher hears the answer', () => heard[teacher]?.length)
  expect(heard).toEqual({ [parent]: [`${teacher}: 明天下午三点家长会 🏫`], [teacher]: [`${parent}: 收到`] })
}

// Without those that came after ES2017, and without WeakMap, which is how private fields would show themselves.
const ES2017 =
  'Array ArrayBuffer Boolean DataView Date Error Infinity JSON Map Math NaN Number Object Promise RangeError Reflect RegExp Set String Symbol SyntaxError TypeError Uint8Array Uint16Array Uint32Array decodeURIComponent encodeURIComponent isFinite isNaN parseFloat parseInt'.split(
    ' ',
  )
const EVERYWHERE = [...ES2017, 'setTimeout', 'clearTimeout', 'console']
const PAGE = [
  'Blob',
  'HTMLVideoElement',
  'URL',
  'WebSocket',
  'XMLHttpRequest',
  'addEventListener',
  'removeEventListener',
  'document',
  'location',
  'performance',
]

const SCRIPTS = [
  { path: 'miniprogram/index.js', edition: 8, kind: 'script', mayUse: ['wx', 'module'] },
  {
    path: 'umd/hongyan.js',
    edition: 8,
    kind: 'script',
    mayUse: [...PAGE, 'module', 'exports', 'define', 'globalThis', 'self'],
  },
  { path: 'esm/index.mjs', edition: 11, kind: 'module', mayUse: PAGE },
] as const

describe('the text of a bundle', () => {
  test.each(SCRIPTS)('$path is of its edition and takes nothing from outside but what its platform has', (script) => {
    const strangers = freeNames(bundle(script.path), script.edition, script.kind).filter(
      (name) => !EVERYWHERE.includes(name) && !(script.mayUse as readonly string[]).includes(name),
    )
    expect(strangers).toEqual([])
  })

  test.each(['miniprogram/index.js', 'umd/hongyan.js', 'esm/index.mjs', 'node/index.mjs', 'node/index.cjs'])(
    '%s makes no code from text, keeps no sources of ours and needs nothing from outside but ws and Node’s own',
    (path) => {
      const text = bundle(path)
      expect(text).not.toMatch(/\beval\s*\(|new Function\b|\bFunction\(/)
      expect(text).not.toMatch(/WeakMap|__privateGet|classPrivateField/)
      // The catalogue's advice is for documents; a client needs names and numbers.
      expect(text).not.toMatch(/remedy|typebox/i)
      // Ids and paths; what stands between two other texts, one of which ends with "from", is neither.
      const modules = text.matchAll(/(?:from|require\(|import\()\s*[`'"]([\w@:/.-]+)[`'"]/g)
      const names = new Set([...modules].map(([, name]) => name))
      expect(names).toEqual(new Set(path.startsWith('node/') ? ['node:http', 'node:https', 'ws'] : []))
    },
  )

  test('a name that is not a platform’s and a syntax that is too new are found', () => {
    expect(freeNames('const {a, b: [c]} = x; function f(d) { return a.URL + c + d + window[e] }', 8)).toEqual([
      'e',
      'window',
      'x',
    ])
    for (const young of ['a ?? b', 'a?.b', '({ ...a })', 'try {} catch {}', 'class A { b = 1 }', 'class A { #b }'])
      expect(() => freeNames(young, 8), young).toThrow()
  })
})

describe('a page', () => {
  test('a <script> makes the module global under both names, and nothing else', () => {
    const { globals } = makePage()
    const before = Object.keys(globals)
    runInContext(bundle('umd/hongyan.js'), globals)
    expectFacade(globals.TIM)
    expect(globals.TencentCloudChat).toBe(globals.TIM)
    expect(
      Object.keys(globals)
        .filter((name) => !before.includes(name))
        .sort(),
    ).toEqual(['TIM', 'TencentCloudChat'])
  })

  test('a page older than globalThis gets it too', () => {
    const { globals } = makePage()
    runInContext('var self = globalThis; delete globalThis.globalThis', globals)
    runInContext(bundle('umd/hongyan.js'), globals)
    expectFacade(globals.TIM)
  })

  test('require() gives the module and makes nothing global', () => {
    const module = { exports: {} as unknown }
    const { globals } = makePage({ module, exports: module.exports })
    runInContext(bundle('umd/hongyan.js'), globals)
    expectFacade(module.exports as TimModule)
    expect(globals.TIM).toBeUndefined()
  })

  test('an AMD loader gets the module, and another TIM on the page stays what it was', () => {
    const given: unknown[] = []
    const define = Object.assign((_: unknown, factory: () => unknown) => given.push(factory()), { amd: {} })
    const theirs = { create: () => 'theirs' }
    const { globals } = makePage({ define, TIM: theirs })
    runInContext(bundle('umd/hongyan.js'), globals)
    expectFacade(given[0] as TimModule)
    expect(globals.TIM).toBe(theirs)
    expect(globals.TencentCloudChat).toBeUndefined()
  })

  test('the module of a <script> chats over a real server', async () => {
    const { globals } = makePage()
    runInContext(bundle('umd/hongyan.js'), globals)
    await expectToChat(expectFacade(globals.TIM), 'umd')
  })

  test('without an endpoint the page’s own origin is the server', async () => {
    const { globals } = makePage()
    runInContext(bundle('umd/hongyan.js'), globals)
    const { sdkAppID, userSig } = await userSigOf('p_origin')
    const chat = globals.TencentCloudChat?.create({ SDKAppID: sdkAppID })
    onTestFinished(async () => void (await chat?.destroy()))
    await chat?.login({ userID: 'p_origin', userSig })
    expect(chat?.getLoginUser()).toBe('p_origin')
  })
})

describe('a mini-program', () => {
  test('the module loads where there is nothing but the language, timers and wx', () => {
    const module = expectFacade(loadCommonJs(bundle('miniprogram/index.js'), { ...TIMERS, wx: makeWxStub() }))
    expect(module.create({ SDKAppID: 1, endpoint: 'https://im.school.example' })?.isReady()).toBe(false)
  })

  test('the folder that WeChat’s tool takes is CommonJS and holds nothing else', () => {
    const about = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8')) as { miniprogram: string }
    const type = JSON.parse(readFileSync(join(SDK, about.miniprogram, 'package.json'), 'utf8')) as { type: string }
    expect(type.type).toBe('commonjs')
    expect(readFileSync(join(SDK, about.miniprogram, 'index.js'), 'utf8')).toBe(bundle('miniprogram/index.js'))
    // Whatever lies here is packed with the pages, and counts towards their 2 MB.
    expect(readdirSync(join(SDK, about.miniprogram)).sort()).toEqual(['index.js', 'package.json'])
  })

  test('the module chats over wx.connectSocket and a real server', async () => {
    const module = loadCommonJs(bundle('miniprogram/index.js'), { ...TIMERS, wx: makeWxStub() })
    await expectToChat(module, 'wx')
  })
})

describe('Node', () => {
  // One program, as it is written with Tencent's packages. What differs is how it gets the module, and the endpoint.
  const programOf = (module: string): string => `
const chat = (userID) => ${module}.create({ SDKAppID: SDK_APP_ID, endpoint: ENDPOINT, instance: userID })
const teacher = chat('t_NAME'), parent = chat('p_NAME')
parent.on(${module}.EVENT.MESSAGE_RECEIVED, async ({ data }) => {
  for (const { from, payload } of data) console.log(from + ': ' + payload.text)
  const { data: { messageList } } = await parent.getMessageList({ conversationID: 'C2Ct_NAME' })
  console.log('history: ' + messageList.map(({ payload }) => payload.text))
  await Promise.all([teacher.destroy(), parent.destroy()])
})
const ready = (one) => new Promise((resolve) => one.on(${module}.EVENT.SDK_READY, resolve))
const main = async () => {
  const bothReady = Promise.all([ready(teacher), ready(parent)])
  await teacher.login({ userID: 't_NAME', userSig: 'TEACHER_SIG' })
  await parent.login({ userID: 'p_NAME', userSig: 'PARENT_SIG' })
  await bothReady
  const message = teacher.createTextMessage({
    to: 'p_NAME', conversationType: ${module}.TYPES.CONV_C2C, payload: { text: '作业已布置' },
  })
  const { data } = await teacher.sendMessage(message)
  console.log('sent: ' + (data.message === message) + ' ' + message.status)
}
main()
`
  const WAYS = [
    { name: 'v2import', file: 'bot.mjs', get: "import TIM from '@hongyan/client-sdk'", module: 'TIM' },
    { name: 'v2require', file: 'bot.cjs', get: "const TIM = require('@hongyan/client-sdk')", module: 'TIM' },
    {
      name: 'v3import',
      file: 'bot.mjs',
      get: "import TencentCloudChat from '@hongyan/client-sdk'",
      module: 'TencentCloudChat',
    },
    {
      name: 'v3require',
      file: 'bot.cjs',
      get: "const TencentCloudChat = require('@hongyan/client-sdk')",
      module: 'TencentCloudChat',
    },
  ] as const

  test.each(WAYS)('a program that says "$get" chats and ends by itself', async ({ name, file, get, module }) => {
    const [teacher, parent] = await Promise.all([userSigOf(`t_${name}`), userSigOf(`p_${name}`)])
    const program = programOf(module)
      .replaceAll('NAME', name)
      .replace('SDK_APP_ID', String(teacher.sdkAppID))
      .replace('ENDPOINT', `'${server.endpoint}'`)
      .replace('TEACHER_SIG', teacher.userSig)
      .replace('PARENT_SIG', parent.userSig)
    const { code, stdout, stderr } = await runProgram(file, `${get}\n${program}`)
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n').sort()).toEqual([
      `history: 作业已布置`,
      'sent: true success',
      `t_${name}: 作业已布置`,
    ])
    expect(code).toBe(0)
  })

  test('import and require give the same kind of module, which is the façade', async () => {
    expectFacade(createRequire(import.meta.url)(join(SDK, 'dist/node/index.cjs')) as TimModule)
    const imported = (await import(join(SDK, 'dist/node/index.mjs'))) as { default: TimModule }
    expectFacade(imported.default)
    expect(Object.keys(imported)).toEqual(['default'])
  })
})

describe('the types', () => {
  const PROGRAM = `
const chat = TIM.create({ SDKAppID: 1400000000, endpoint: 'https://im.school.example' })
if (!chat) throw new Error('no instance')
const { data } = await chat.login({ userID: 't_2001', userSig: 'signature' })
const actionStatus: 'OK' = data.actionStatus
const conversationType: 'C2C' = TIM.TYPES.CONV_C2C
const message: Message = chat.createTextMessage({ to: 'p_1001', conversationType, payload: { text: 'Good morning' } })
const sent = await chat.sendMessage(message, { onlineUserOnly: true })
const flow: 'in' | 'out' = sent.data.message.flow
const user: string = chat.getLoginUser()
const event: 'onMessageReceived' = TIM.EVENT.MESSAGE_RECEIVED
chat.on(event, ({ name, data }) => console.log(name, data))
const { data: { conversationList } } = await chat.getConversationList()
const unread: number[] = conversationList.map((conversation: Conversation) => conversation.unreadCount)
console.log(actionStatus, flow, user, unread)
// @ts-expect-error a text is needed
chat.createTextMessage({ to: 'p_1001', conversationType, payload: { words: 'Good morning' } })
// @ts-expect-error the application's number is needed
TIM.create({})
// @ts-expect-error there is no such event
console.log(TIM.EVENT.MESSAGE_LOST)
// @ts-expect-error a message is made by create…Message, not by new
new (message.constructor as typeof Message)()
// @ts-expect-error a user is a text
const wrong: number = chat.getLoginUser()
console.log(wrong)
`
  const NAMED = "import TIM, { type Conversation, type Message } from '@hongyan/client-sdk'"
  const REQUIRED = [
    "import TIM = require('@hongyan/client-sdk')",
    'type Conversation = TIM.Conversation',
    'type Message = TIM.Message',
  ].join('\n')
  const inFunction = (head: string): string => `${head}\nexport async function main() {${PROGRAM}}\n`

  const CONSUMERS = [
    { about: 'nodenext, as a module', file: 'app.mts', text: inFunction(NAMED), module: 'nodenext' },
    { about: 'nodenext, with require', file: 'app.cts', text: inFunction(REQUIRED), module: 'nodenext' },
    { about: 'a bundler', file: 'app.ts', text: inFunction(NAMED), module: 'esnext' },
  ] as const

  test.each(CONSUMERS)('a strict program compiles: $about', async ({ file, text, module }) => {
    const project = makeConsumer()
    writeFileSync(join(project, file), text)
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        // No DOM, no Node, and the declarations themselves are checked: they lean on nothing.
        compilerOptions: {
          module,
          moduleResolution: module === 'nodenext' ? 'nodenext' : 'bundler',
          target: 'ES2022',
          lib: ['ES2022'],
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        },
        files: [file, 'console.d.ts'],
      }),
    )
    const { code, stdout } = await run(join(CHECKOUT, 'node_modules/.bin/tsc'), ['-p', project], { cwd: project })
    expect(stdout).toBe('')
    expect(code).toBe(0)
  })

  test('every target of the exports map is there', () => {
    const about = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8')) as { exports: object }
    const targets = [...JSON.stringify(about.exports).matchAll(/"(\.\/[^"]+)"[,}]/g)].map(([, path]) => path ?? '')
    expect(targets.length).toBeGreaterThan(10)
    for (const path of targets) expect(() => readFileSync(join(SDK, path)), path).not.toThrow()
  })

  test('what the declarations would need of another package, or twice by one name, is not published', () => {
    const folder = makeFolderInside()
    const rollUp = (files: Readonly<Record<string, string>>): string => {
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
      return rollUpTypes(join(folder, 'a.d.ts'), 'A').text
    }
    expect(() => rollUp({ 'a.d.ts': "import type { X } from 'other'\nexport interface A { x: X }" })).toThrow(
      /of other/,
    )
    const twins = { 'b.d.ts': 'export type T = 1', 'c.d.ts': 'export type T = 2' }
    const a = "export interface A { b: import('./b.ts').T; c: import('./c.ts').T }"
    expect(() => rollUp({ ...twins, 'a.d.ts': a })).toThrow(/both publish a type T/)
    const unused =
      "import type { X } from 'other'\nexport interface A { b: import('./b.ts').T }\nexport type Unused = X"
    expect(rollUp({ 'a.d.ts': unused }).split('\n')).toEqual(['interface A { b: T }', 'type T = 1'])
  })

  /** A project outside the checkout that has the package as it would be published, and no other. */
  function makeConsumer(): string {
    const project = mkdtempSync(join(tmpdir(), 'hongyan-consumer-'))
    onTestFinished(() => rmSync(project, { recursive: true, force: true }))
    const installed = join(project, 'node_modules/@hongyan/client-sdk')
    mkdirSync(dirname(installed), { recursive: true })
    cpSync(join(SDK, 'dist'), join(installed, 'dist'), { recursive: true })
    cpSync(join(SDK, 'package.json'), join(installed, 'package.json'))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(project, 'console.d.ts'), 'declare const console: { log(...values: unknown[]): void }\n')
    return project
  }
})
