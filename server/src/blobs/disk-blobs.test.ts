import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Refused } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { mountSmallDisk } from '../../test/kit/small-disk.ts'
import { systemClock } from '../kit/clock.ts'
import { systemRandom } from '../kit/random.ts'
import { describeBlobs, pieces, sha256 } from './blobs.contract.ts'
import { DiskBlobs } from './disk-blobs.ts'

function openIn(root: string): DiskBlobs {
  return new DiskBlobs({ root, random: systemRandom, clock: systemClock })
}

function draftsIn(root: string): readonly string[] {
  const folder = join(root, 'incoming')
  return existsSync(folder) ? readdirSync(folder) : []
}

describeBlobs('DiskBlobs', () => {
  const root = mkdtempSync(join(tmpdir(), 'hongyan-blobs-'))
  return Promise.resolve({
    blobs: openIn(root),
    drafts: () => draftsIn(root),
    close: () => Promise.resolve(rmSync(root, { recursive: true })),
  })
})

test('content lies two folders deep, where only its owner may read, and a damaged file is replaced', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hongyan-blobs-'))
  const blobs = openIn(join(root, 'made', 'when', 'needed'))
  const content = randomBytes(1_000)
  const hash = sha256(content)
  await (await blobs.receive(pieces(content), { maxBytes: 1_000 })).keep()
  const path = join(root, 'made', 'when', 'needed', hash.slice(0, 2), hash.slice(2, 4), hash)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  truncateSync(path, 10)
  await (await blobs.receive(pieces(content), { maxBytes: 1_000 })).keep()
  const stream = await blobs.read(hash)
  expect(stream && (await buffer(stream)).equals(content)).toBe(true)
  rmSync(root, { recursive: true })
})

test('a full disk is refused STORE_FULL, leaves nothing, and takes content again when there is room (F-19)', async (context) => {
  const disk = mountSmallDisk(4)
  if (!disk) return context.skip('nobody may mount here')
  try {
    const blobs = openIn(disk.path)
    const filler = randomBytes(3_000_000)
    await (await blobs.receive(pieces(filler, 65_536), { maxBytes: 10_000_000 })).keep()
    const late = blobs.receive(pieces(randomBytes(3_000_000), 65_536), { maxBytes: 10_000_000 })
    await expect(late).rejects.toThrow(new Refused('STORE_FULL'))
    expect(draftsIn(disk.path)).toEqual([])
    await blobs.delete(sha256(filler))
    const again = await blobs.receive(pieces(filler, 65_536), { maxBytes: 10_000_000 })
    await again.keep()
    expect(await blobs.has(again.hash)).toBe(true)
  } finally {
    disk.remove()
  }
})
