import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseManifest } from '../src/backup/manifest.ts'
import { abandonRestore } from '../src/backup/restore-backup.ts'
import { rotateEpochOf } from '../src/backup/rotate-epoch.ts'
import type { Db } from '../src/db/db.ts'
import { migrate } from '../src/db/migrate.ts'
import { readMigrations } from '../src/db/migrations.ts'
import { assertNoRestoreUnderWay } from '../src/db/restore-mark.ts'
import { TYPES } from '../../client-sdk/src/tim/types.ts'
import { BackupStage, rowsOf } from './kit/backup-stage.ts'
import { Device } from './kit/device.ts'
import { MediaClient } from './kit/media-client.ts'
import { conversationOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
let stage: BackupStage
let db: Db

beforeAll(async () => {
  world = await startWorld()
  stage = new BackupStage()
  db = stage.open(world.databaseUrl)
  await playSchool()
  await stage.backUp('good', world.databaseUrl, world.mediaDir)
})
afterAll(async () => {
  await stage.remove()
  await world.stop()
})

/** A little of everything that is stored. */
async function playSchool(): Promise<void> {
  const [teacher, parent] = [await Device.login(world, 'teacher'), await Device.login(world, 'parent')]
  await teacher.chat.createGroup({
    groupID: 'class',
    type: TYPES.GRP_PUBLIC,
    name: '三年级 (1) 班',
    memberList: [{ userID: 'parent' }],
  })
  for (let number = 1; number <= 40; number++) await teacher.say('parent', `通知 ${number}\t\\ "quoted"\n次行`)
  const slip = await teacher.say('parent', 'slip')
  await teacher.chat.revokeMessage(slip)
  const old = await teacher.say('parent', 'old')
  old.payload = { text: 'new' }
  await teacher.chat.modifyMessage(old)
  await parent.chat.setMessageRead({ conversationID: 'C2Cteacher' })
  await parent.say('teacher', 'thank you')
  await Promise.all([teacher.leave(), parent.leave()])
  const wire = await WireClient.open(world.endpoint(), 'uploader', { protocolVersion: 2 })
  const media = new MediaClient(world, wire, 'uploader')
  for (const text of ['timetable', 'menu']) {
    const { fileId } = await media.upload('file', Buffer.from(`${text}\n`.repeat(5_000)), text)
    const conversationId = conversationOf('uploader', 'parent')
    const draft = { conversationId, clientMsgId: `m${fileId}`, elements: [{ type: 'text', text }] }
    const { seq } = await wire.request('message.send', draft)
    await plant(
      `INSERT INTO file_use SELECT '${fileId}', key, ${seq} FROM timeline WHERE id = 'c:${conversationId}'`,
      `UPDATE file SET is_used = true WHERE id = '${fileId}'`,
    )
  }
  wire.close()
}

async function plant(...statements: readonly string[]): Promise<void> {
  await withAdmin(world.databaseUrl, async (lane) => {
    for (const statement of statements) await lane.run(statement)
  })
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('a backup', () => {
  test('restored elsewhere has every row and every file, another epoch, and keys that nobody had', async () => {
    const empty = await stage.emptyDatabase()
    const restored = stage.open(empty.url)
    const mediaDir = stage.path('media of the restored')
    const { epoch, manifest } = await stage.restore('good', restored, mediaDir)
    expect(await rowsOf(restored)).toEqual(await rowsOf(db))
    expect(await restored.query('SELECT epoch FROM store')).toEqual([{ epoch }])
    expect(epoch).not.toBe(manifest.epoch)
    await assertNoRestoreUnderWay(restored)
    expect(await migrate(restored)).toEqual([])
    const names = (dir: string): string[] => filesBelow(dir).map((path) => path.slice(-64))
    expect(names(mediaDir).sort()).toEqual(names(world.mediaDir).sort())
    expect(names(mediaDir)).toHaveLength(2)
    const [greatest] = await db.query<{ key: number }>('SELECT max(key) AS key FROM account')
    await withAdmin(empty.url, (lane) => lane.run(`INSERT INTO account (id) VALUES ('somebody new')`))
    const [fresh] = await restored.query<{ key: number }>(`SELECT key FROM account WHERE id = 'somebody new'`)
    expect(fresh?.key).toBeGreaterThan((greatest?.key ?? Infinity) + 100_000)
  })

  test('is of one moment, however much is written meanwhile', async () => {
    const [alice, bob] = [await Device.login(world, 'alice'), await Device.login(world, 'bob')]
    let isWriting = true
    const writing = (async () => {
      for (let number = 1; isWriting; number++)
        await Promise.all([alice.say('bob', `a${number}`), bob.say('alice', `b${number}`)])
    })()
    for (let round = 1; round <= 3; round++) await stage.backUp(`busy${round}`, world.databaseUrl, world.mediaDir)
    isWriting = false
    await writing
    await Promise.all([alice.leave(), bob.leave()])
    for (let round = 1; round <= 3; round++) {
      const { steps, isFine } = await stage.drill(`busy${round}`)
      expect(steps.filter((step) => !step.isFine)).toEqual([])
      expect(isFine).toBe(true)
    }
  })

  test('links what an earlier one has, and copies what that one has lost', async () => {
    const earlier = stage.copy('good', 'earlier')
    const [kept = '', spoilt = ''] = filesBelow(join(earlier, 'media'))
    writeFileSync(spoilt, 'something else')
    await stage.backUp('linked', world.databaseUrl, world.mediaDir, earlier)
    const inode = (path: string): number => statSync(path).ino
    expect(inode(kept.replace('earlier', 'linked'))).toBe(inode(kept))
    expect(inode(spoilt.replace('earlier', 'linked'))).not.toBe(inode(spoilt))
    expect((await stage.drill('linked')).isFine).toBe(true)
  })

  test('that would lack the content of a file is not made, and says so', async () => {
    const empty = stage.path('no media')
    mkdirSync(empty)
    await expect(stage.backUp('lacking', world.databaseUrl, empty)).rejects.toThrow(/content of a file is missing/)
    expect(await stage.drill('lacking')).toMatchObject({
      isFine: false,
      steps: [{ isFine: false, details: [expect.stringContaining('not a finished backup')] }],
    })
    const target = stage.open((await stage.emptyDatabase()).url)
    await expect(stage.restore('lacking', target, empty)).rejects.toThrow(/not a finished backup/)
  })

  test('goes into a folder of its own', async () => {
    await expect(stage.backUp('good', world.databaseUrl, world.mediaDir)).rejects.toThrow(/is not empty/)
  })
})

describe('a restore', () => {
  test('touches no database that is not empty, unless its name is said', async () => {
    const empty = await stage.emptyDatabase()
    const target = stage.open(empty.url)
    await stage.restore('good', target, stage.path('media again'))
    const before = await target.query('SELECT epoch FROM store')
    await expect(stage.restore('good', target, world.mediaDir)).rejects.toThrow(`say --replace ${empty.name}`)
    await expect(stage.restore('good', target, world.mediaDir, 'other')).rejects.toThrow(`is called ${empty.name}`)
    expect(await target.query('SELECT epoch FROM store')).toEqual(before)
    const { epoch } = await stage.restore('good', target, world.mediaDir, empty.name)
    expect(await target.query('SELECT epoch FROM store')).toEqual([{ epoch }])
    expect([{ epoch }]).not.toEqual(before)
  })

  test('that broke off leaves what was there, and no server starts on it until it is ended or given up', async () => {
    const empty = await stage.emptyDatabase()
    const target = stage.open(empty.url)
    const breaking = stage.restore('good', target, world.mediaDir, undefined, (line) => {
      if (line.startsWith('member')) throw new Error('broke off')
    })
    await expect(breaking).rejects.toThrow('broke off')
    expect(await target.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
    await expect(assertNoRestoreUnderWay(target)).rejects.toThrow(/hongyan restore --abandon/)
    expect(await abandonRestore(target)).toBe(true)
    await assertNoRestoreUnderWay(target)
    expect(await abandonRestore(target)).toBe(false)
    // Or it is run again, over what the other has left.
    await plantMark(empty.url)
    await stage.restore('good', target, world.mediaDir)
    await assertNoRestoreUnderWay(target)
  })

  test('of an older program’s backup brings it to this program’s state', async () => {
    const empty = await stage.emptyDatabase()
    const older = stage.open(empty.url)
    const all = readMigrations()
    await migrate(older, all.slice(0, 2))
    await withAdmin(empty.url, (lane) => lane.run(`INSERT INTO timeline (id) VALUES ('u:from long ago')`))
    await stage.backUp('older', empty.url, world.mediaDir)
    expect((await stage.drill('older')).isFine).toBe(true)
    const target = stage.open((await stage.emptyDatabase()).url)
    await stage.restore('older', target, world.mediaDir)
    expect(await target.query(`SELECT cut_seq FROM timeline WHERE id = 'u:from long ago'`)).toEqual([{ cut_seq: 0 }])
    expect(await migrate(target)).toEqual([])
  })

  test('of a newer program’s backup is refused', async () => {
    await plant(`INSERT INTO migration (tag, hash) VALUES ('9999_future', 'h')`)
    try {
      await stage.backUp('newer', world.databaseUrl, world.mediaDir)
    } finally {
      await plant(`DELETE FROM migration WHERE tag = '9999_future'`)
    }
    const target = stage.open((await stage.emptyDatabase()).url)
    await expect(stage.restore('newer', target, world.mediaDir)).rejects.toThrow(/newer program .*9999_future/)
  })
})

/** What a restore leaves that was killed while it loaded. */
function plantMark(url: string): Promise<unknown> {
  return withAdmin(url, (lane) => lane.run('CREATE SCHEMA IF NOT EXISTS restoring_public'))
}

test('an epoch can be rotated by itself, for stores that were put back by other means', async () => {
  const empty = await stage.emptyDatabase()
  const target = stage.open(empty.url)
  await migrate(target)
  const shown = await rotateEpochOf(target, { isAsked: false })
  expect(shown.epoch).toBe(shown.before)
  const rotated = await rotateEpochOf(target, { isAsked: true })
  expect(rotated.before).toBe(shown.epoch)
  expect(await target.query('SELECT epoch FROM store')).toEqual([{ epoch: rotated.epoch }])
  expect(rotated.epoch).not.toBe(shown.epoch)
})

describe('a drill', () => {
  test('of a good backup finds nothing wrong, and leaves nothing behind', async () => {
    const report = await stage.drill('good')
    expect(report.steps.filter(({ isFine }) => !isFine)).toEqual([])
    expect(report).toMatchObject({ isFine: true, program: 'test' })
    expect(report.steps.length).toBeGreaterThan(10)
    expect(await db.query(`SELECT datname FROM pg_database WHERE datname LIKE 'hongyan_drill%'`)).toEqual([])
  })

  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path)
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at)
    writeFileSync(path, bytes)
  }
  const half = (path: string): number => Math.floor(readFileSync(path).length / 2)

  test.each<readonly [string, string, (path: string) => void]>([
    ['a byte flipped in the manifest', 'manifest.json', (path) => flip(path, half(path))],
    ['a byte flipped in its hash', 'manifest.sha256', (path) => flip(path, 3)],
    ['the manifest removed', 'manifest.json', (path) => rmSync(path)],
    ['a byte flipped in a table', 'tables/message.copy.gz', (path) => flip(path, half(path))],
    ['a byte flipped in the packing of a table', 'tables/message.copy.gz', (path) => flip(path, 4)],
    ['a table cut', 'tables/message.copy.gz', (path) => truncateSync(path, half(path))],
    ['a table removed', 'tables/reaction.copy.gz', (path) => rmSync(path)],
    ['a byte flipped in the list of files', 'media.txt', (path) => flip(path, 70)],
    ['the list of files removed', 'media.txt', (path) => rmSync(path)],
    ['a byte flipped in a file', 'media/', (path) => flip(path, half(path))],
    ['a file cut', 'media/', (path) => truncateSync(path, half(path))],
    ['a file removed', 'media/', (path) => rmSync(path)],
  ])('names %s', async (what, file, spoil) => {
    const folder = stage.copy('good', what)
    const path = file === 'media/' ? (filesBelow(join(folder, 'media'))[0] ?? '') : join(folder, file)
    spoil(path)
    const { isFine, steps } = await stage.drill(what)
    expect(isFine).toBe(false)
    const named = what === 'the manifest removed' ? 'not a finished backup' : path.slice(folder.length + 1)
    expect(steps).toEqual([expect.objectContaining({ isFine: false, details: [expect.stringContaining(named)] })])
    await expect(stage.restore(what, db, world.mediaDir)).rejects.toThrow(named)
    await assertNoRestoreUnderWay(db)
  })

  test('of a store that was not right before names all that is wrong', async () => {
    const source = await stage.emptyDatabase()
    await stage.restore('good', stage.open(source.url), world.mediaDir)
    await withAdmin(source.url, async (lane) => {
      await lane.run(`DELETE FROM message WHERE seq = 7`)
      await lane.run(`DELETE FROM entry WHERE "offset" = (SELECT max("offset") FROM entry)`)
      await lane.run(`UPDATE message SET countable = countable + 1 WHERE seq = 9`)
      await lane.run(`UPDATE member SET own = own + 1`)
      await lane.run(`UPDATE chat_group SET member_count = member_count + 1`)
      await lane.run(`DELETE FROM account WHERE id = 'uploader'`)
      await lane.run(`SELECT setval(pg_get_serial_sequence('account', 'key'), 1)`)
      await lane.run(`UPDATE message SET "offset" = "offset" + 100000 WHERE seq = 3`)
    })
    await stage.backUp('wrong', source.url, world.mediaDir)
    const wrong = (await stage.drill('wrong')).steps.filter(({ isFine }) => !isFine).map(({ name }) => name)
    expect(wrong).toEqual([
      'messages are numbered without a gap in every conversation (I3)',
      'entries are numbered without a gap in every timeline',
      'messages and entries are in one order',
      'what counts as unread is counted right',
      'every member knows how much he has said himself',
      'groups have as many members as they say',
      'what is named is there',
      'keys that are given out next are free',
      'unread numbers and receipts are what counting gives',
    ])
    const target = stage.open((await stage.emptyDatabase()).url)
    await expect(stage.restore('wrong', target, world.mediaDir)).rejects.toThrow('what is named is there')
    // It was begun: what is in there must not be taken for a store.
    await expect(assertNoRestoreUnderWay(target)).rejects.toThrow(/restore/)
  })

  test('notices rows that are not what they were, though the file is', async () => {
    const path = join(stage.copy('good', 'other rows'), 'manifest.json')
    const manifest = parseManifest(readFileSync(path, 'utf8'))
    const tables = manifest.tables.map((part) =>
      part.table === 'message' ? { ...part, rowsDigest: '0'.repeat(24) } : part,
    )
    const text = JSON.stringify({ ...manifest, tables })
    writeFileSync(path, text)
    writeFileSync(path.replace('.json', '.sha256'), createHash('sha256').update(text).digest('hex'))
    const wrong = (await stage.drill('other rows')).steps.filter(({ isFine }) => !isFine)
    expect(wrong).toMatchObject([{ details: ['rows of message are not what they were'] }])
  })
})
