import { mkdir, readdir, rm } from 'node:fs/promises'

/**
 * Makes a directory, or empties it if what it holds is ours: a mistyped path must not cost anybody his files.
 * @throws Error when it holds something else.
 */
export async function emptyDirectory(path: string, isOurs: (names: readonly string[]) => boolean): Promise<void> {
  await mkdir(path, { recursive: true })
  const names = await readdir(path)
  if (names.length > 0 && !isOurs(names)) throw new Error(`${path} is not empty, and not made by this build`)
  await rm(path, { recursive: true })
  await mkdir(path, { recursive: true })
}
