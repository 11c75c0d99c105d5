import type { Host } from '../host.ts'
import { WxFailure } from './calls.ts'

export const USER_DATA_PATH = 'wxfile://usr'
const TEMP_PREFIX = 'wxfile://tmp_'
/** Temporary and saved files together, as WeChat allows them. */
const MAX_TOTAL_BYTES = 200 * 1024 * 1024

interface StoredFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly modifiedAtMs: number
}

/** The phone's files: bytes by path, in memory, at most 200 MB. */
export class Files {
  readonly #byPath = new Map<string, StoredFile>()
  readonly #urls = new Map<string, string>()
  readonly #directories = new Set([USER_DATA_PATH])
  #nextNumber = 1
  #totalBytes = 0

  has(path: string): boolean {
    return this.#byPath.has(normalize(path))
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(normalize(path))
  }

  makeDirectory(path: string): void {
    this.#directories.add(normalize(path))
  }

  removeDirectory(path: string): void {
    this.#directories.delete(normalize(path))
  }

  /** Throws WxFailure when there is none. */
  read(path: string): Uint8Array<ArrayBuffer> {
    return this.#at(path).bytes
  }

  stat(path: string): { readonly size: number; readonly modifiedAtMs: number } {
    const { bytes, modifiedAtMs } = this.#at(path)
    return { size: bytes.byteLength, modifiedAtMs }
  }

  blob(path: string): Blob {
    const { bytes, type } = this.#at(path)
    return new Blob([bytes], { type })
  }

  /** An address that <img>, <audio> and <video> of this page can load. */
  urlOf(path: string): string | undefined {
    const key = normalize(path)
    if (!this.#byPath.has(key)) return undefined
    const known = this.#urls.get(key)
    if (known !== undefined) return known
    const url = URL.createObjectURL(this.blob(key))
    this.#urls.set(key, url)
    return url
  }

  write(path: string, bytes: Uint8Array<ArrayBuffer>, type = typeOfName(path)): void {
    const key = normalize(path)
    const grown = this.#totalBytes - (this.#byPath.get(key)?.bytes.byteLength ?? 0) + bytes.byteLength
    if (grown > MAX_TOTAL_BYTES)
      throw new WxFailure('the maximum size of the file storage limit is exceeded', 1_300_202)
    this.#forgetUrl(key)
    this.#byPath.set(key, { bytes, type, modifiedAtMs: Date.now() })
    this.#totalBytes = grown
  }

  /** Path of a new temporary file; its ending follows the name, the address or the type. */
  addTemp(
    bytes: Uint8Array<ArrayBuffer>,
    about: { readonly type?: string | undefined; readonly url?: string },
  ): string {
    const ending = endingOf(about.url ?? '') ?? ENDINGS.get((about.type ?? '').split(';')[0] ?? '') ?? 'bin'
    const path = `${TEMP_PREFIX}${this.#nextNumber}.${ending}`
    this.#nextNumber += 1
    this.write(path, bytes, about.type?.split(';')[0] ?? typeOfName(path))
    return path
  }

  remove(path: string): void {
    const key = normalize(path)
    this.#totalBytes -= this.#at(key).bytes.byteLength
    this.#forgetUrl(key)
    this.#byPath.delete(key)
  }

  /** Paths that begin with `prefix`. */
  list(prefix: string): readonly string[] {
    return [...this.#byPath.keys()].filter((path) => path.startsWith(prefix))
  }

  #at(path: string): StoredFile {
    const file = this.#byPath.get(normalize(path))
    if (file === undefined) throw fileFailure('no such file or directory', path)
    return file
  }

  #forgetUrl(key: string): void {
    const url = this.#urls.get(key)
    if (url !== undefined) URL.revokeObjectURL(url)
    this.#urls.delete(key)
  }
}

const FILES = new WeakMap<Host, Files>()

/** The files of the phone: wx functions and the builtin components of one host see the same. */
export function filesOf(host: Host): Files {
  const known = FILES.get(host)
  if (known !== undefined) return known
  const files = new Files()
  FILES.set(host, files)
  return files
}

export function fileFailure(reason: string, path: string): WxFailure {
  return new WxFailure(`${reason} ${path}`, 1_300_002)
}

/** `wxfile://…` stands for a file of the phone; anything else is the network's or the package's. */
export function isPhoneFile(path: string): boolean {
  return path.startsWith('wxfile://')
}

function normalize(path: string): string {
  return path.replace(/\/+$/, '')
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['svg', 'image/svg+xml'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['mp3', 'audio/mpeg'],
  ['aac', 'audio/aac'],
  ['m4a', 'audio/mp4'],
  ['wav', 'audio/wav'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['json', 'application/json'],
])
const ENDINGS: ReadonlyMap<string, string> = new Map([...TYPES].map(([ending, type]) => [type, ending]))

export function typeOfName(name: string): string {
  return TYPES.get(endingOf(name) ?? '') ?? 'application/octet-stream'
}

function endingOf(name: string): string | undefined {
  return /\.([a-z0-9]{1,5})(?:[?#].*)?$/i.exec(name)?.[1]?.toLowerCase()
}
