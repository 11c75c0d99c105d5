import { createReadStream, createWriteStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliCompress } from 'node:zlib'
import { build } from 'vite'

// The page into dist/, with a compressed copy beside each text, which the gateway prefers.

const HERE = fileURLToPath(new URL('.', import.meta.url))
const TEXT = /\.(js|css|html|svg)$/

await build({ root: HERE, logLevel: 'warn' })
const files = readdirSync(join(HERE, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) => TEXT.test(path))
await Promise.all(files.map((path) => compress(join(HERE, 'dist', path))))

async function compress(path: string): Promise<void> {
  await pipeline(createReadStream(path), createBrotliCompress(), createWriteStream(`${path}.br`))
}
