import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS_DOC_PATH, errorsDoc } from './generate-errors-doc.ts'
import { ROOT } from './root.ts'

test('docs/errors.md is what the catalogue says; if not: npx tsx --conditions=source tools/generate-errors-doc.ts', async () => {
  expect(readFileSync(join(ROOT, ERRORS_DOC_PATH), 'utf8')).toBe(await errorsDoc())
})
