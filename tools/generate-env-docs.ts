import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { envDocuments } from './env-docs.ts'
import { ROOT } from './root.ts'

// npm run env:docs: writes .env.example and the tables of options in the documents.

for (const { path, found, wanted } of await envDocuments(ROOT)) {
  if (wanted === undefined) {
    console.error(`${path} ${found === undefined ? 'is missing' : 'lacks the markers'}: nothing written`)
    process.exitCode = 1
  } else if (wanted !== found) {
    writeFileSync(join(ROOT, path), wanted)
    console.log(`${path} written`)
  }
}
