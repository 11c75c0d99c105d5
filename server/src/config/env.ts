import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from './config.ts'

/**
 * The variables of this process, and those of the file `.env` in its working folder that the process does not have
 * itself. Throws when there is such a file that cannot be read.
 */
export function readEnvironment(own: Environment = process.env, file = '.env'): Environment {
  return { ...fileVariables(file), ...own }
}

function fileVariables(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return {}
    throw err
  }
}
