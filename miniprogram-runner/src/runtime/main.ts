import type { AppBundle } from './app-bundle.ts'
import { boot } from './boot.ts'
import { registerBuiltins } from './builtins/builtins.ts'
import { readRunnerConfig } from './config.ts'
import type { Host } from './host.ts'
import { createWx } from './wx/wx.ts'

declare global {
  /** Set by app.js. */
  var __miniprogramApp: AppBundle | undefined
  /** Set by the driver before the page loads. */
  var __miniprogramConfig: unknown
  var __miniprogram: Host | undefined
}

const bundle = globalThis.__miniprogramApp
if (bundle === undefined) throw new Error('app.js must be loaded before runtime.js')
globalThis.__miniprogram = boot(bundle, readRunnerConfig(globalThis.__miniprogramConfig), {
  createWx,
  registerBuiltins,
})
