import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FaultProxy } from '../../server/test/kit/fault-proxy.ts'
import { SDK_APP_ID, SECRET } from './signing.ts'
import { until } from './waiting.ts'

const MAIN = fileURLToPath(new URL('../../server/dist/main.js', import.meta.url))
const START_DEADLINE_MS = 60_000

/** How a gateway is started in an unusual way: for one start only. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}

export interface GatewayOptions {
  readonly index: number
  readonly port: number
  readonly folder: string
  /** What it needs besides what all have. */
  readonly env: Readonly<Record<string, string>>
  readonly onUnaskedEnd: (what: string) => void
}

/** One gateway process, with a proxy in front of it for its clients. It keeps its port over restarts. */
export class Gateway {
  readonly index: number
  readonly port: number
  readonly front: FaultProxy
  readonly #options: GatewayOptions
  #child: ChildProcess | undefined
  /** How much its standard error held when this process was started. */
  errStart = 0
  #isEndExpected = false
  #ended: Promise<number | null> = Promise.resolve(null)

  private constructor(options: GatewayOptions, front: FaultProxy) {
    this.index = options.index
    this.port = options.port
    this.front = front
    this.#options = options
  }

  static async make(options: GatewayOptions): Promise<Gateway> {
    mkdirSync(join(options.folder, `gateway-${options.index}`), { recursive: true })
    return new Gateway(options, await FaultProxy.start({ port: options.port }))
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Resolves when it takes traffic. */
  async start(options: StartOptions = {}): Promise<void> {
    await this.#ended
    this.launch(options)
    await until(`gateway ${this.index} takes traffic`, () => this.isReady(), { deadlineMs: START_DEADLINE_MS })
  }

  /** Starts the process and does not wait. */
  launch({ env = {}, nodeArgs = ['--inspect-port=0'] }: StartOptions = {}): void {
    const { index, port } = this.#options
    const [out, err] = [openSync(this.outPath, 'a', 0o600), openSync(this.errPath, 'a', 0o600)]
    this.errStart = fstatSync(err).size
    this.#isEndExpected = false
    const child = spawn(process.execPath, [...nodeArgs, MAIN], {
      cwd: tmpdir(),
      stdio: ['ignore', out, err],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: this.dataDir,
        SECRETKEY: SECRET,
        SDKAPPID: String(SDK_APP_ID),
        MAX_OPENING_PER_ADDRESS: '100000',
        SENDS_PER_SECOND_PER_USER: '100000',
        WEB_PAGE: 'off',
        LOG_LEVEL: 'warn',
        DRAIN_SECONDS: '2',
        ...this.#options.env,
        ...env,
      },
    })
    closeSync(out)
    closeSync(err)
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve(null))
      child.once('exit', (code, signal) => {
        if (!this.#isEndExpected) this.#options.onUnaskedEnd(`gateway ${index} ended with ${code ?? signal}`)
        resolve(code)
      })
    })
  }

  /** A signal that ends it, or not. Resolves at once; see `ended`. */
  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#isEndExpected = true
    this.#child?.kill(signal)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#ended
  }

  async isReady(): Promise<boolean> {
    return (await this.ask('/readyz')) !== undefined
  }

  /** The answer's text, asked for past the proxy; undefined for every other answer than yes. */
  async ask(path: string, deadlineMs = 1_000): Promise<string | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { signal: AbortSignal.timeout(deadlineMs) })
      const text = await response.text()
      return response.ok ? text : undefined
    } catch {
      return undefined
    }
  }

  /** Its numbers by their names and labels, as they stand there; empty when it does not answer. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = (await this.ask('/metrics', 3_000)) ?? ''
    return new Map([...text.matchAll(/^(hongyan_\S+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]))
  }

  /** Resident memory, in bytes. */
  rss(): number {
    try {
      return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      return 0
    }
  }

  get dataDir(): string {
    return join(this.#options.folder, `gateway-${this.#options.index}`)
  }

  get outPath(): string {
    return join(this.#options.folder, `gateway-${this.index}.out`)
  }

  get errPath(): string {
    return join(this.#options.folder, `gateway-${this.index}.err`)
  }

  /** Quietly, for the end of a run. */
  async stop(): Promise<void> {
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    const timer = setTimeout(() => this.signal('SIGKILL'), 15_000)
    await this.#ended
    clearTimeout(timer)
    await this.front.stop()
  }

  /** The last resort, when there is no time to wait. */
  endNow(): void {
    this.signal('SIGKILL')
  }
}
