import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import type { TimInstance } from '../../client-sdk/src/tim/facade.ts'
import { createModule } from '../../client-sdk/src/tim/module.ts'
import { copyRepository, type RepositoryCopy, type RepositoryCopyOptions } from './kit/repository-copy.ts'
import { buildServer } from './kit/server-process.ts'
import { until } from './kit/until.ts'

// `npm start` itself, by npm itself, in a copy of the repository, for everybody who may type it.

const IS_ROOT = process.getuid?.() === 0
const NOBODY = 65_534
const START_MS = 30_000
const STOP_MS = 15_000

let copy: RepositoryCopy | undefined
let started: NpmStart[] = []

beforeAll(() => buildServer())
afterEach(async () => {
  await Promise.all(started.map((each) => each.kill()))
  started = []
  copy?.remove()
  copy = undefined
})

function makeCopy(options: RepositoryCopyOptions = {}): RepositoryCopy {
  copy = copyRepository(options)
  return copy
}

/** `npm start` as typed into a terminal: npm, its shell and what they start are one process group. */
class NpmStart {
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  readonly #npm: ChildProcess
  #output = ''

  constructor({ path, home }: RepositoryCopy, uid?: number) {
    this.#npm = spawn('npm', ['start'], {
      cwd: path,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: home, HOST: '127.0.0.1', PORT: '0', DRAIN_SECONDS: '0' },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    for (const stream of [this.#npm.stdout, this.#npm.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()))
    this.ended = new Promise((resolve) => this.#npm.once('close', (code, signal) => resolve({ code, signal })))
    started.push(this)
  }

  get output(): string {
    return this.#output
  }

  get hasEnded(): boolean {
    return this.#npm.exitCode !== null || this.#npm.signalCode !== null
  }

  /** Where it says that it listens. */
  listening(): Promise<string> {
    const ask = (): string => {
      if (this.hasEnded) throw new Error(`npm start ended: ${this.#output}`)
      return /(http:\/\/[^\s/]+)\//.exec(this.#output)?.[1] ?? ''
    }
    return until('npm start says its address', ask, START_MS)
  }

  /** As a supervisor stops a service. */
  terminate(): void {
    this.#npm.kill('SIGTERM')
  }

  /** As a terminal does at Ctrl-C. */
  interrupt(): void {
    process.kill(-(this.#npm.pid ?? 0), 'SIGINT')
  }

  /** For the end of a test that failed. */
  async kill(): Promise<void> {
    if (!this.hasEnded) this.interrupt()
    const timer = setTimeout(() => process.kill(-(this.#npm.pid ?? 0), 'SIGKILL'), STOP_MS)
    await this.ended
    clearTimeout(timer)
  }
}

async function signIn(endpoint: string, userID: string): Promise<TimInstance> {
  const answer = await fetch(`${endpoint}/im/usersig?userID=${userID}`)
  const { sdkAppID, userSig } = (await answer.json()) as { sdkAppID: number; userSig: string }
  const chat = createModule(nodePlatform()).create({ SDKAppID: sdkAppID, endpoint })
  if (!chat) throw new Error('no instance')
  await chat.login({ userID, userSig })
  return chat
}

async function say(endpoint: string, text: string): Promise<void> {
  const teacher = await signIn(endpoint, 't_2001')
  await teacher.sendMessage(teacher.createTextMessage({ to: 'p_1001', conversationType: 'C2C', payload: { text } }))
  await teacher.destroy()
}

async function whatTheParentReads(endpoint: string): Promise<readonly unknown[]> {
  const parent = await signIn(endpoint, 'p_1001')
  const { data } = await parent.getMessageList({ conversationID: 'C2Ct_2001' })
  await parent.destroy()
  return data.messageList.map(({ payload }) => payload['text'])
}

/** Nothing of it runs any more, and PostgreSQL had the time to shut down. */
async function expectGone(where: RepositoryCopy, npm: NpmStart): Promise<void> {
  await until('npm ends', () => npm.hasEnded, STOP_MS)
  expect(await npm.ended).toEqual({ code: 0, signal: null })
  await until('no process is left', () => where.processes().length === 0, STOP_MS).catch((err: unknown) => {
    throw new Error(`${String(err)}: ${where.processes().join('\n')}`)
  })
  expect(existsSync(join(where.path, 'data/postgres/postmaster.pid'))).toBe(false)
  expect(npm.output).not.toMatch(/error|warn/i)
}

describe('npm start', () => {
  test('SIGTERM to npm and Ctrl-C stop everything, and the next start has what was said', async () => {
    const where = makeCopy()
    const first = new NpmStart(where)
    const endpoint = await first.listening()
    expect(first.output).not.toContain('built ')
    await say(endpoint, '第一次')
    // So that it means something when there are none.
    for (const name of [/npm start/, /main\.js/, /postgres: /]) expect(where.processes().join('\n')).toMatch(name)
    first.terminate()
    await expectGone(where, first)

    const second = new NpmStart(where)
    const again = await second.listening()
    expect(await whatTheParentReads(again)).toEqual(['第一次'])
    await say(again, '第二次')
    second.interrupt()
    await expectGone(where, second)

    const third = new NpmStart(where)
    expect(await whatTheParentReads(await third.listening())).toEqual(['第一次', '第二次'])
    third.interrupt()
    await expectGone(where, third)
    // It keeps to its folder.
    expect(readdirSync(where.home).filter((name) => name !== '.npm')).toEqual([])
  })

  test.skipIf(!IS_ROOT)('root, where only root may enter', async () => {
    const where = makeCopy({ isPrivate: true })
    const npm = new NpmStart(where)
    const endpoint = await npm.listening()
    await say(endpoint, '在 /root 里')
    expect(await whatTheParentReads(endpoint)).toEqual(['在 /root 里'])
    npm.terminate()
    await expectGone(where, npm)
  })

  test.skipIf(!IS_ROOT)('a user of no standing, in a copy of his own', async () => {
    const where = makeCopy({ uid: NOBODY })
    const npm = new NpmStart(where, NOBODY)
    const endpoint = await npm.listening()
    await say(endpoint, '普通用户')
    expect(await whatTheParentReads(endpoint)).toEqual(['普通用户'])
    expect(statSync(join(where.path, 'data/postgres')).uid).toBe(NOBODY)
    npm.interrupt()
    await expectGone(where, npm)
  })
})

if (!IS_ROOT) console.log('npm start as root and as another user: only root can try that. Skipped.')
