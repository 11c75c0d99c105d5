import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Emits the declarations of the entries and of what they stand on. Throws with the compiler's words. */
export function buildTypes(): void {
  const tsc = here('../node_modules/.bin/tsc')
  const { status, stdout } = spawnSync(tsc, ['-p', here('tsconfig.build.json')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the SDK's types could not be built:\n${stdout}`)
}
