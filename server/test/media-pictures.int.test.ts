import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MediaClient } from './kit/media-client.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
let wire: WireClient
let media: MediaClient
beforeAll(async () => {
  world = await startWorld()
  wire = await WireClient.open(world.endpoint(), 'anna', { protocolVersion: 2 })
  media = new MediaClient(world, wire, 'anna')
})
afterAll(async () => {
  wire.close()
  await world.stop()
})

function photo(width: number, height: number): Sharp {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
  return sharp({ create: { width, height, channels: 3, background: '#888', noise } })
}

/** A JPEG that lies on its side, as phones write it, and knows where it was taken. */
function phonePhoto(width: number, height: number, orientation: number): Promise<Buffer> {
  const exif = { IFD0: { Make: 'SecretPhone' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '39/1 54/1 20/1' } }
  return photo(width, height).withExif(exif).withMetadata({ orientation }).jpeg().toBuffer()
}

describe('pictures', () => {
  async function forms(fileId: string) {
    const bodies = await Promise.all(
      ['', '/small', '/large'].map(
        async (form) => (await media.fetch(`/im/media/${fileId}${form}?t=${await media.token()}`)).body,
      ),
    )
    const metadata = await Promise.all(bodies.map((body) => sharp(body).metadata()))
    return { bodies, metadata }
  }

  test('a photo has two smaller copies, upright, and nothing says where it was taken', async () => {
    // Stored 1600 × 1000, shown 1000 × 1600.
    const stored = await media.upload('image', await phonePhoto(1600, 1000, 6), 'IMG_1.jpg')
    const { bodies, metadata } = await forms(stored.fileId)
    expect(stored).toMatchObject({
      format: 'jpg',
      bytes: bodies[0]?.length,
      picture: {
        width: 1000,
        height: 1600,
        small: { width: 198, height: 317, bytes: bodies[1]?.length },
        large: { width: 720, height: 1152, bytes: bodies[2]?.length },
      },
    })
    expect(metadata.map(({ autoOrient }) => [autoOrient.width, autoOrient.height])).toEqual([
      [1000, 1600],
      [198, 317],
      [720, 1152],
    ])
    expect(metadata.map(({ orientation }) => orientation)).toEqual([6, undefined, undefined])
    for (const body of bodies) expect(body.includes('SecretPhone')).toBe(false)
    // 26 bytes of TIFF with the orientation, and nothing else.
    expect(metadata.map(({ exif }) => exif?.length)).toEqual([32, undefined, undefined])
  })

  test('a copy shows the same side up as the original', async () => {
    // Red is on the left as it is stored; turned by 90 degrees it is at the top.
    const red = await sharp({ create: { width: 500, height: 600, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const sideways = await sharp({ create: { width: 1000, height: 600, channels: 3, background: 'blue' } })
      .composite([{ input: red, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const { fileId } = await media.upload('image', sideways)
    const { bodies } = await forms(fileId)
    for (const body of bodies) {
      const { data, info } = await sharp(body).autoOrient().raw().toBuffer({ resolveWithObject: true })
      const top = [...data.subarray((info.width / 2) * 3, (info.width / 2) * 3 + 3)]
      expect(info.height).toBeGreaterThan(info.width)
      expect(top[0]).toBeGreaterThan(200)
      expect(top[2]).toBeLessThan(60)
    }
  })

  test('nothing is enlarged: a small picture is its own copy', async () => {
    const tiny = await media.upload('image', await photo(100, 150).png().toBuffer())
    const { bodies } = await forms(tiny.fileId)
    expect(bodies[1]?.equals(bodies[0] ?? Buffer.alloc(0))).toBe(true)
    expect(bodies[2]?.equals(bodies[0] ?? Buffer.alloc(0))).toBe(true)
    expect(tiny.picture?.small).toEqual({ width: 100, height: 150, bytes: tiny.bytes })
    const middle = await media.upload('image', await photo(300, 500).webp().toBuffer())
    expect(middle).toMatchObject({
      format: 'webp',
      picture: { small: { width: 198, height: 330 }, large: { width: 300, height: 500, bytes: middle.bytes } },
    })
  })

  test('an animation stays one, transparency stays transparent, and a long strip keeps within bounds', async () => {
    const frames = await Promise.all([1, 2, 3].map(() => photo(220, 220).png().toBuffer()))
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    const animated = await media.upload('image', gif)
    const first = await forms(animated.fileId)
    expect(animated).toMatchObject({ format: 'gif', picture: { width: 220, height: 220 } })
    expect(await sharp(first.bodies[0], { animated: true }).metadata()).toMatchObject({ pages: 3, format: 'gif' })
    expect(first.metadata[1]).toMatchObject({ width: 198, height: 198, format: 'jpeg' })
    const glass = {
      create: { width: 800, height: 800, channels: 4 as const, background: { r: 0, g: 200, b: 0, alpha: 0.5 } },
    }
    const second = await forms((await media.upload('image', await sharp(glass).png().toBuffer())).fileId)
    expect(second.metadata.map(({ format, hasAlpha }) => [format, hasAlpha])).toEqual([
      ['png', true],
      ['png', true],
      ['png', true],
    ])
    const strip = { create: { width: 400, height: 40_000, channels: 3 as const, background: 'white' } }
    const long = await media.upload('image', await sharp(strip).jpeg().toBuffer())
    expect(long.picture?.small).toMatchObject({ width: 160, height: 16_000 })
  })

  test('a BMP is kept as it is, without copies', async () => {
    const bmp = Buffer.alloc(54 + 4 * 3 * 2)
    bmp.write('BM', 'latin1')
    bmp.writeUInt32LE(bmp.length, 2)
    bmp.writeUInt32LE(54, 10)
    bmp.writeUInt32LE(40, 14)
    bmp.writeInt32LE(4, 18)
    bmp.writeInt32LE(-2, 22)
    bmp.writeUInt16LE(1, 26)
    bmp.writeUInt16LE(24, 28)
    const stored = await media.upload('image', bmp)
    expect(stored).toMatchObject({ format: 'bmp', bytes: bmp.length, picture: { width: 4, height: 2 } })
    expect((await media.get(`${stored.fileId}/small`)).headers.get('content-type')).toBe('image/bmp')
  })

  test('a picture that would fill the memory is refused by its head, a broken one when it is decoded', async () => {
    // A small picture whose head says 50,000 × 50,000.
    const bomb = await photo(10, 10).png().toBuffer()
    bomb.writeUInt32BE(50_000, 16)
    bomb.writeUInt32BE(50_000, 20)
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
    expect(await media.refusalOf('image', bomb)).toBe('BAD_FILE_TYPE')
    const whole = await photo(500, 500).png().toBuffer()
    expect(await media.refusalOf('image', whole.subarray(0, whole.length / 2))).toBe('BAD_FILE_TYPE')
    expect(readdirSync(join(world.mediaDir, 'incoming'))).toEqual([])
  })
})
