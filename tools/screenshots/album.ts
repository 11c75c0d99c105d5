import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

/** All pictures together: they are part of every clone. */
const MAX_BYTES = 6 * 1024 * 1024

export interface Album {
  /** Photographs the page as `<name>.png`. */
  take(page: Page, name: string): Promise<void>
  /** Several of the album's pictures side by side, on the colour of paper. */
  sideBySide(names: readonly string[], as: string): Promise<void>
  /** Removes pictures of earlier runs that were not taken again. Throws when the album has grown too heavy. */
  close(): void
}

export function openAlbum(folder: string): Album {
  mkdirSync(folder, { recursive: true })
  const taken = new Set<string>()
  const save = async (picture: Buffer, name: string): Promise<void> => {
    const small = await sharp(picture).png({ palette: true, quality: 92, effort: 10, compressionLevel: 9 }).toBuffer()
    writeFileSync(join(folder, `${name}.png`), small)
    taken.add(`${name}.png`)
    console.log(`${name}.png  ${Math.round(small.length / 1024)} kB`)
  }
  return {
    async take(page, name) {
      // A caret that blinks would make every run's picture another one.
      await save(await page.screenshot({ caret: 'hide', animations: 'disabled' }), name)
    },
    async sideBySide(names, as) {
      await save(await besideEachOther(names.map((name) => join(folder, `${name}.png`))), as)
    },
    close() {
      const files = readdirSync(folder).filter((name) => name.endsWith('.png'))
      for (const file of files) if (!taken.has(file)) rmSync(join(folder, file))
      const bytes = [...taken].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
      console.log(`${taken.size} pictures, ${(bytes / 1024 / 1024).toFixed(1)} MB`)
      if (bytes > MAX_BYTES) throw new Error(`the pictures may have ${MAX_BYTES} bytes together`)
    },
  }
}

const HEIGHT_PX = 1200
const GAP_PX = 40
const CORNER_PX = 36
const PAPER = '#f4f1ea'

async function besideEachOther(files: readonly string[]): Promise<Buffer> {
  const phones = await Promise.all(files.map((file) => rounded(file)))
  const width = phones.reduce((sum, phone) => sum + phone.info.width + GAP_PX, GAP_PX)
  const layers: { input: Buffer; left: number; top: number }[] = []
  let left = GAP_PX
  for (const { data, info } of phones) {
    layers.push({ input: data, left, top: GAP_PX })
    left += info.width + GAP_PX
  }
  const paper = { width, height: HEIGHT_PX + 2 * GAP_PX, channels: 3, background: PAPER } as const
  return sharp({ create: paper }).composite(layers).png().toBuffer()
}

/** With a phone's corners and edge. */
async function rounded(file: string) {
  const { data, info } = await sharp(file)
    .resize({ height: HEIGHT_PX })
    .ensureAlpha()
    .png()
    .toBuffer({ resolveWithObject: true })
  const box = `x="1" y="1" width="${info.width - 2}" height="${info.height - 2}" rx="${CORNER_PX}"`
  const svg = (inside: string): Buffer =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${info.width}" height="${info.height}">${inside}</svg>`)
  return sharp(data)
    .composite([
      { input: svg(`<rect ${box} fill="#fff"/>`), blend: 'dest-in' },
      { input: svg(`<rect ${box} fill="none" stroke="#c9c2b4" stroke-width="2"/>`) },
    ])
    .png()
    .toBuffer({ resolveWithObject: true })
}
