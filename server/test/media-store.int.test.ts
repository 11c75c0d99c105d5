import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, describe, expect, test } from 'vitest'
import type { Blobs } from '../src/blobs/blobs.ts'
import { DiskBlobs } from '../src/blobs/disk-blobs.ts'
import { connect as connectDb, type Db } from '../src/db/db.ts'
import { systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { systemRandom } from '../src/kit/random.ts'
import { MediaCleaner } from '../src/media/cleaner.ts'
import { claimBlobs } from '../src/media/media-writer.ts'
import { EICAR, startClamd } from './kit/clamd.ts'
import { MediaClient } from './kit/media-client.ts'
import { Pair } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { startS3Server } from './kit/s3-server.ts'
import { mountSmallDisk } from './kit/small-disk.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World, type WorldOptions } from './kit/world.ts'

const closings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close()
})

async function open(options: WorldOptions = {}): Promise<{ world: World; media: MediaClient; wire: WireClient }> {
  const world = await startWorld(options)
  closings.push(() => world.stop())
  const wire = await WireClient.open(world.endpoint(), 'anna', { protocolVersion: 2, instanceId: 'media' })
  return { world, wire, media: new MediaClient(world, wire, 'anna') }
}

async function sql<Row extends object>(
  world: World,
  text: string,
  params: (string | number)[] = [],
): Promise<readonly Row[]> {
  return withAdmin(world.databaseUrl, async (lane) => (await lane.run<Row>(text, params)).rows)
}

function blobsOnDisk(world: World): readonly string[] {
  return readdirSync(world.mediaDir, { recursive: true })
    .map(String)
    .filter((path) => /[0-9a-f]{64}$/.test(path))
    .map((path) => path.slice(-64))
    .sort()
}

describe('the clean-up', () => {
  function databaseOf(world: World): Db {
    const db = connectDb({
      url: world.databaseUrl,
      name: 'cleaner',
      size: 2,
      statementDeadlineMs: 5_000,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger(),
    })
    closings.push(() => db.close())
    return db
  }

  function cleanerOf(world: World, blobs: Blobs = storeOf(world)): MediaCleaner {
    return new MediaCleaner({ db: databaseOf(world), blobs })
  }

  function storeOf(world: World): Blobs {
    return new DiskBlobs({ root: world.mediaDir, random: systemRandom, clock: systemClock })
  }

  /** A store whose first deletion waits for the test. */
  function gatedStore(store: Blobs): { readonly blobs: Blobs; readonly reached: Promise<void>; open(): void } {
    let open = (): void => {}
    let tell = (): void => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    const reached = new Promise<void>((resolve) => (tell = resolve))
    const blobs: Blobs = {
      receive: (content, limit) => store.receive(content, limit),
      has: (hash) => store.has(hash),
      read: (hash, range) => store.read(hash, range),
      delete: async (hash) => {
        tell()
        await opened
        await store.delete(hash)
      },
      sweepDrafts: (olderThanMs) => store.sweepDrafts(olderThanMs),
      close: () => store.close(),
    }
    return { blobs, reached, open: () => open() }
  }

  const day = (world: World): Promise<unknown> =>
    sql(world, `UPDATE file SET created_at = created_at - interval '25 hours'`)
  const hour = (world: World): Promise<unknown> =>
    sql(world, `UPDATE blob SET loose_at = loose_at - interval '61 minutes'`)
  const turn = (cleaner: MediaCleaner): Promise<void> => cleaner.clean(new AbortController().signal)

  async function use(world: World, fileId: string, seq: number): Promise<void> {
    await sql(world, `INSERT INTO file_use VALUES ($1, 1, $2)`, [fileId, seq])
    await sql(world, 'UPDATE file SET is_used = true WHERE id = $1', [fileId])
  }

  async function photo(width: number): Promise<Buffer> {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
    return sharp({ create: { width, height: 900, channels: 3, background: '#888', noise } })
      .jpeg()
      .toBuffer()
  }

  test('takes what never arrived, what no message shows, and what all messages that showed it have lost; nothing else', async () => {
    const { world, media } = await open()
    const cleaner = cleanerOf(world)
    const picture = await photo(1000)
    const shown = await media.upload('image', picture)
    const again = await media.upload('image', picture)
    const unused = await media.upload('image', await photo(1001))
    const revoked = await media.upload('file', Buffer.from('regretted'))
    const pending = await media.ticket('file', 5)
    await use(world, shown.fileId, 1)
    await use(world, revoked.fileId, 2)
    await sql(world, 'DELETE FROM file_use WHERE seq = 2')
    const fresh = await media.upload('file', Buffer.from('just now'))
    expect(blobsOnDisk(world)).toHaveLength(8)
    await turn(cleaner)
    expect(await sql(world, 'SELECT id FROM file')).toHaveLength(6)

    await sql(world, `UPDATE file SET created_at = created_at - interval '25 hours' WHERE id <> $1`, [fresh.fileId])
    await turn(cleaner)
    const left = await sql<{ id: string }>(world, 'SELECT id FROM file')
    expect(left.map(({ id }) => id).sort()).toEqual([shown.fileId, fresh.fileId].sort())
    for (const gone of [again, unused, revoked]) expect((await media.get(gone.fileId)).status).toBe(404)
    expect((await media.put(pending.path, Buffer.from('12345'))).refusal).toBe('TICKET_INVALID')
    // The content waits for another hour: somebody may just be uploading it again.
    expect(blobsOnDisk(world)).toHaveLength(8)
    await hour(world)
    await turn(cleaner)
    const kept = await sql<{ hash: string }>(world, 'SELECT DISTINCT hash FROM file_blob')
    expect(blobsOnDisk(world)).toEqual(kept.map(({ hash }) => hash).sort())
    expect([blobsOnDisk(world).length, cleaner.removed]).toEqual([4, 4])
    expect(await sql(world, 'SELECT hash FROM blob')).toHaveLength(4)
  })

  test('content that is the copy of one picture and the original of another stays for the other', async () => {
    const { world, media } = await open()
    const cleaner = cleanerOf(world)
    const first = await media.upload('image', await photo(1000))
    const copy = await media.get(`${first.fileId}/large`)
    const second = await media.upload('image', copy.body)
    await use(world, second.fileId, 1)
    await day(world)
    await turn(cleaner)
    await hour(world)
    await turn(cleaner)
    await sql(
      world,
      `INSERT INTO login (account_key, device, instance_id) SELECT key, 'x', 'x' FROM account WHERE id = 'nobody'`,
    )
    expect((await media.get(first.fileId)).status).toBe(404)
    await sql(world, 'UPDATE file SET is_used = false')
    expect((await media.get(second.fileId)).body.equals(copy.body)).toBe(true)
    expect(await media.get(`${second.fileId}/small`)).toMatchObject({ status: 200 })
  })

  test('makes an upload of the content that it is just deleting wait, and then everything is there', async () => {
    const { world, media } = await open()
    const content = Buffer.from('the same homework again')
    await media.upload('file', content)
    await day(world)
    const gate = gatedStore(storeOf(world))
    const cleaner = cleanerOf(world, gate.blobs)
    await turn(cleaner)
    await hour(world)
    const cleaning = turn(cleaner)
    await gate.reached
    const { path, fileId } = await media.ticket('file', content.length)
    let isStored = false
    const upload = media.put(path, content).then((answer) => {
      isStored = true
      return answer
    })
    // Others come and go meanwhile; it would have had the time to end, too.
    for (let other = 0; other < 5; other++) await media.upload('file', Buffer.from(`other ${other}`))
    expect(isStored).toBe(false)
    gate.open()
    await cleaning
    expect((await upload).status).toBe(200)
    expect((await media.get(fileId)).body.equals(content)).toBe(true)
    expect(blobsOnDisk(world)).toHaveLength(6)
  })

  test('does not touch what an upload has claimed, however long nobody had held it before', async () => {
    const { world, media } = await open()
    const cleaner = cleanerOf(world)
    await media.upload('file', Buffer.from('claimed'))
    await day(world)
    await turn(cleaner)
    await hour(world)
    const hashes = blobsOnDisk(world)
    expect(await databaseOf(world).transaction((tx) => claimBlobs(tx, hashes))).toBe(true)
    await turn(cleaner)
    expect(blobsOnDisk(world)).toEqual(hashes)
  })

  test('a process that died while it deleted is followed by one that ends it, and the content can come again', async () => {
    const { world, media } = await open()
    const cleaner = cleanerOf(world)
    const content = Buffer.from('half deleted')
    await media.upload('file', content)
    await day(world)
    await turn(cleaner)
    // Marked, deleted from the store, and then killed.
    await sql(world, `UPDATE blob SET is_going = true, loose_at = now()`)
    for (const hash of blobsOnDisk(world)) rmSync(join(world.mediaDir, hash.slice(0, 2), hash.slice(2, 4), hash))
    const { path } = await media.ticket('file', content.length)
    expect((await media.put(path, content)).refusal).toBe('BUSY')
    await hour(world)
    await turn(cleaner)
    expect((await media.put(path, content)).status).toBe(200)
    expect((await media.get((await media.upload('file', content)).fileId)).body.equals(content)).toBe(true)
  })
})

test('when the disk is full uploads are refused with a name, messages flow, and it recovers by itself (F-19)', async (context) => {
  const disk = mountSmallDisk(4)
  if (!disk) return context.skip('nobody may mount here')
  closings.push(() => disk.remove())
  const { world, media } = await open({ env: { MEDIA_DIR: disk.path } })
  const filler = join(disk.path, 'somebody-else')
  writeFileSync(filler, Buffer.alloc(3_500_000))
  const content = Buffer.alloc(1_000_000, 7)
  const { path, fileId } = await media.ticket('file', content.length)
  const refused = await media.put(path, content)
  expect([refused.status, refused.refusal]).toEqual([507, 'STORE_FULL'])
  const files = readdirSync(disk.path, { recursive: true }).map(String)
  expect(files.filter((name) => statSync(join(disk.path, name)).isFile())).toEqual(['somebody-else'])
  const pair = await Pair.meet(world)
  await pair.say({ type: 'text', text: 'still here' })
  pair.close()
  rmSync(filler)
  expect((await media.put(path, content)).status).toBe(200)
  expect((await media.get(fileId)).body.equals(content)).toBe(true)
})

test('with an S3 store nothing but the store holds files, and they come from there, in parts as well', async () => {
  const keys = { bucket: 'media', region: 'us-east-1', accessKey: 'AK', secretKey: 'a secret of the store' }
  const store = await startS3Server(keys)
  closings.push(() => store.stop())
  const secretFile = join(mkdtempSync(join(tmpdir(), 'hongyan-secret-')), 's3')
  writeFileSync(secretFile, `${keys.secretKey}\n`, { mode: 0o600 })
  const { world, media } = await open({
    env: {
      S3_ENDPOINT: store.endpoint,
      S3_BUCKET: keys.bucket,
      S3_ACCESS_KEY: keys.accessKey,
      S3_SECRET_KEY_FILE: secretFile,
    },
  })
  const content = Buffer.from('0123456789'.repeat(1_000))
  const { fileId } = await media.upload('file', content)
  expect([store.objects.size, blobsOnDisk(world), readdirSync(join(world.mediaDir, 'incoming'))]).toEqual([1, [], []])
  expect((await media.get(fileId)).body.equals(content)).toBe(true)
  const part = await media.get(fileId, { headers: { range: 'bytes=10-14' } })
  expect([part.status, part.body.toString()]).toEqual([206, '01234'])
  store.faults.push(503)
  expect((await media.get(fileId)).refusal).toBe('BUSY')
  store.objects.clear()
  expect((await media.get(fileId)).refusal).toBe('NO_SUCH_FILE')
})

test('with clamd what it finds is refused and kept nowhere (S-F5)', async () => {
  const clamd = await startClamd()
  const { world, media } = await open({ env: { CLAMAV_ADDRESS: `127.0.0.1:${clamd.port}` } })
  expect(await media.refusalOf('file', Buffer.from(EICAR))).toBe('BAD_FILE_TYPE')
  expect(blobsOnDisk(world)).toEqual([])
  expect((await media.upload('file', Buffer.from('clean'))).bytes).toBe(5)
  await clamd.stop()
  expect(await media.refusalOf('file', Buffer.from('clean'))).toBe('BUSY')
})

test('uploads and refusals are counted', async () => {
  const { world, media } = await open({ nodes: 1 })
  await media.upload('file', Buffer.from('12345'))
  await media.refusalOf('image', Buffer.from('no picture'))
  const text = (await media.fetch('/metrics')).body.toString()
  expect(text).toContain('hongyan_uploads_total 1')
  expect(text).toContain('hongyan_upload_bytes_total 5')
  expect(text).toContain('hongyan_uploads_running 0')
  expect(text).toContain('hongyan_refused_total{name="BAD_FILE_TYPE"} 1')
  expect(world.nodes).toHaveLength(1)
})

test('another node serves what this one has stored, where both see the same store', async () => {
  const { world, media } = await open({ nodes: 2 })
  const { fileId } = await media.upload('file', Buffer.from('shared'))
  const answer = await fetch(`${world.endpoint(1)}/im/media/${fileId}?t=${await media.token()}`)
  expect(await answer.text()).toBe('shared')
})
