import { fileURLToPath } from 'node:url'

/** The repository's own folder, without a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** A program of the root's node_modules. */
export function toolPath(name: string): string {
  return `${ROOT}/node_modules/.bin/${name}`
}
