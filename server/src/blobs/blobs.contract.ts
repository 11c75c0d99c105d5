import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ContentTooLong, type Blobs } from './blobs.ts'

/** A store for one test, and what is left in the folder where content arrives. */
export interface BlobsStand {
  readonly blobs: Blobs
  drafts(): readonly string[]
  close(): Promise<void>
}

const PLENTY = { maxBytes: 10_000_000 }

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Content in pieces, as a socket brings it. */
export async function* pieces(content: Uint8Array, pieceBytes = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) {
    await new Promise((resolve) => setImmediate(resolve))
    yield content.subarray(at, at + pieceBytes)
  }
}

/** The guarantee of the seam, in its own words; run by every implementation. */
export function describeBlobs(name: string, open: () => Promise<BlobsStand>): void {
  describe(`${name} keeps the blobs contract`, () => {
    let stand: BlobsStand
    let blobs: Blobs
    beforeEach(async () => {
      stand = await open()
      blobs = stand.blobs
    })
    afterEach(() => stand.close())

    async function put(content: Uint8Array): Promise<string> {
      const draft = await blobs.receive(pieces(content), PLENTY)
      await draft.keep()
      return draft.hash
    }

    async function get(hash: string, range?: { start: number; end: number }): Promise<Buffer | undefined> {
      const stream = await blobs.read(hash, range)
      return stream && buffer(stream)
    }

    test('content that was kept is under its hash, byte for byte', async () => {
      const content = randomBytes(123_456)
      const draft = await blobs.receive(pieces(content), PLENTY)
      expect([draft.hash, draft.bytes]).toEqual([sha256(content), content.length])
      await draft.keep()
      expect(await blobs.has(draft.hash)).toBe(true)
      expect((await get(draft.hash))?.equals(content)).toBe(true)
      expect(stand.drafts()).toEqual([])
    })

    test('nothing is visible before it is kept; until then its owner can look at it', async () => {
      const content = randomBytes(5_000)
      const draft = await blobs.receive(pieces(content), PLENTY)
      expect(readFileSync(draft.path).equals(content)).toBe(true)
      expect(await blobs.has(draft.hash)).toBe(false)
      expect(await get(draft.hash)).toBeUndefined()
      await draft.drop()
      expect(existsSync(draft.path)).toBe(false)
      expect([await blobs.has(draft.hash), stand.drafts()]).toEqual([false, []])
    })

    test('more than the limit is refused at once, and nothing is left of it', async () => {
      let taken = 0
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve))
          taken += 1000
          yield Buffer.alloc(1000)
        }
      }
      await expect(blobs.receive(endless(), { maxBytes: 10_000 })).rejects.toThrow(ContentTooLong)
      expect([taken, stand.drafts()]).toEqual([11_000, []])
      const exactly = await blobs.receive(pieces(Buffer.alloc(10_000)), { maxBytes: 10_000 })
      await exactly.drop()
    })

    test('content that breaks off leaves nothing', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield* pieces(Buffer.alloc(5_000))
        throw new Error('the connection was reset')
      }
      await expect(blobs.receive(broken(), PLENTY)).rejects.toThrow('the connection was reset')
      expect(stand.drafts()).toEqual([])
    })

    test('a part is what lies between its ends, both included', async () => {
      const content = randomBytes(3_000)
      const hash = await put(content)
      for (const [start, end] of [
        [0, 0],
        [0, 2999],
        [1, 1000],
        [2999, 2999],
      ] as const) {
        expect((await get(hash, { start, end }))?.equals(content.subarray(start, end + 1))).toBe(true)
      }
    })

    test('the same content is kept once, also by many at the same time', async () => {
      const content = randomBytes(50_000)
      const hashes = await Promise.all(Array.from({ length: 8 }, () => put(content)))
      expect(new Set(hashes)).toEqual(new Set([sha256(content)]))
      expect((await get(sha256(content)))?.equals(content)).toBe(true)
      expect(stand.drafts()).toEqual([])
    })

    test('nothing at all is content, too', async () => {
      const hash = await put(Buffer.alloc(0))
      expect(await blobs.has(hash)).toBe(true)
      expect((await get(hash))?.length).toBe(0)
    })

    test('what was deleted is gone, again is the same, and it can come back', async () => {
      const content = randomBytes(2_000)
      const other = await put(randomBytes(2_000))
      const hash = await put(content)
      await blobs.delete(hash)
      await blobs.delete(hash)
      expect([await blobs.has(hash), await get(hash), await blobs.has(other)]).toEqual([false, undefined, true])
      await put(content)
      expect((await get(hash))?.equals(content)).toBe(true)
    })

    test('only a hash is an address', async () => {
      for (const wrong of ['', '../../etc/passwd', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(62)}/.`]) {
        await expect(blobs.has(wrong)).rejects.toThrow(RangeError)
        await expect(blobs.read(wrong)).rejects.toThrow(RangeError)
        await expect(blobs.delete(wrong)).rejects.toThrow(RangeError)
      }
    })

    test('dropping after keeping does nothing, and what nobody writes to is swept', async () => {
      const content = randomBytes(2_000)
      const kept = await blobs.receive(pieces(content), PLENTY)
      await kept.keep()
      await kept.drop()
      expect(await blobs.has(kept.hash)).toBe(true)
      await blobs.receive(pieces(content), PLENTY)
      expect(await blobs.sweepDrafts(60_000)).toBe(0)
      expect(stand.drafts()).toHaveLength(1)
      expect(await blobs.sweepDrafts(-1_000)).toBe(1)
      expect(stand.drafts()).toEqual([])
    })
  })
}
