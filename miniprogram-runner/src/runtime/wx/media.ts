import { WxFailure } from './calls.ts'
import { base64ToBytes } from './encodings.ts'
import { typeOfName } from './files.ts'
import { isRecord, listIn, numberIn, textIn, textsIn, type Options } from './options.ts'
import { samplePicture, sampleVideo } from './sample-media.ts'
import type { WxParts } from './parts.ts'

/** A file that a test puts into the phone's album or chat: the driver gives its bytes in base64. */
interface AlbumFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly seconds: number
}

const SAMPLE_VIDEO_SECONDS = 1

/**
 * chooseMedia, chooseImage, chooseVideo, chooseMessageFile. What the user picks comes from the mock of that name:
 * `{ files: [{ name, base64, type?, seconds? }] }`, `{ fail: 'cancel' }`; without a mock the album has drawn pictures
 * and a recorded film.
 */
export function createMedia(parts: WxParts): Readonly<Record<string, unknown>> {
  const { calls } = parts
  return {
    chooseMedia: calls.async('chooseMedia', (options) => chooseMedia(parts, options)),
    chooseImage: calls.async('chooseImage', (options) => chooseImage(parts, options)),
    chooseVideo: calls.async('chooseVideo', (options) => chooseVideo(parts, options)),
    chooseMessageFile: calls.async('chooseMessageFile', (options) => chooseMessageFile(parts, options)),
    getImageInfo: calls.async('getImageInfo', (options) => imageInfo(parts, textIn(options, 'src') ?? '')),
    compressImage: calls.async('compressImage', (options) => compressImage(parts, options)),
    saveImageToPhotosAlbum: calls.async('saveImageToPhotosAlbum', (options) => saveToAlbum(parts, options)),
    saveVideoToPhotosAlbum: calls.async('saveVideoToPhotosAlbum', (options) => saveToAlbum(parts, options)),
  }
}

async function chooseMedia(parts: WxParts, options: Options): Promise<object> {
  await parts.permissions.requirePrivacy('chooseMedia')
  const kinds = textsIn(options, 'mediaType')
  const wantsVideo = kinds.includes('video') && !kinds.includes('image') && !kinds.includes('mix')
  const limit = numberIn(options, 'count') ?? 9
  const picked = await pick(parts, 'chooseMedia', () => (wantsVideo ? filmed() : drawn('photo')))
  const tempFiles = await Promise.all(picked.slice(0, limit).map((file) => mediaFile(parts, file)))
  const types = new Set(tempFiles.map(({ fileType }) => fileType))
  return { tempFiles, type: types.size > 1 ? 'mix' : [...types][0] }
}

async function mediaFile(parts: WxParts, file: AlbumFile) {
  const tempFilePath = store(parts, file)
  const isVideo = file.type.startsWith('video/')
  const about = isVideo ? await videoInfo(parts, tempFilePath) : await imageInfo(parts, tempFilePath)
  const base = { tempFilePath, size: file.bytes.byteLength, fileType: isVideo ? 'video' : 'image' }
  if (!('thumb' in about)) return base
  const thumbTempFilePath = parts.files.addTemp(about.thumb.bytes, { type: about.thumb.type })
  return { ...base, duration: file.seconds, width: about.width, height: about.height, thumbTempFilePath }
}

async function chooseImage(parts: WxParts, options: Options): Promise<object> {
  await parts.permissions.requirePrivacy('chooseImage')
  const picked = await pick(parts, 'chooseImage', () => drawn('photo'))
  const chosen = picked.slice(0, numberIn(options, 'count') ?? 9)
  const tempFiles = chosen.map((file) => ({ path: store(parts, file), size: file.bytes.byteLength }))
  return { tempFilePaths: tempFiles.map(({ path }) => path), tempFiles }
}

async function chooseVideo(parts: WxParts, _options: Options): Promise<object> {
  await parts.permissions.requirePrivacy('chooseVideo')
  const [file] = await pick(parts, 'chooseVideo', filmed)
  if (file === undefined) throw new WxFailure('cancel')
  const tempFilePath = store(parts, file)
  const { width, height, thumb } = await videoInfo(parts, tempFilePath)
  const thumbTempFilePath = parts.files.addTemp(thumb.bytes, { type: thumb.type })
  return { tempFilePath, thumbTempFilePath, duration: file.seconds, size: file.bytes.byteLength, width, height }
}

async function chooseMessageFile(parts: WxParts, options: Options): Promise<object> {
  await parts.permissions.requirePrivacy('chooseMessageFile')
  const picked = await pick(parts, 'chooseMessageFile', noted)
  const endings = textsIn(options, 'extension').map((each) => each.replace(/^\./, '').toLowerCase())
  const fitting = picked.filter(({ name }) => endings.length === 0 || endings.includes(name.split('.').at(-1) ?? ''))
  const tempFiles = fitting.slice(0, numberIn(options, 'count') ?? 100).map((file) => ({
    path: store(parts, file),
    size: file.bytes.byteLength,
    name: file.name,
    type: ['image', 'video'].find((kind) => file.type.startsWith(`${kind}/`)) ?? 'file',
    time: Math.floor(Date.now() / 1000),
  }))
  return { tempFiles }
}

async function pick(parts: WxParts, name: string, fallback: () => Promise<AlbumFile[]>): Promise<readonly AlbumFile[]> {
  const mock = parts.host.mocks.get(name)
  if (!isRecord(mock)) return fallback()
  const reason = textIn(mock, 'fail')
  if (reason !== undefined) throw new WxFailure(reason)
  return listIn(mock, 'files')
    .filter(isRecord)
    .map((file) => {
      const fileName = textIn(file, 'name') ?? 'file.bin'
      return {
        name: fileName,
        bytes: base64ToBytes(textIn(file, 'base64') ?? ''),
        type: textIn(file, 'type') ?? typeOfName(fileName),
        seconds: numberIn(file, 'seconds') ?? SAMPLE_VIDEO_SECONDS,
      }
    })
}

let drawnCount = 0

async function drawn(label: string): Promise<AlbumFile[]> {
  drawnCount += 1
  const { bytes, type } = await samplePicture(1200, 900, String(drawnCount))
  return [{ name: `${label}${drawnCount}.jpg`, bytes, type, seconds: 0 }]
}

async function filmed(): Promise<AlbumFile[]> {
  const { bytes, type } = await sampleVideo(SAMPLE_VIDEO_SECONDS)
  return [{ name: `film.${type.split('/')[1] ?? 'mp4'}`, bytes, type, seconds: SAMPLE_VIDEO_SECONDS }]
}

async function noted(): Promise<AlbumFile[]> {
  const bytes = new TextEncoder().encode('A note from the chat.\n')
  return [{ name: 'note.txt', bytes, type: 'text/plain', seconds: 0 }]
}

function store(parts: WxParts, file: AlbumFile): string {
  return parts.files.addTemp(file.bytes, { type: file.type, url: file.name })
}

async function imageInfo(parts: WxParts, source: string) {
  const image = await loadImage(parts, source)
  const type = /\.(png|jpe?g|gif|webp)/i.exec(source)?.[1]?.toLowerCase() ?? 'unknown'
  const size = { width: image.naturalWidth, height: image.naturalHeight }
  return { ...size, path: source, orientation: 'up', type: type === 'jpg' ? 'jpeg' : type }
}

async function loadImage(parts: WxParts, source: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = parts.files.urlOf(source) ?? source
  try {
    await image.decode()
  } catch {
    throw new WxFailure(`image not found or not decodable: ${source}`)
  }
  return image
}

async function videoInfo(parts: WxParts, path: string) {
  const video = document.createElement('video')
  video.muted = true
  const loaded = new Promise((resolve, reject) => {
    video.addEventListener('loadeddata', resolve, { once: true })
    video.addEventListener('error', () => reject(new WxFailure('video not decodable')), { once: true })
  })
  video.src = parts.files.urlOf(path) ?? path
  await loaded
  const canvas = document.createElement('canvas')
  const { videoWidth: width, videoHeight: height } = video
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8))
  const bytes = new Uint8Array(blob === null ? new ArrayBuffer(0) : await blob.arrayBuffer())
  return { width, height, thumb: { bytes, type: 'image/jpeg' } }
}

async function compressImage(parts: WxParts, options: Options): Promise<object> {
  const image = await loadImage(parts, textIn(options, 'src') ?? '')
  const canvas = document.createElement('canvas')
  const wanted = numberIn(options, 'compressedWidth')
  canvas.width = wanted ?? image.naturalWidth
  canvas.height = Math.round((canvas.width / image.naturalWidth) * image.naturalHeight)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const quality = (numberIn(options, 'quality') ?? 80) / 100
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
  if (blob === null) throw new WxFailure('compress failed')
  const bytes = new Uint8Array(await blob.arrayBuffer())
  return { tempFilePath: parts.files.addTemp(bytes, { type: 'image/jpeg' }) }
}

async function saveToAlbum(parts: WxParts, options: Options): Promise<void> {
  await parts.permissions.requirePrivacy('saveImageToPhotosAlbum')
  parts.permissions.requireScope('scope.writePhotosAlbum')
  const path = textIn(options, 'filePath') ?? ''
  parts.files.read(path)
  parts.host.report.note(`saved to album: ${path}`)
}
