import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('make-bucket.mjs', import.meta.url))

/** A store that has the bucket, or gets it; what it was asked, and how the script ended. */
async function makeBucket(isThere: boolean): Promise<{ readonly asked: readonly string[]; readonly exitCode: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-bucket-'))
  writeFileSync(join(folder, 'secret'), 'topsecret\n')
  const asked: string[] = []
  let isMade = isThere
  const store = createServer((request, response) => {
    const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=AK/')
    asked.push(`${request.method} ${request.url}${isSigned ? '' : ' unsigned'}`)
    if (request.method === 'PUT') isMade = true
    response.writeHead(isMade ? 200 : 404).end()
  })
  store.listen(0, '127.0.0.1')
  await once(store, 'listening')
  onTestFinished(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })
  const child = spawn(process.execPath, [SCRIPT], {
    stdio: 'ignore',
    env: {
      S3_ENDPOINT: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
      S3_BUCKET: 'hongyan',
      S3_ACCESS_KEY: 'AK',
      S3_SECRET_KEY_FILE: join(folder, 'secret'),
    },
  })
  const [exitCode] = (await once(child, 'exit')) as [number]
  return { asked, exitCode }
}

test('a bucket that is missing is made', async () => {
  expect(await makeBucket(false)).toEqual({ asked: ['HEAD /hongyan', 'PUT /hongyan'], exitCode: 0 })
})

test('one that is there is left alone', async () => {
  expect(await makeBucket(true)).toEqual({ asked: ['HEAD /hongyan'], exitCode: 0 })
})
