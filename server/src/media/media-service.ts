import type { Readable } from 'node:stream'
import {
  conversationTimeline,
  LIMITS,
  parseConversationId,
  Refused,
  type ConversationId,
  type FileKind,
  type MediaToken,
  type StoredFile,
} from '@hongyan/protocol'
import type { Blobs, ByteRange } from '../blobs/blobs.ts'
import { assertNotForeign } from '../conversations/conversation-directory.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Random } from '../kit/random.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import { lockAccount } from '../logins/login-writer.ts'
import { cleanFileName } from './file-name-rules.ts'
import { contentTypeOf, isShownInPlace } from './format-rules.ts'
import { isMember, readFile, readOpenable, readUsage, type StoredRow } from './media-reader.ts'
import { insertFile } from './media-writer.ts'
import { pictureFacts } from './picture-rules.ts'
import { maxBytesOf, TICKET_MS, type Tickets } from './tickets.ts'

export interface MediaDeps {
  readonly db: Db
  readonly blobs: Blobs
  readonly tickets: Tickets
  readonly random: Random
  /** What one user may upload within 24 hours. */
  readonly maxBytesPerDay: number
}

/** What somebody wants to upload. */
export interface UploadWish {
  readonly conversationId: ConversationId
  readonly kind: FileKind
  readonly name: string
  readonly bytes: number
}

export interface Ticket {
  readonly fileId: string
  readonly path: string
  readonly expiresAtMs: number
}

/** One of the forms of a file: as it was sent, or one of a picture's smaller copies. */
export type Variant = 'original' | 'small' | 'large'

/** A file, or a smaller copy, that its asker may open. */
export interface OpenFile {
  readonly hash: string
  readonly bytes: number
  readonly name: string
  readonly contentType: string
  /** False for what could do harm where it is shown, and has to be saved. */
  readonly isShownInPlace: boolean
}

/** Where uploads go; followed by the file's id. */
export const UPLOAD_PATH = '/im/upload'

/** Tickets of one user that wait for their upload; tickets cost nothing but a row. */
const MAX_OPEN_TICKETS = 300
const FILE_ID = new RegExp(`^[A-Za-z0-9_-]{${LIMITS.fileIdChars}}$`)

/** The rights around files: who may upload, who may open. The bytes themselves arrive in uploads.ts. */
export class MediaService {
  readonly #deps: MediaDeps

  constructor(deps: MediaDeps) {
    this.#deps = deps
  }

  /** Refuses FILE_TOO_LARGE, NOT_A_MEMBER, QUOTA_EXCEEDED, TOO_MANY_REQUESTS, DISPLACED. */
  async ticket(actor: Actor, wish: UploadWish): Promise<Ticket> {
    if (wish.bytes > maxBytesOf(wish.kind)) throw new Refused('FILE_TOO_LARGE')
    assertNotForeign(wish.conversationId, actor.userId)
    const fileId = this.#deps.random.id()
    await this.#deps.db.transaction((tx) => this.#admit(tx, actor, wish, fileId), { retry: true })
    const { ticket, expiresAtMs } = this.#deps.tickets.ticket(fileId, actor)
    return { fileId, path: `${UPLOAD_PATH}/${fileId}?t=${ticket}`, expiresAtMs }
  }

  /** Refuses NO_SUCH_FILE for what is not his, or not there yet. */
  async info(actor: Actor, fileId: string): Promise<StoredFile> {
    const row = await readFile(this.#deps.db, fileId)
    if (!row || row.hash === null || row.ownerKey !== actor.accountKey) throw new Refused('NO_SUCH_FILE')
    return storedFile({ ...row, hash: row.hash })
  }

  token(bearer: { readonly accountKey: number; readonly loginKey: number }): MediaToken {
    return this.#deps.tickets.token(bearer)
  }

  /**
   * What the bearer of this token may open now. Refuses MEDIA_TOKEN_INVALID, and NO_SUCH_FILE: the same for what does not
   * exist and for what he may not see.
   */
  async open(fileId: string, variant: Variant, token: string): Promise<OpenFile> {
    if (!FILE_ID.test(fileId)) throw new Refused('NO_SUCH_FILE')
    const bearer = this.#deps.tickets.bearerOf(token)
    const row = await readOpenable(this.#deps.db, fileId, bearer)
    const form = row && formOf(row, variant)
    if (!form) throw new Refused('NO_SUCH_FILE')
    return form
  }

  /** Refuses NO_SUCH_FILE when the store does not have what it should. */
  async read(file: OpenFile, range?: ByteRange): Promise<Readable> {
    const content = await this.#deps.blobs.read(file.hash, range)
    if (!content) throw new Refused('NO_SUCH_FILE')
    return content
  }

  /** The account's row first: that is the order of logging in, and it makes the quota exact. */
  async #admit(tx: Tx, actor: Actor, { conversationId, kind, name, bytes }: UploadWish, id: string): Promise<void> {
    await lockAccount(tx, actor.accountKey)
    await holdLogin(tx, actor)
    const type = parseConversationId(conversationId)?.type
    const mayUpload =
      type === 'c2c' ||
      (type === 'group' && (await isMember(tx, conversationTimeline(conversationId), actor.accountKey)))
    if (!mayUpload) throw new Refused('NOT_A_MEMBER')
    const usage = await readUsage(tx, actor.accountKey, TICKET_MS)
    if (usage.bytes + bytes > this.#deps.maxBytesPerDay) throw new Refused('QUOTA_EXCEEDED')
    if (usage.openTickets >= MAX_OPEN_TICKETS) throw new Refused('TOO_MANY_REQUESTS')
    await insertFile(tx, { id, ownerKey: actor.accountKey, kind, name: cleanFileName(name), bytes })
  }
}

/** What clients are told of a file that is there. */
export function storedFile({ id, kind, name, bytes, format, picture }: StoredRow): StoredFile {
  return { fileId: id, kind, name, bytes, format, ...(picture ? { picture: pictureFacts(picture) } : {}) }
}

function formOf(row: StoredRow, variant: Variant): OpenFile | undefined {
  const original = {
    hash: row.hash,
    bytes: row.bytes,
    name: row.name,
    contentType: contentTypeOf(row.kind, row.format),
    isShownInPlace: isShownInPlace(row.format),
  }
  if (variant === 'original') return original
  const copy = row.picture?.[variant]
  if (!copy || !row.picture) return undefined
  if (copy.hash === row.hash) return original
  const { copyFormat } = row.picture
  const name = `${row.name.replace(/\.\w{1,5}$/, '')}.${copyFormat}`
  return { ...original, hash: copy.hash, bytes: copy.bytes, name, contentType: contentTypeOf('image', copyFormat) }
}
