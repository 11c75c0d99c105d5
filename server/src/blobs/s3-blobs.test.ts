import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startS3Server, type S3Server } from '../../test/kit/s3-server.ts'
import { systemClock } from '../kit/clock.ts'
import { systemRandom } from '../kit/random.ts'
import { describeBlobs, pieces, sha256 } from './blobs.contract.ts'
import { BlobsUnavailable } from './blobs-unavailable.ts'
import { S3Blobs, type S3BlobsOptions } from './s3-blobs.ts'

const KEYS = {
  bucket: 'school-media',
  region: 'cn-north-1',
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

let server: S3Server
let draftDir: string
const opened: S3Blobs[] = []

beforeEach(async () => {
  server = await startS3Server(KEYS)
  draftDir = mkdtempSync(join(tmpdir(), 'hongyan-s3-'))
})
afterEach(async () => {
  for (const blobs of opened.splice(0)) await blobs.close()
  await server.stop()
  rmSync(draftDir, { recursive: true, force: true })
})

function openBlobs(options: Partial<S3BlobsOptions> = {}): S3Blobs {
  const blobs = new S3Blobs({
    ...KEYS,
    endpoint: server.endpoint,
    draftDir,
    stallMs: 5_000,
    random: systemRandom,
    clock: systemClock,
    ...options,
  })
  opened.push(blobs)
  return blobs
}

function drafts(): readonly string[] {
  return existsSync(draftDir) ? readdirSync(draftDir) : []
}

async function keep(blobs: S3Blobs, content: Uint8Array): Promise<string> {
  const draft = await blobs.receive(pieces(content), { maxBytes: 1_000_000 })
  await draft.keep()
  return draft.hash
}

describeBlobs('S3Blobs', () => Promise.resolve({ blobs: openBlobs(), drafts, close: () => Promise.resolve() }))

test('objects stand under their hash, and what the store has is not sent again', async () => {
  const blobs = openBlobs()
  const content = randomBytes(10_000)
  const hash = await keep(blobs, content)
  expect([...server.objects.keys()]).toEqual([`${hash.slice(0, 2)}/${hash}`])
  await keep(blobs, content)
  expect(server.log.filter((line) => line.startsWith('PUT'))).toEqual(['PUT 200'])
})

test('a store that does not know the key, the secret or the region is an outage, not a missing file', async () => {
  for (const wrong of [{ accessKey: 'SOMEBODY' }, { secretKey: 'a guess' }, { region: 'us-east-1' }]) {
    const blobs = openBlobs(wrong)
    await expect(blobs.has(sha256(Buffer.alloc(1)))).rejects.toThrow(BlobsUnavailable)
    await expect(keep(blobs, randomBytes(100))).rejects.toThrow(BlobsUnavailable)
  }
  expect([server.objects.size, drafts()]).toEqual([0, []])
})

test('a store without room refuses STORE_FULL; one that fails is an outage; neither leaves a draft', async () => {
  const blobs = openBlobs()
  const draft = async () => blobs.receive(pieces(randomBytes(100)), { maxBytes: 100 })
  const first = await draft()
  server.faults.push(404, 507)
  await expect(first.keep()).rejects.toMatchObject({ code: 'STORE_FULL' })
  const second = await draft()
  server.faults.push(404, { status: 403, code: 'XMinioStorageFull' })
  await expect(second.keep()).rejects.toMatchObject({ code: 'STORE_FULL' })
  const third = await draft()
  server.faults.push(503)
  await expect(third.keep()).rejects.toThrow(BlobsUnavailable)
  expect(drafts()).toEqual([])
})

test('a store that does not answer is given up, and one that breaks off in the middle ends the stream with an error', async () => {
  const blobs = openBlobs({ stallMs: 100 })
  server.faults.push('hang')
  await expect(blobs.has(sha256(Buffer.alloc(1)))).rejects.toThrow(BlobsUnavailable)
  server.faults.push('cut')
  const stream = await blobs.read(sha256(Buffer.alloc(1)))
  await expect(stream && buffer(stream)).rejects.toThrow()
})

test('a store that is not there is an outage', async () => {
  const blobs = openBlobs({ endpoint: 'http://127.0.0.1:9' })
  await expect(blobs.has(sha256(Buffer.alloc(1)))).rejects.toThrow(BlobsUnavailable)
})
