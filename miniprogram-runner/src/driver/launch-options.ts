import type { Browser } from 'playwright-core'
import type { RunnerConfig } from '../runtime/host.ts'
import type { ServedApp } from './serve.ts'

export interface LaunchOptions {
  /** A compiled program: the folder that compileApp wrote, or one served already (cheaper for several users). */
  readonly app: string | ServedApp
  /** A browser to open the user's context in; without one the driver launches its own, and closes it. */
  readonly browser?: Browser
  readonly config?: Partial<RunnerConfig>
  /** CSS pixels; default 375 × 812. */
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  /** Of screenshots; default 2. */
  readonly deviceScaleFactor?: number
}

/** A file for the phone's album or chat, for `mock('chooseMedia', { files: [await fileMock(path)] })`. */
export interface FileMock {
  readonly name: string
  readonly base64: string
  readonly type?: string
  /** Length of a film. */
  readonly seconds?: number
}
