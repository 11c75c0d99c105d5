import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from './config.ts'

const ENV_FILE = '.env'

/** The variables of this process, and those of `.env` in the working folder that the process does not have itself. */
export function readEnvironment(): Environment {
  return { ...fileVariables(), ...process.env }
}

function fileVariables(): Environment {
  try {
    return parseEnv(readFileSync(ENV_FILE, 'utf8'))
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return {}
    throw err
  }
}
