import { readdirSync, readFileSync, statSync } from 'node:fs'
import { StartRefused } from '../db/start-refused.ts'

/** The operating system's user that PostgreSQL runs as. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

interface PasswdEntry extends RunAs {
  readonly name: string
}

/** In this order. An operator who wants PostgreSQL to have a user of its own creates `hongyan`; `nobody` is everywhere. */
const PREFERRED = ['hongyan', 'postgres', 'nobody'] as const
const ROOT = 0

/**
 * PostgreSQL refuses to run as root, so root lends it another user: the one that owns the data already, else one of
 * PREFERRED. Undefined: as the user we are ourselves. See docs/adr/0002.
 */
export function chooseRunAs(dataDir: string): RunAs | undefined {
  if (process.getuid?.() !== ROOT) return undefined
  const owner = ownerOf(dataDir)
  if (owner && owner.uid !== ROOT) return owner
  if (owner && readdirSync(dataDir).length > 0) {
    throw new StartRefused(
      `${dataDir} belongs to root, as which PostgreSQL does not run; give it back to its user with chown -R`,
    )
  }
  const entries = readPasswd()
  for (const name of PREFERRED) {
    const entry = entries.find((candidate) => candidate.name === name && candidate.uid !== ROOT)
    if (entry) return { uid: entry.uid, gid: entry.gid }
  }
  throw new StartRefused(
    'the embedded database cannot run as root, and there is no user "hongyan", "postgres" or "nobody" to run it as; start as an ordinary user or set DATABASE_URL',
  )
}

function ownerOf(path: string): RunAs | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && { uid: found.uid, gid: found.gid }
}

function readPasswd(): readonly PasswdEntry[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
