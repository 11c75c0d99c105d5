import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SCHEMA_PATH, schemaText } from './dump-schema.ts'
import { ROOT } from './root.ts'

test('protocol/schema.json is what the code says; if not: npx tsx --conditions=source tools/dump-schema.ts', async () => {
  expect(readFileSync(join(ROOT, SCHEMA_PATH), 'utf8')).toBe(await schemaText())
})
