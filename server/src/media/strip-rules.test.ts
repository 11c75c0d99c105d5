import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { bmpSize } from './bmp-rules.ts'
import { stripGif } from './gif-rules.ts'
import { stripJpeg } from './jpeg-rules.ts'
import { stripPng } from './png-rules.ts'
import { stripWebp } from './webp-rules.ts'

const SECRET = 'here-i-was'
const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">${SECRET}</x:xmpmeta><?xpacket end="w"?>`
const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }

function picture(): Sharp {
  return sharp({ create: { width: 60, height: 40, channels: 3, background: '#888', noise } })
    .withExif({
      IFD0: { Copyright: SECRET, ImageDescription: SECRET },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '1/1 2/1 3/1' },
    })
    .withXmp(XMP)
}

async function pixelsOf(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes).raw().toBuffer()
}

describe('stripping takes away what a picture tells of its maker, and no pixel', () => {
  test('of a JPEG, baseline and progressive, with what hangs behind its end', async () => {
    for (const progressive of [false, true]) {
      const bytes = await picture().jpeg({ progressive }).withIccProfile('p3').toBuffer()
      expect(bytes.includes(SECRET)).toBe(true)
      const film = Buffer.concat([bytes, Buffer.from(`\0\0\0\x18ftypmp42 ${SECRET}`), randomBytes(5_000)])
      const stripped = stripJpeg(film, 1)
      expect(stripped?.includes(SECRET)).toBe(false)
      expect(stripped && stripped.length < bytes.length).toBe(true)
      const metadata = await sharp(stripped).metadata()
      expect([metadata.exif, metadata.xmp, metadata.icc !== undefined]).toEqual([undefined, undefined, true])
      expect((await pixelsOf(stripped ?? Buffer.alloc(0))).equals(await pixelsOf(bytes))).toBe(true)
    }
  })

  test('of a JPEG its orientation stays, and comments go', async () => {
    const bytes = await picture().jpeg().toBuffer()
    const comment = Buffer.from(`\xff\xfe\0\x0c${SECRET}`, 'latin1')
    const commented = Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)])
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      const stripped = stripJpeg(commented, orientation)
      expect(stripped?.includes(SECRET)).toBe(false)
      expect((await sharp(stripped).metadata()).orientation).toBe(orientation)
    }
  })

  test('of a PNG', async () => {
    const bytes = await picture().png().toBuffer()
    expect(bytes.includes('eXIf')).toBe(true)
    const stripped = stripPng(Buffer.concat([bytes, Buffer.from(SECRET)]))
    expect([stripped?.includes(SECRET), stripped?.includes('eXIf')]).toEqual([false, false])
    expect((await pixelsOf(stripped ?? Buffer.alloc(0))).equals(await pixelsOf(bytes))).toBe(true)
  })

  test('of a WebP, still and animated', async () => {
    const bytes = await picture().webp({ lossless: true }).toBuffer()
    expect(bytes.includes(SECRET)).toBe(true)
    const stripped = stripWebp(Buffer.concat([bytes, Buffer.from(SECRET)]))
    expect(stripped?.includes(SECRET)).toBe(false)
    const metadata = await sharp(stripped).metadata()
    expect([metadata.exif, metadata.xmp]).toEqual([undefined, undefined])
    expect((await pixelsOf(stripped ?? Buffer.alloc(0))).equals(await pixelsOf(bytes))).toBe(true)
    const frames = await Promise.all([1, 2].map(() => picture().png().toBuffer()))
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ delay: [70, 90], loop: 3 })
      .toBuffer()
    expect(await sharp(stripWebp(moving), { animated: true }).metadata()).toMatchObject({
      pages: 2,
      delay: [70, 90],
      loop: 3,
    })
  })

  test('of a GIF, which goes on moving', async () => {
    const frames = await Promise.all([1, 2, 3].map(() => picture().png().toBuffer()))
    const bytes = await sharp(frames, { join: { animated: true } })
      .gif({ delay: [50, 60, 70], loop: 0 })
      .toBuffer()
    const comment = Buffer.from(`\x21\xfe\x0a${SECRET}\0`, 'latin1')
    const xmp = Buffer.from(`\x21\xff\x0bXMP DataXMP\x0a${SECRET}\0`, 'latin1')
    const told = Buffer.concat([bytes.subarray(0, -1), comment, xmp, Buffer.from([0x3b]), Buffer.from(SECRET)])
    const stripped = stripGif(told)
    expect(stripped?.includes(SECRET)).toBe(false)
    expect(await sharp(stripped, { animated: true }).metadata()).toMatchObject({
      pages: 3,
      delay: [50, 60, 70],
      loop: 0,
    })
  })
})

describe('what cannot be followed to its end', () => {
  const STRIPS = {
    jpg: (bytes: Buffer) => stripJpeg(bytes, 1),
    png: stripPng,
    webp: stripWebp,
    gif: stripGif,
  }

  test('is undefined when it is cut off', async () => {
    for (const format of ['jpg', 'png', 'webp', 'gif'] as const) {
      const bytes = await picture()
        .toFormat(format === 'jpg' ? 'jpeg' : format)
        .toBuffer()
      expect(STRIPS[format](bytes)).toBeDefined()
      for (const length of [0, 1, 5, 13, 20, bytes.length >> 1, bytes.length - 2]) {
        expect(STRIPS[format](bytes.subarray(0, length)), `${format} of ${length} bytes`).toBeUndefined()
      }
    }
  })

  test('neither throws nor runs on for ever, whatever the bytes are', async () => {
    for (const format of ['jpg', 'png', 'webp', 'gif'] as const) {
      const bytes = await picture()
        .toFormat(format === 'jpg' ? 'jpeg' : format)
        .toBuffer()
      const damaged = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      fc.assert(
        fc.property(damaged, (changes) => {
          const copy = Buffer.from(bytes)
          for (const [at, value] of changes) copy[at] = value
          const stripped = STRIPS[format](copy)
          expect(stripped === undefined || stripped.length <= copy.length + 40).toBe(true)
        }),
        { numRuns: 500 },
      )
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void STRIPS[format](Buffer.from(any))))
    }
  })
})

test('a BMP tells its size by its head', () => {
  const head = (headerBytes: number, width: number, height: number): Buffer => {
    const bytes = Buffer.alloc(30)
    bytes.write('BM', 'latin1')
    bytes.writeUInt32LE(headerBytes, 14)
    bytes.writeInt32LE(width, 18)
    bytes.writeInt32LE(height, 22)
    return bytes
  }
  expect(bmpSize(head(40, 300, 200))).toEqual({ width: 300, height: 200 })
  expect(bmpSize(head(124, 300, -200))).toEqual({ width: 300, height: 200 })
  expect(bmpSize(head(40, 0, 200))).toBeUndefined()
  expect(bmpSize(head(40, -5, 200))).toBeUndefined()
  expect(bmpSize(head(40, 300, 200).subarray(0, 20))).toBeUndefined()
  const core = head(12, 0, 0)
  core.writeUInt16LE(30, 18)
  core.writeUInt16LE(20, 20)
  expect(bmpSize(core)).toEqual({ width: 30, height: 20 })
})
