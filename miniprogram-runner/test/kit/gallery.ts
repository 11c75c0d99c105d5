import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { compileApp } from '../../src/build/compile-app.ts'
import { launchChromium, PHONE_FLAGS } from '../../src/driver/chromium.ts'
import type { LaunchOptions } from '../../src/driver/launch-options.ts'
import { launchMiniProgram } from '../../src/driver/launch.ts'
import type { MiniProgram } from '../../src/driver/mini-program.ts'
import { serveApp, type ServedApp } from '../../src/driver/serve.ts'

const ROOT = fileURLToPath(new URL('../fixtures/gallery', import.meta.url))

/** The gallery app, compiled and served once for a test file. */
export class Gallery {
  readonly browser: Browser
  readonly served: ServedApp
  readonly #outDir: string
  readonly #opened: MiniProgram[] = []

  private constructor(browser: Browser, served: ServedApp, outDir: string) {
    this.browser = browser
    this.served = served
    this.#outDir = outDir
  }

  static async start(): Promise<Gallery> {
    const outDir = mkdtempSync(join(tmpdir(), 'hy-gallery-'))
    await compileApp({ root: ROOT, outDir })
    return new Gallery(await launchChromium(PHONE_FLAGS), await serveApp(outDir), outDir)
  }

  async open(config: LaunchOptions['config'] = {}, rest: Partial<LaunchOptions> = {}): Promise<MiniProgram> {
    const mp = await launchMiniProgram({ app: this.served, browser: this.browser, config, ...rest })
    this.#opened.push(mp)
    return mp
  }

  async closeOpened(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((mp) => mp.close()))
  }

  async stop(): Promise<void> {
    await this.closeOpened()
    await this.browser.close()
    await this.served.close()
    rmSync(this.#outDir, { recursive: true, force: true })
  }
}

export type Answer = Readonly<Record<string, unknown>>

/** Calls `wx[name]` in the program (page `pages/net/net` must be open) and gives what `complete` got. */
export async function callWx(mp: MiniProgram, name: string, options: object = {}): Promise<Answer> {
  return (await mp.call('call', name, options)) as Answer
}

/** The same by promise; a rejection comes as `{ rejected }`. */
export async function promiseWx(mp: MiniProgram, name: string, options: object = {}): Promise<Answer> {
  return (await mp.call('promise', name, options)) as Answer
}

/** What the page noted: `[kind, …]`. */
export async function notesOf(mp: MiniProgram): Promise<readonly (readonly unknown[])[]> {
  return (await mp.data())['log'] as readonly (readonly unknown[])[]
}

/** The first words of the notes. */
export async function kindsOf(mp: MiniProgram): Promise<readonly unknown[]> {
  return (await notesOf(mp)).map(([kind]) => kind)
}
