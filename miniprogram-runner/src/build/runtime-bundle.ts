import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { wxmlPlugin } from './wxml-plugin.ts'

const RUNTIME = new URL('../runtime/', import.meta.url)

export interface RuntimeFiles {
  readonly script: string
  readonly style: string
}

let bundled: Promise<RuntimeFiles> | undefined

/** The runtime for the browser, the same for every program: made once in a process. */
export async function bundleRuntime(): Promise<RuntimeFiles> {
  bundled ??= makeRuntime()
  return bundled
}

async function makeRuntime(): Promise<RuntimeFiles> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('main.ts', RUNTIME))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    sourcemap: 'inline',
    define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [wxmlPlugin],
    logLevel: 'silent',
  })
  const styles = ['frame/frame.css', 'builtins/base.css'].map((file) => readFile(new URL(file, RUNTIME), 'utf8'))
  return { script: result.outputFiles[0]?.text ?? '', style: (await Promise.all(styles)).join('\n') }
}
