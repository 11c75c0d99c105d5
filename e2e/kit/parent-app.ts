import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import {
  buildNpm,
  compileApp,
  launchMiniProgram,
  serveApp,
  type LaunchOptions,
} from '../../miniprogram-runner/src/index.ts'
import { ParentPhone } from './parent-phone.ts'
import type { TrialServer } from './server.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROJECT = join(ROOT, 'miniprogram-demo')
const BUILD_MS = 120_000
const LEFT_OUT = ['node_modules', 'miniprogram_npm']

/** The parents' mini-program in a folder of its own, with its npm packages built as WeChat's devtools do. */
export async function copyParentProject(): Promise<string> {
  // Its npm packages are what our SDK was built to.
  await promisify(execFile)(process.execPath, ['tools/build-if-stale.mjs'], { cwd: ROOT, timeout: BUILD_MS })
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-parents-'))
  cpSync(PROJECT, folder, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) })
  await buildNpm({
    packageJson: join(PROJECT, 'package.json'),
    outDir: join(folder, 'miniprogram', 'miniprogram_npm'),
  })
  return folder
}

/** Opens phones with the mini-program, each a user's own. */
export interface ParentApp {
  /** A phone at the page of signing in, in this school. `config` as WeChat's console and the user have set it. */
  open(browser: Browser, server: Pick<TrialServer, 'url'>, config?: LaunchOptions['config']): Promise<ParentPhone>
  close(): Promise<void>
}

/** Builds the mini-program once; phones are cheap then. */
export async function buildParentApp(): Promise<ParentApp> {
  const folder = await copyParentProject()
  const outDir = join(folder, 'compiled')
  await compileApp({ root: folder, outDir })
  const served = await serveApp(outDir)
  return {
    async open(browser, { url }, config = {}) {
      const extConfig = { endpoint: url.replace(/\/$/, ''), ...config.extConfig }
      const mp = await launchMiniProgram({ app: served, browser, config: { ...config, extConfig } })
      return new ParentPhone(mp)
    },
    async close() {
      await served.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
