import type { ConversationId } from '@hongyan/protocol/constants'
import type { FileKind, StoredFile } from '@hongyan/protocol'
import type { MediaFacts, UploadSource } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import type { FileElement } from '../mapping/file-element.ts'
import { imageFormatOf, toTimFileElement } from '../mapping/file-element.ts'
import { toConversationId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { isPayload, type ImageInfo, type Payload } from '../mapping/payload.ts'
import { assertFits } from './media-checks.ts'
import { mediaTrouble, uploadTrouble, withMessage } from './media-errors.ts'
import { extensionOf, NOTHING, type Picked, type PickedKind } from './media-input.ts'
import { UploadProgress } from './upload-progress.ts'

/** A file and the message that shows it, until it is uploaded. What has been uploaded is not uploaded again. */
export class FileParcel {
  private readonly chat: Chat
  private readonly kind: PickedKind
  private readonly picked: Picked | typeof NOTHING
  private readonly onProgress: ((part: number) => void) | undefined
  private running: Promise<void> | undefined = undefined
  private stored: StoredFile | undefined = undefined
  private facts: MediaFacts | undefined = undefined
  private cover: StoredFile | undefined = undefined

  constructor(
    chat: Chat,
    kind: PickedKind,
    picked: Picked | typeof NOTHING,
    onProgress: ((part: number) => void) | undefined,
  ) {
    this.chat = chat
    this.kind = kind
    this.picked = picked
    this.onProgress = onProgress
  }

  /** Uploads what is missing and fills the message's payload. Rejects in TIM's numbers, or as the client does. */
  deliver(message: Message): Promise<void> {
    this.running ??= this.run(message)
      .catch((error: unknown) => {
        throw withMessage(error, message)
      })
      .finally(() => {
        this.running = undefined
      })
    return this.running
  }

  private async run(message: Message): Promise<void> {
    const { chat, kind, picked } = this
    if (picked === NOTHING) throw mediaTrouble(kind, 'missing')
    const source = await this.measured(picked.source)
    assertFits(kind, source, picked.type)
    const conversationId = toConversationId(message.conversationID, chat.self().userId)
    const progress = new UploadProgress(this.onProgress)
    const isUploaded = this.stored !== undefined
    await Promise.all([
      this.uploadMain(conversationId, source, progress),
      this.uploadCover(conversationId, picked).catch(() => undefined), // it goes without
    ])
    const { stored } = this
    if (stored === undefined) throw mediaTrouble(kind, 'failed')
    const element = elementOf(kind, stored, source.name, this.seconds(picked), this.cover)
    fill(message.payload, toTimFileElement(element, (id, variant) => chat.client.mediaUrl(id, variant)).content)
    if (!isUploaded) progress.finish()
  }

  private async uploadMain(
    conversationId: ConversationId,
    source: UploadSource,
    progress: UploadProgress,
  ): Promise<void> {
    if (this.stored !== undefined) return
    try {
      this.stored = await this.upload(conversationId, this.kind, source, (part) => progress.tell(part))
    } catch (error) {
      throw uploadTrouble(this.kind, error)
    }
  }

  /** Beside the file: what it says of itself, and a video's picture. */
  private async uploadCover(conversationId: ConversationId, picked: Picked): Promise<void> {
    const { kind } = this
    if (kind !== 'audio' && kind !== 'video') return
    const isKnown = picked.duration > 0 && (kind === 'audio' || picked.coverPath !== '')
    if (!isKnown) this.facts ??= (await this.chat.platform.media?.inspect?.(kind, picked.source.content)) ?? {}
    if (kind === 'audio' || this.cover !== undefined) return
    const cover =
      picked.coverPath === ''
        ? this.facts?.cover
        : await this.measured({ name: 'cover.jpg', bytes: 0, content: picked.coverPath })
    if (cover !== undefined) this.cover = await this.upload(conversationId, 'image', cover, () => undefined)
  }

  private upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    onProgress: (part: number) => void,
  ): Promise<StoredFile> {
    const { uploader } = this.chat
    const options = { onProgress, ...(uploader === undefined ? {} : { uploader }) }
    return this.chat.client.upload(conversationId, kind, source, options)
  }

  /** What the picker said of the size may be missing, or be that of the original. */
  private async measured(source: UploadSource): Promise<UploadSource> {
    const bytes = await this.chat.platform.media?.bytesOf?.(source.content)
    return bytes === undefined ? source : { ...source, bytes }
  }

  private seconds({ duration }: Picked): number {
    if (duration > 0) return secondsOf(this.kind, duration)
    return Math.floor(this.facts?.seconds ?? 0)
  }
}

/** A recorder counts ms, and a video's picker seconds. */
export function secondsOf(kind: PickedKind, duration: number): number {
  return Math.floor(kind === 'audio' ? duration / 1000 : duration)
}

/** What is shown of a file before it is uploaded: all at its local address. */
export function startContent(kind: PickedKind, picked: Picked | typeof NOTHING, localUrl: string): Payload {
  if (picked === NOTHING) return toTimFileElement(elementOf(kind, NO_FILE, '', 0, undefined), () => '').content
  const { source, duration, width, height, coverPath } = picked
  const size = { bytes: source.bytes, width, height }
  const isPicture = kind === 'image' && width > 0
  const stored: StoredFile = {
    ...NO_FILE,
    bytes: source.bytes,
    format: extensionOf(source.name),
    ...(isPicture ? { picture: { width, height, small: size, large: size } } : {}),
  }
  const cover = { ...NO_FILE, picture: { width, height, small: size, large: size } }
  const element = elementOf(kind, stored, source.name, secondsOf(kind, duration), cover)
  const { content } = toTimFileElement(element, () => localUrl)
  return kind === 'video' ? { ...content, thumbUrl: coverPath, snapshotUrl: coverPath } : content
}

const NO_FILE: StoredFile = { fileId: '', kind: 'file', name: '', bytes: 0, format: '' }

function elementOf(
  kind: PickedKind,
  stored: StoredFile,
  name: string,
  seconds: number,
  cover: StoredFile | undefined,
): FileElement {
  const { fileId, bytes, format } = stored
  if (kind === 'audio') return { type: 'audio', fileId, bytes, seconds }
  if (kind === 'file') return { type: 'file', fileId, name, bytes }
  if (kind === 'image') {
    const original = pictureOf(stored)
    const { small = original, large = original } = stored.picture ?? {}
    return { type: 'image', fileId, format: imageFormatOf(format), ...original, small, large }
  }
  const shown = cover === undefined ? {} : { cover: { fileId: cover.fileId, ...pictureOf(cover) } }
  return { type: 'video', fileId, format: format === '' ? extensionOf(name) : format, bytes, seconds, ...shown }
}

function pictureOf({ bytes, picture }: StoredFile) {
  return { bytes, width: picture?.width ?? 0, height: picture?.height ?? 0 }
}

/** In place: the application holds the payload, and the entries of its pictures. */
function fill(payload: Payload, content: Payload): void {
  const before = entriesOf(payload)
  const after = entriesOf(content)
  Object.assign(payload, content)
  if (before.length !== after.length) return
  payload['imageInfoArray'] = before.map((entry, index) => Object.assign(entry, after[index]))
}

function entriesOf({ imageInfoArray }: Payload): ImageInfo[] {
  return Array.isArray(imageInfoArray) ? imageInfoArray.filter(isPayload) : []
}
