import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CLOSE,
  COMMANDS,
  EntrySchema,
  ERRORS,
  LIMITS,
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  VolatileEntrySchema,
} from '@hongyan/protocol'
import { format } from 'prettier'
import { ROOT } from './root.ts'

// Writes protocol/schema.json: the whole wire as data, so that a reviewer sees a change of it as a diff.

/** Where the dump is kept, from the repository's root. */
export const SCHEMA_PATH = 'protocol/schema.json'

/** Everything both sides of the wire rely on, as JSON: what PROTOCOL_VERSION stands for. */
export function schemaText(): Promise<string> {
  const errors = Object.entries(ERRORS).map(([name, { code, retryable }]) => [name, { code, retryable }] as const)
  const wire = {
    version: PROTOCOL_VERSION,
    minVersion: MIN_PROTOCOL_VERSION,
    limits: LIMITS,
    closeCodes: CLOSE,
    errors: Object.fromEntries(errors),
    commands: COMMANDS,
    entry: EntrySchema,
    volatileEntry: VolatileEntrySchema,
  }
  return format(JSON.stringify(wire), { parser: 'json', printWidth: 120 })
}

if (import.meta.filename === process.argv[1]) writeFileSync(join(ROOT, SCHEMA_PATH), await schemaText())
