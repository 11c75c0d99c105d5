import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseScenario } from '../plan/parse-scenario.ts'
import type { Scenario } from '../plan/scenario.ts'
import { BadSetting } from './settings.ts'

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url))

/** All scenarios that come with the program, by name. */
export function listScenarios(): readonly Scenario[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => load(join(FOLDER, name)))
}

/** A scenario by its name, or by the path of its file. Throws BadSetting and BadScenario. */
export function findScenario(name: string): Scenario {
  if (name.endsWith('.json') && existsSync(name)) return load(name)
  const path = join(FOLDER, `${name}.json`)
  if (/^[a-z0-9-]+$/.test(name) && existsSync(path)) return load(path)
  throw new BadSetting(
    `no such scenario: ${name}; there are ${listScenarios()
      .map((one) => one.name)
      .join(', ')}`,
  )
}

function load(path: string): Scenario {
  return parseScenario(readFileSync(path, 'utf8'), basename(path, '.json'))
}
