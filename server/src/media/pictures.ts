import { availableParallelism } from 'node:os'
import { readFile } from 'node:fs/promises'
import { LIMITS, Refused } from '@hongyan/protocol'
import sharp, { type Metadata, type OutputInfo, type Sharp } from 'sharp'
import { bmpSize } from './bmp-rules.ts'
import { stripGif } from './gif-rules.ts'
import { stripJpeg } from './jpeg-rules.ts'
import { COPY_EDGES, copySize, type Size } from './picture-rules.ts'
import { stripPng } from './png-rules.ts'
import { Turns } from './turns.ts'
import { stripWebp } from './webp-rules.ts'

/** A picture that is made ready to be kept. */
export interface PreparedPicture extends Size {
  /** The content to be served: the picture as it was sent, without what it tells of its maker. */
  readonly original: Buffer
  /** Absent where the original is small enough to be its own copy. */
  readonly small: Copy | undefined
  readonly large: Copy | undefined
  /** How the copies are written. */
  readonly copyFormat: string
}

export interface Copy extends Size {
  readonly content: Buffer
}

const DECODE_SECONDS = 20
const MAX_WAITING = 256
const COPY_QUALITY = 80
const RECODE_QUALITY = 92
/** One core is left for messages where there are several. */
const MAX_AT_ONCE = Math.max(1, availableParallelism() - 1)

/** An opened picture: what its head says. */
interface Opened extends Size {
  readonly path: string
  readonly format: string
  readonly metadata: Metadata
}

/** Raw pixels of a picture that was made smaller already. */
interface Pixels {
  readonly data: Buffer
  readonly info: OutputInfo
}

/**
 * Decodes pictures: on threads of their own, few at once, the others wait in a bounded queue. What a picture says of its
 * size is checked before anything is decoded.
 */
export class Pictures {
  readonly #turns = new Turns({ maxAtOnce: MAX_AT_ONCE, maxWaiting: MAX_WAITING })

  constructor() {
    // One thread for a picture, and no pictures kept in memory: these are settings of the process.
    sharp.concurrency(1)
    sharp.cache(false)
  }

  /** Refuses BAD_FILE_TYPE for what cannot be decoded or has too many pixels, TOO_MANY_REQUESTS when too many wait. */
  prepare(path: string, format: string): Promise<PreparedPicture> {
    return this.#turns.run(() => (format === 'bmp' ? prepareBmp(path) : prepare(path, format)))
  }
}

async function prepare(path: string, format: string): Promise<PreparedPicture> {
  const opened = await refusing(() => open(path, format))
  const { small, large, copyFormat } = await refusing(() => makeCopies(opened))
  const original = await refusing(() => withoutMetadata(opened))
  return { width: opened.width, height: opened.height, original, small, large, copyFormat }
}

/** Whatever libvips says is about the picture. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (err) {
    if (err instanceof Refused) throw err
    throw new Refused('BAD_FILE_TYPE')
  }
}

function reader(path: string): Sharp {
  return sharp(path, { limitInputPixels: LIMITS.imagePixels, failOn: 'error' }).timeout({ seconds: DECODE_SECONDS })
}

async function open(path: string, format: string): Promise<Opened> {
  const metadata = await reader(path).metadata()
  const isSame = (metadata.format === 'jpeg' ? 'jpg' : metadata.format) === format
  const { width, height } = metadata.autoOrient
  if (!isSame || width * height > LIMITS.imagePixels) throw new Refused('BAD_FILE_TYPE')
  return { path, format, metadata, width, height }
}

/**
 * The small copy is made of the large one, so that a picture is decoded once; also one that needs no copy, because that is
 * how we know that it is a picture. Of an animation the first frame.
 */
async function makeCopies(opened: Opened): Promise<Pick<PreparedPicture, 'small' | 'large' | 'copyFormat'>> {
  const largeSize = copySize(opened, COPY_EDGES.large)
  const smallSize = copySize(opened, COPY_EDGES.small)
  const base = await pixels(reader(opened.path).autoOrient(), largeSize ?? smallSize ?? probeSize(opened))
  const copyFormat = (await isOpaque(base)) ? 'jpg' : 'png'
  const large = largeSize && (await encode(base, copyFormat))
  if (!smallSize) return { large, small: undefined, copyFormat }
  const smaller = largeSize ? await pixels(ofPixels(base), smallSize) : base
  return { large, small: await encode(smaller, copyFormat), copyFormat }
}

function probeSize({ width, height }: Size): Size {
  return { width: Math.min(width, COPY_EDGES.small), height: Math.min(height, COPY_EDGES.small) }
}

async function pixels(pipeline: Sharp, { width, height }: Size): Promise<Pixels> {
  const resized = pipeline.resize({ width, height, fit: 'fill' }).toColourspace('srgb').raw({ depth: 'uchar' })
  return resized.toBuffer({ resolveWithObject: true })
}

function ofPixels({ data, info: { width, height, channels } }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } })
}

async function isOpaque({ data, info: { channels } }: Pixels): Promise<boolean> {
  if (channels !== 2 && channels !== 4) return true
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return false
  return true
}

async function encode(base: Pixels, format: 'jpg' | 'png'): Promise<Copy> {
  const { width, height } = base.info
  const encoded = format === 'jpg' ? ofPixels(base).flatten().jpeg({ quality: COPY_QUALITY }) : ofPixels(base).png()
  return { width, height, content: await encoded.toBuffer() }
}

/** Without compressing anew where that can be done; a picture that is not upright can stay so only in a JPEG. */
async function withoutMetadata(opened: Opened): Promise<Buffer> {
  const { path, format, metadata } = opened
  const orientation = metadata.orientation ?? 1
  if (format === 'jpg' || orientation <= 1 || (metadata.pages ?? 1) > 1) {
    const stripped = strip(await readFile(path), format, orientation)
    if (stripped) return stripped
    // Nobody reads animations anew: that would take seconds, and may take gigabytes.
    if ((metadata.pages ?? 1) > 1) throw new Refused('BAD_FILE_TYPE')
  }
  return recode(path, format)
}

function strip(bytes: Buffer, format: string, orientation: number): Buffer | undefined {
  switch (format) {
    case 'jpg':
      return stripJpeg(bytes, orientation)
    case 'png':
      return stripPng(bytes)
    case 'webp':
      return stripWebp(bytes)
    case 'gif':
      return stripGif(bytes)
    default:
      return undefined
  }
}

function recode(path: string, format: string): Promise<Buffer> {
  const upright = reader(path).autoOrient()
  switch (format) {
    case 'jpg':
      return upright.jpeg({ quality: RECODE_QUALITY }).toBuffer()
    case 'png':
      return upright.png().toBuffer()
    case 'webp':
      return upright.webp({ quality: RECODE_QUALITY }).toBuffer()
    case 'gif':
      return upright.gif().toBuffer()
    default:
      throw new Refused('BAD_FILE_TYPE')
  }
}

/** libvips as npm brings it cannot read BMP: it is kept as it is, and is its own copy. */
async function prepareBmp(path: string): Promise<PreparedPicture> {
  const original = await readFile(path)
  const size = bmpSize(original)
  if (!size || size.width * size.height > LIMITS.imagePixels) throw new Refused('BAD_FILE_TYPE')
  return { ...size, original, small: undefined, large: undefined, copyFormat: 'bmp' }
}
