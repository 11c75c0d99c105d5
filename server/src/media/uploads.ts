import { Refused, type StoredFile } from '@hongyan/protocol'
import { ContentTooLong, type Blobs, type Content, type Draft } from '../blobs/blobs.ts'
import type { Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { holdLogin } from '../logins/login-reader.ts'
import { isOfKind } from './format-rules.ts'
import { readFile, type FileRow, type StoredRow } from './media-reader.ts'
import { claimBlobs, finishFile } from './media-writer.ts'
import { storedFile } from './media-service.ts'
import type { PictureForm, Size, StoredPicture } from './picture-rules.ts'
import type { Copy, Pictures } from './pictures.ts'
import { sniffFormat } from './sniff.ts'
import { maxBytesOf, type Bearer, type Tickets } from './tickets.ts'
import type { Scanner } from './virus-scanner.ts'

export interface UploadsDeps {
  readonly db: Db
  readonly blobs: Blobs
  readonly tickets: Tickets
  readonly pictures: Pictures
  /** Looks for malware; absent where the operator has none. */
  readonly scanner: Scanner | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** Bytes on their way in. */
export interface Arriving {
  readonly content: Content
  /** How many there will be, where the sender says so before. */
  readonly declaredBytes?: number | undefined
}

const MAX_AT_ONCE = 64
/** A client sends three at once; a user has a few devices. */
const MAX_AT_ONCE_PER_USER = 12
/** Content that is just being deleted can be claimed as soon as that is done. */
const CLAIM_TRIES = 25
const CLAIM_PAUSE_MS = 200

/** Takes uploads in: all of a file or nothing of it. */
export class Uploads {
  readonly #deps: UploadsDeps
  readonly #running = new Map<number, number>()
  #total = 0
  #stored = 0
  #storedBytes = 0

  constructor(deps: UploadsDeps) {
    this.#deps = deps
  }

  /**
   * Receives the content that a ticket was given for. When it resolves, the file is stored and durable. Again is the same:
   * what arrived first stays, and the answer is about it. Refuses TICKET_INVALID, FILE_INCOMPLETE, BAD_FILE_TYPE,
   * STORE_FULL, DISPLACED, TOO_MANY_REQUESTS, BUSY.
   */
  async receive(fileId: string, ticket: string, arriving: Arriving): Promise<StoredFile> {
    const uploader = this.#deps.tickets.uploaderOf(fileId, ticket)
    this.#enter(uploader.accountKey)
    try {
      const row = await readFile(this.#deps.db, fileId)
      if (!row || row.ownerKey !== uploader.accountKey) throw new Refused('TICKET_INVALID')
      if (row.hash !== null) {
        await discard(arriving.content, maxBytesOf(row.kind))
        return storedFile({ ...row, hash: row.hash })
      }
      if (arriving.declaredBytes !== undefined && arriving.declaredBytes !== row.bytes)
        throw new Refused('FILE_INCOMPLETE')
      return await this.#store(row, uploader, arriving.content)
    } finally {
      this.#leave(uploader.accountKey)
    }
  }

  /** Numbers since the start, and how many are arriving just now. */
  stats(): { readonly running: number; readonly stored: number; readonly storedBytes: number } {
    return { running: this.#total, stored: this.#stored, storedBytes: this.#storedBytes }
  }

  async #store(row: FileRow, uploader: Bearer, content: Content): Promise<StoredFile> {
    const drafts: Draft[] = []
    try {
      const received = await this.#receiveAll(row, content)
      drafts.push(received)
      const file = await this.#prepare(row, received, drafts)
      const hashes = [
        ...new Set([file.hash, ...(file.picture ? [file.picture.small.hash, file.picture.large.hash] : [])]),
      ]
      await this.#claim(uploader, hashes)
      for (const draft of drafts.filter(({ hash }) => hashes.includes(hash))) await draft.keep()
      return await this.#finish(file, uploader, hashes)
    } finally {
      for (const draft of drafts) await draft.drop()
    }
  }

  async #receiveAll(row: FileRow, content: Content): Promise<Draft> {
    const draft = await this.#deps.blobs.receive(content, { maxBytes: row.bytes }).catch((err: unknown) => {
      throw err instanceof ContentTooLong ? new Refused('FILE_INCOMPLETE') : err
    })
    if (draft.bytes === row.bytes) return draft
    await draft.drop()
    throw new Refused('FILE_INCOMPLETE')
  }

  /** Looks at what has arrived: the row to be, its content not kept yet. New drafts are added to `drafts` as soon as they are there, so that they are dropped whatever happens. */
  async #prepare(row: FileRow, received: Draft, drafts: Draft[]): Promise<StoredRow> {
    const format = await sniffFormat(received.path, row.kind)
    if (!isOfKind(row.kind, format)) throw new Refused('BAD_FILE_TYPE')
    await this.#scan(row, received)
    if (row.kind !== 'image') {
      return { ...row, bytes: received.bytes, hash: received.hash, format, picture: null }
    }
    const draftOf = async (content: Buffer): Promise<Draft> => {
      const draft = await this.#deps.blobs.receive(once(content), { maxBytes: content.length })
      drafts.push(draft)
      return draft
    }
    const picture = await this.#deps.pictures.prepare(received.path, format)
    const { hash, bytes } = await draftOf(picture.original)
    const whole: PictureForm = { hash, bytes, width: picture.width, height: picture.height }
    const formOf = async (copy: Copy | undefined): Promise<PictureForm> =>
      copy ? pictureForm(await draftOf(copy.content), copy) : whole
    const stored: StoredPicture = {
      width: picture.width,
      height: picture.height,
      small: await formOf(picture.small),
      large: await formOf(picture.large),
      copyFormat: picture.copyFormat,
    }
    return { ...row, bytes, hash, format, picture: stored }
  }

  async #scan(row: FileRow, draft: Draft): Promise<void> {
    const found = await this.#deps.scanner?.scan(draft.path)
    if (found === undefined) return
    this.#deps.logger.warn({ file: row.id, owner: row.ownerKey, hash: draft.hash, found }, 'an upload holds malware')
    throw new Refused('BAD_FILE_TYPE')
  }

  async #claim(uploader: Bearer, hashes: readonly string[]): Promise<void> {
    for (let tries = 0; tries < CLAIM_TRIES; tries++) {
      const isClaimed = await this.#deps.db.transaction(
        async (tx) => {
          await holdLogin(tx, uploader)
          return claimBlobs(tx, hashes)
        },
        { retry: true },
      )
      if (isClaimed) return
      await new Promise<void>((resolve) => void this.#deps.clock.after(CLAIM_PAUSE_MS, resolve))
    }
    throw new Refused('BUSY')
  }

  async #finish(file: StoredRow, uploader: Bearer, hashes: readonly string[]): Promise<StoredFile> {
    const isFirst = await this.#deps.db.transaction(
      async (tx) => {
        await holdLogin(tx, uploader)
        return finishFile(tx, file, hashes)
      },
      { retry: true },
    )
    if (isFirst) {
      this.#stored++
      this.#storedBytes += file.bytes
      return storedFile(file)
    }
    // Another upload for the same ticket was faster, or an answer to our own commit was lost.
    const row = await readFile(this.#deps.db, file.id)
    if (!row || row.hash === null) throw new Refused('TICKET_INVALID')
    return storedFile({ ...row, hash: row.hash })
  }

  #enter(accountKey: number): void {
    const own = this.#running.get(accountKey) ?? 0
    if (this.#total >= MAX_AT_ONCE || own >= MAX_AT_ONCE_PER_USER) throw new Refused('TOO_MANY_REQUESTS')
    this.#running.set(accountKey, own + 1)
    this.#total++
  }

  #leave(accountKey: number): void {
    const own = (this.#running.get(accountKey) ?? 1) - 1
    if (own === 0) this.#running.delete(accountKey)
    else this.#running.set(accountKey, own)
    this.#total--
  }
}

function pictureForm({ hash, bytes }: Draft, { width, height }: Size): PictureForm {
  return { hash, bytes, width, height }
}

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content
}

/** A sender that is told "stored" before it has finished would see a broken connection. */
async function discard(content: Content, maxBytes: number): Promise<void> {
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Refused('FILE_INCOMPLETE')
  }
}
