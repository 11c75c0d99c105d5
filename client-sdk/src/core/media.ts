import type { ConversationId, FileKind, MediaToken, ReplyOf, RequestOf, StoredFile } from '@hongyan/protocol'
import type { Client, Platform, UploadSource } from './client-api.ts'
import { clientFailure, type Failure } from './failure.ts'
import { MediaTokenKeeper } from './media-token.ts'

/** Uploads at once: WeChat allows ten transfers of all kinds. */
const MAX_TRANSFERS = 3
/** Uploads that wait for their turn. */
const MAX_WAITING = 200
/** A transfer that has not moved for so long is dead. */
const STALL_MS = 90_000
/** An uploader of the application's may tell no progress; tim-upload-plugin gives up by itself after this time. */
const FOREIGN_STALL_MS = 300_000
const FETCH_MS = 60_000

type MediaCommand = 'media.ticket' | 'media.info' | 'media.token'

export interface MediaPorts {
  readonly clock: Platform['clock']
  readonly platform: Pick<Platform, 'upload' | 'fetchText'>
  /** The server's HTTP address: httpOriginOf(the address of its socket). */
  readonly origin: string
  readonly serverNowMs: () => number
  /** Asks as part of the login; rejects with a ClientFailure. */
  readonly ask: <Name extends MediaCommand>(command: Name, body: RequestOf<Name>) => Promise<ReplyOf<Name>>
}

/** Files of one login: sent to the server, found there, fetched from there. Every promise settles, at the latest with the login. */
export class Media {
  private readonly ports: MediaPorts
  private readonly keeper: MediaTokenKeeper
  private readonly waiting: Turn[] = []
  /** What ends the transfers that run. */
  private readonly endings = new Set<(error: Error) => void>()
  private running = 0
  private closedBy: Failure | undefined = undefined

  constructor(ports: MediaPorts) {
    const { clock, serverNowMs, ask } = ports
    this.ports = ports
    this.keeper = new MediaTokenKeeper({ clock, serverNowMs, renew: () => ask('media.token', {}) })
  }

  /** A session was opened; its reply brought a token. */
  onOpened(media: MediaToken): void {
    this.keeper.take(media)
  }

  /** See Client.upload. Three at once; the others wait, in order. */
  async upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    { onProgress = () => undefined, uploader }: Parameters<Client['upload']>[3],
  ): Promise<StoredFile> {
    const { ask, origin, platform } = this.ports
    const transfer = uploader ?? platform.upload
    if (transfer === undefined) throw new Error('this platform cannot upload')
    await this.turn()
    try {
      const { name, bytes } = source
      const { fileId, path } = await ask('media.ticket', { conversationId, kind, name, bytes })
      const file = { url: origin + path, fileId, downloadUrl: this.mediaUrl(fileId), kind, source }
      await this.guard(uploader === undefined ? STALL_MS : FOREIGN_STALL_MS, (moved, onStarted) => {
        const told = (part: number): void => {
          moved()
          onProgress(part)
        }
        return transfer({ ...file, onProgress: told, onStarted })
      })
      return await ask('media.info', { fileId })
    } finally {
      this.running--
      this.startNext()
    }
  }

  /** See Client.mediaUrl. */
  mediaUrl(fileId: string, variant?: 'small' | 'large'): string {
    const { token } = this.keeper
    if (token === '') return ''
    const path = variant === undefined ? fileId : `${fileId}/${variant}`
    return `${this.ports.origin}/im/media/${path}?t=${encodeURIComponent(token)}`
  }

  /** See Client.fetchText. */
  fetchText(fileId: string): Promise<string> {
    const { fetchText } = this.ports.platform
    if (fetchText === undefined) return Promise.reject(new Error('this platform cannot fetch'))
    return this.guard(FETCH_MS, () => fetchText(this.mediaUrl(fileId)))
  }

  /** The login is over: everything stops and fails. */
  close(failure: Failure): void {
    this.closedBy = failure
    this.keeper.stop()
    for (const { reject } of this.waiting.splice(0)) reject(clientFailure(failure))
    for (const end of this.endings) end(clientFailure(failure))
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closedBy !== undefined) return reject(clientFailure(this.closedBy))
      if (this.waiting.length >= MAX_WAITING) return reject(clientFailure('TOO_MANY_REQUESTS'))
      this.waiting.push({ resolve, reject })
      this.startNext()
    })
  }

  private startNext(): void {
    if (this.running >= MAX_TRANSFERS) return
    const next = this.waiting.shift()
    if (next === undefined) return
    this.running++
    next.resolve()
  }

  /** Settles with what it started, with TIMEOUT when that has not moved for too long, or with the login. */
  private guard<T>(
    stallMs: number,
    start: (moved: () => void, onStarted: (stop: () => void) => void) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.ports
    return new Promise((resolve, reject) => {
      if (this.closedBy !== undefined) return reject(clientFailure(this.closedBy))
      let isOver = false
      let stop = (): void => undefined
      let cancel = (): void => undefined
      const settle = (tell: () => void): void => {
        if (isOver) return
        isOver = true
        cancel()
        this.endings.delete(end)
        tell()
      }
      const end = (error: Error): void => {
        settle(() => reject(error))
        stop()
      }
      const moved = (): void => {
        cancel()
        if (!isOver) cancel = clock.after(stallMs, () => end(clientFailure('TIMEOUT')))
      }
      this.endings.add(end)
      moved()
      start(moved, (how) => (isOver ? how() : (stop = how))).then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(refusalOf(error))),
      )
    })
  }
}

interface Turn {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** `wss://host/im/ws` is `https://host`; a path before ours, as a proxy adds it, is kept. */
export function httpOriginOf(socketUrl: string): string {
  const [, base = '', path = ''] = /^(wss?:\/\/[^/?#]+)([^?#]*)/i.exec(socketUrl) ?? []
  const prefix = path.endsWith('/im/ws') ? path.slice(0, -'/im/ws'.length) : ''
  return base.replace(/^ws/i, 'http') + prefix
}

const REFUSALS: { readonly [status: number]: Failure } = {
  413: 'FILE_TOO_LARGE',
  415: 'BAD_FILE_TYPE',
  507: 'STORE_FULL',
}

/** An uploader's error may say by its HTTP status what the server refused. */
function refusalOf(error: unknown): Error {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  const refusal = typeof status === 'number' ? REFUSALS[status] : undefined
  if (refusal !== undefined) return clientFailure(refusal)
  return error instanceof Error ? error : new Error(String(error))
}
