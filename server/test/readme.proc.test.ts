import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { CHECKOUT, makeFolderInside, run } from './kit/checkout.ts'
import { buildServer, startServer, type ServerProcess } from './kit/server-process.ts'

// What the readmes say to a person who has just arrived is done here to the letter.

const READMES = ['README.md', 'README.zh-CN.md'] as const
const MAX_EXAMPLE_LINES = 15
const PORT_OF_THE_READMES = 'http://127.0.0.1:3000'

let server: ServerProcess
let dataDir: string

beforeAll(async () => {
  buildServer()
  dataDir = mkdtempSync(join(tmpdir(), 'hongyan-readme-'))
  server = await startServer({ dataDir, env: { DEMO: 'on', DRAIN_SECONDS: '0' } })
})
afterAll(async () => {
  server.kill('SIGTERM')
  await server.ended
  rmSync(dataDir, { recursive: true, force: true })
})

function read(path: string): string {
  return readFileSync(join(CHECKOUT, path), 'utf8')
}

/** The program between the markers, without its fence. */
function exampleOf(path: string): string {
  const [, example] = /<!-- example:begin -->\s*```js\n([\s\S]*?)```\s*<!-- example:end -->/.exec(read(path)) ?? []
  if (example === undefined) throw new Error(`${path} has no example between its markers`)
  return example
}

/** What a person would type: the lines of every block that is for a shell. */
function shellLinesOf(path: string): readonly string[] {
  const blocks = [...read(path).matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```/gm)]
  return blocks.flatMap(([, block]) => (block ?? '').split('\n')).filter((line) => line !== '' && !line.startsWith('#'))
}

/** The npm script that a command runs, or undefined when it is one of npm's own. Rejects whatever is not npm. */
function scriptOf(command: string): string | undefined {
  const [, verb, name] = /^npm (install|start|test|run)(?: ([\w:-]+))?/.exec(command) ?? []
  if (verb === undefined) throw new Error(`a readme says something other than npm: ${command}`)
  return verb === 'run' ? name : verb === 'install' ? undefined : verb
}

describe('the example', () => {
  test('has at most fifteen lines and is the same in both languages', () => {
    const [english, chinese] = READMES.map(exampleOf)
    expect(english?.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_EXAMPLE_LINES)
    expect(english?.trim()).not.toBe('')
    expect(chinese).toBe(english)
  })

  test.each(READMES)('of %s runs as it is written: the parent reads what the teacher wrote', async (path) => {
    const example = exampleOf(path)
    expect(example).toContain(PORT_OF_THE_READMES)
    const folder = makeFolderInside()
    writeFileSync(join(folder, 'hello.mjs'), example.replace(PORT_OF_THE_READMES, server.endpoint))
    const { code, stdout, stderr } = await run('node', ['hello.mjs'], { cwd: folder })
    expect(stderr).toBe('')
    expect(stdout).toBe('t_2001 明天下午三点家长会\n')
    expect(code).toBe(0)
  })
})

describe('the commands', () => {
  test.each(READMES)('of %s all exist', (path) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const commands = shellLinesOf(path).flatMap((line) => line.split('&&').map((command) => command.trim()))
    expect(commands).toEqual(expect.arrayContaining(['npm install', 'npm start', 'npm test']))
    // In running text too: `npm run bench`.
    const mentioned = [...read(path).matchAll(/`(npm (?:run [\w:-]+|start|test))\b/g)].map(
      ([, command]) => command ?? '',
    )
    expect(mentioned.length).toBeGreaterThan(3)
    for (const command of [...commands, ...mentioned]) {
      const script = scriptOf(command)
      if (script !== undefined) expect(Object.keys(scripts), command).toContain(script)
    }
  })

  test('both readmes say the same commands', () => {
    const [english, chinese] = READMES.map(shellLinesOf)
    expect(chinese).toEqual(english)
  })

  test('npm run usersig -- t_2001 --expire 86400 prints one line, which the server accepts', async () => {
    const command = shellLinesOf('README.md').find((line) => line.startsWith('npm run usersig'))
    expect(command).toBe('npm run usersig -- t_2001 --expire 86400')
    const args = command?.split(' ').slice(1) ?? []
    const { code, stdout } = await run('npm', args, { cwd: CHECKOUT, env: { DATA_DIR: dataDir } })
    expect(code).toBe(0)
    const [userSig = '', ...more] = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('>'))
    expect(more).toEqual([])
    const chat = createModule(nodePlatform()).create({ SDKAppID: 1400000000, endpoint: server.endpoint })
    onTestFinished(async () => void (await chat?.destroy()))
    await chat?.login({ userID: 't_2001', userSig })
    expect(chat?.getLoginUser()).toBe('t_2001')
  })

  test('without a server’s secret it says what to do', async () => {
    const empty = makeFolderInside()
    const args = ['run', 'usersig', '--', 't_2001']
    const { code, stderr } = await run('npm', args, { cwd: CHECKOUT, env: { DATA_DIR: empty } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^no secret: set SECRETKEY, or start the server once/m)
  })
})

test('npm run class-day plays the day on a server as it starts by default, to the evening', async () => {
  for (const path of READMES) expect(read(path)).toContain('`npm run class-day`')
  const { code, stdout, stderr } = await run('npm', ['run', 'class-day'], { cwd: CHECKOUT, env: {} })
  expect(stderr).not.toContain('Error')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^== 回执 .*已读 2 \(p_1, p_3\) 未读 58$/m)
  expect(stdout).toMatch(/^== 手机恢复网络/m)
})

describe('what the readmes point to', () => {
  test.each(READMES)('%s: every file is there, and every heading', (path) => {
    const targets = [...read(path).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target ?? '')
    const inside = targets.filter((target) => !target.startsWith('http'))
    expect(inside.length).toBeGreaterThan(5)
    const lost = inside.filter((target) => {
      const [file = '', heading] = target.split('#')
      if (!existsSync(join(CHECKOUT, file))) return true
      return heading !== undefined && !headingsOf(read(file || path)).includes(decodeURIComponent(heading))
    })
    expect(lost).toEqual([])
  })
})

/** The anchors that GitHub makes of a document's headings. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
