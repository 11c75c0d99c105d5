import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is being set up for a measurement. */
export interface SettingUp {
  /** A folder of its own, which goes with it. */
  readonly dataDir: string
  /** Notes that this is to be stopped; in reverse of the order in which it was noted. */
  readonly keep: <T extends { stop(): Promise<unknown> }>(part: T) => T
}

/** Sets something up and adds how to stop it; when it fails half-way, what is there already is stopped. */
export async function setUp<T extends object>(
  build: (settingUp: SettingUp) => Promise<T>,
): Promise<T & { stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-bench-'))
  const parts: { stop(): Promise<unknown> }[] = []
  const keep = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    parts.push(part)
    return part
  }
  const stop = async (): Promise<void> => {
    for (const part of parts.reverse()) await part.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    return { ...(await build({ dataDir, keep })), stop }
  } catch (err) {
    await stop()
    throw err
  }
}
