import type {
  CommandName,
  ConversationId,
  ConversationState,
  EntryOf,
  ErrorName,
  FileKind,
  Message,
  Person,
  ReceiptCount,
  ReplyOf,
  RequestOf,
  SentElement,
  Seq,
  StoredFile,
  UserId,
  UserProfile,
  VolatileMessage,
} from '@hongyan/protocol'

/** Who is logged in. */
export interface Self {
  readonly userId: UserId
  /** The user's number in message ids. */
  readonly tinyId: string
  readonly nick: string
  readonly avatar: string
}

/** The connection as an application may care to see it. */
export type NetState = 'connected' | 'connecting' | 'disconnected'

/** Why a login ended without the application asking for it. */
export type EndReason = 'displaced-by-account' | 'displaced-by-device' | 'signature-expired' | 'signed-out-by-admin'

/** What the sender decides about a message. */
export interface Draft {
  readonly conversationId: ConversationId
  readonly clientMsgId: string
  readonly elements: readonly SentElement[]
  readonly customData?: string
  readonly priority?: 'high' | 'low' | 'lowest'
  readonly needsReceipt?: true
  readonly uncounted?: true
  readonly notLast?: true
  readonly extensible?: true
  readonly mentions?: { readonly userIds: readonly UserId[]; readonly all: boolean }
  readonly receiverIds?: readonly UserId[]
}

/** What is put beside a message, or beside a group, without being a message. */
export type Annotation = EntryOf<'reaction' | 'extensions' | 'message-pinned' | 'attributes' | 'counters'>

/** Commands that change nothing the client keeps by themselves: what they do comes back as entries. */
export type AskedCommand = Exclude<
  CommandName,
  `session.${string}` | `sync.${string}` | 'message.send' | 'message.sendVolatile' | 'receipt.read' | 'media.ticket'
>

/** Something to upload, as the platform has it: a File or Blob, a path of a mini-program's, bytes in Node; `{ text }` everywhere. */
export interface UploadSource {
  readonly name: string
  readonly bytes: number
  /** What the platform's `upload` understands. */
  readonly content: unknown
}

/** An uploader that an application brought along, in the shape of tim-upload-plugin (tim-semantics §6.5). */
export type ForeignUploader = (request: UploadRequest) => Promise<void>

/** Bytes on their way to an address: PUT as they are, or POST as the part `file` of a form, as the platform can. */
export interface UploadRequest {
  readonly url: string
  readonly kind: FileKind
  readonly source: UploadSource
  readonly fileId: string
  /** Where the file will be found: what tim-upload-plugin wants to know and gives back. */
  readonly downloadUrl: string
  /** Told the part that has gone, 0 to 1. */
  readonly onProgress: (part: number) => void
  /** Given what stops the transfer: for when nothing moves any more, or the login ends. */
  readonly onStarted?: (stop: () => void) => void
}

/** What can be learned of a recording by opening it. */
export interface MediaFacts {
  readonly seconds?: number
  /** A frame of a video. */
  readonly cover?: UploadSource
}

/** What a platform can tell of something to be uploaded; `content` is UploadSource's. */
export interface MediaInspector {
  /** An address under which it can be shown before it is uploaded; empty where there is none. */
  localUrl(content: unknown): string
  /** Its true size; undefined where what the picker said has to do. Never rejects. */
  bytesOf?(content: unknown): Promise<number | undefined>
  /** Within a few seconds; empty where nothing can be learned. Never rejects. */
  inspect?(kind: 'audio' | 'video', content: unknown): Promise<MediaFacts>
}

export interface Sent {
  readonly seq: Seq
  readonly sentAtMs: number
}

/** A conversation with its derived numbers; immutable, a new object after each change. */
export interface Conversation extends ConversationState {
  /** Derived (protocol/unread.ts); never counted up. */
  readonly unread: number
  /** False after the user removed it and nothing newer came. */
  readonly isVisible: boolean
}

export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly Message[]
  readonly isComplete: boolean
}

/** What happened; given to the one listener in order, synchronously, after the store has changed. */
export type Change =
  /** The connection changed; only when the value differs from the last one. */
  | { readonly kind: 'net'; readonly state: NetState }
  /** The login is over; the application must log in again. */
  | { readonly kind: 'ended'; readonly reason: EndReason }
  /** Conversations changed (or came, or went out of sight). `isSyncComplete` is false while the first snapshot is still arriving. */
  | { readonly kind: 'conversations'; readonly ids: readonly ConversationId[]; readonly isSyncComplete: boolean }
  /**
   * Messages were added to the end of a conversation, oldest first, exactly once per message and device. Messages this
   * instance sent itself are not among them; those of the user's other instances are. After a snapshot replaced a
   * timeline that was too far behind there is no such change for what was skipped, only `conversations`.
   */
  | { readonly kind: 'messages'; readonly conversationId: ConversationId; readonly messages: readonly Message[] }
  | { readonly kind: 'volatile'; readonly message: VolatileMessage }
  /** `byThisInstance` when this instance asked for it. */
  | {
      readonly kind: 'revoked'
      readonly conversationId: ConversationId
      readonly seq: Seq
      readonly by: UserId
      readonly reason: string
      readonly byThisInstance: boolean
    }
  /** The peer has read up to `seq`. */
  | { readonly kind: 'read-by-peer'; readonly conversationId: ConversationId; readonly seq: Seq; readonly atMs: number }
  /** The user deleted messages, or emptied a history, on any of his instances. */
  | { readonly kind: 'deleted'; readonly conversationId: ConversationId; readonly seqs: readonly Seq[] }
  /** A message's content was changed; `byThisInstance` when this instance asked for it. */
  | {
      readonly kind: 'modified'
      readonly conversationId: ConversationId
      readonly entry: EntryOf<'modified'>
      readonly byThisInstance: boolean
    }
  /** Groups of the user's came, changed (their profile, their number of members, his place in them), or are no longer his. */
  | { readonly kind: 'groups'; readonly ids: readonly ConversationId[] }
  /** The user is no longer in it; the client has dropped it. `conversation` is what it was, `dismissedBy` who ended it. */
  | { readonly kind: 'left'; readonly conversation: Conversation; readonly dismissedBy?: Person }
  | { readonly kind: 'annotated'; readonly conversationId: ConversationId; readonly annotation: Annotation }
  /** The peer has sent receipts (one-to-one). */
  | {
      readonly kind: 'receipted'
      readonly conversationId: ConversationId
      readonly seqs: readonly Seq[]
      readonly atMs: number
    }
  /** So many have sent receipts for messages of the user's (groups). */
  | {
      readonly kind: 'receipt-counts'
      readonly conversationId: ConversationId
      readonly counts: readonly ReceiptCount[]
    }
  /** The user's own profile was changed, on any of his instances; `self` has it already. */
  | { readonly kind: 'profile'; readonly profile: UserProfile }
  | { readonly kind: 'cleared'; readonly conversationId: ConversationId; readonly upToSeq: Seq }

/** A request failed: refused by the server (`name` from the catalogue) or not answered. */
export interface ClientFailure extends Error {
  readonly failure: ErrorName | 'TIMEOUT' | 'NO_NETWORK' | 'NOT_LOGGED_IN' | 'CLOSED'
}

/**
 * The client in our words: one login on one connection that heals itself. The TIM face stands on this and nothing else.
 * Every promise settles: refusals and time-outs reject with a ClientFailure.
 */
export interface Client {
  readonly self: Self | undefined
  /** The instance's id; kept for the life of the object. */
  readonly instanceId: string
  readonly isSyncComplete: boolean
  /** The server's clock in ms, from the local one and the offset seen last. */
  serverNowMs(): number
  /** Sets the one listener. */
  onChange(listen: (change: Change) => void): void
  /**
   * Dials and opens a session. Resolves when the server accepted the signature; the first snapshot follows. Rejects with
   * the refusal's name, TIMEOUT, NO_NETWORK; after a rejection the client is as before.
   */
  login(userId: UserId, userSig: string): Promise<Self>
  /** Ends the login; pending requests reject CLOSED. Never rejects. */
  logout(): Promise<void>
  /** Resolves when the first snapshot of this login is complete; rejects when the login ends before. */
  whenSynced(): Promise<void>

  conversation(id: ConversationId): Conversation | undefined
  /** All visible conversations, in no order. */
  conversations(): readonly Conversation[]
  /** Fetches a conversation the store may not know (the peer's profile included) and keeps it. */
  fetchConversation(id: ConversationId): Promise<Conversation>
  /** A new clientMsgId: `<seconds of server time>-<random below 2^32>`, never twice from this instance. */
  newClientMsgId(): string

  /** Keeps the message until it has a definite answer, across reconnects, within its deadline (15 s of no answer: TIMEOUT). Sends of one conversation keep their order. */
  send(draft: Draft): Promise<Sent>
  sendVolatile(draft: Draft): Promise<{ readonly sentAtMs: number }>
  history(
    conversationId: ConversationId,
    query: {
      readonly direction: 'older' | 'newer'
      readonly from?: { readonly seq: Seq } | { readonly atMs: number }
      readonly limit: number
    },
  ): Promise<HistoryPage>
  revoke(conversationId: ConversationId, seq: Seq, reason?: string): Promise<void>
  deleteMessages(conversationId: ConversationId, seqs: readonly Seq[]): Promise<void>
  /** Reads up to the newest message known. Local, silent and without a request when nothing is unread. */
  read(conversationId: ConversationId): Promise<void>
  /** Changes a message; rejects MODIFY_CONFLICT when it is no longer in this version. The change is told as 'modified'. */
  modify(request: RequestOf<'message.modify'>): Promise<ReplyOf<'message.modify'>>
  /** Asks the server; waits for a session and is sent again after a loss, like everything. For what the store need not know of. */
  ask<Name extends AskedCommand>(command: Name, body: RequestOf<Name>): Promise<ReplyOf<Name>>
  /**
   * Uploads a file for a message of this conversation. Rejects FILE_TOO_LARGE, QUOTA_EXCEEDED, BAD_FILE_TYPE … or with what
   * the uploader rejects with. The conversation need not have begun.
   */
  upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    options: { readonly onProgress?: (part: number) => void; readonly uploader?: ForeignUploader },
  ): Promise<StoredFile>
  /** Where a file can be fetched for some time from now; for pictures also its smaller copies. Empty before the first login. */
  mediaUrl(fileId: string, variant?: 'small' | 'large'): string
  /** The content of a small text file (a merged list). */
  fetchText(fileId: string): Promise<string>
  pin(conversationId: ConversationId, pinned: boolean): Promise<void>
  hide(conversationIds: readonly ConversationId[], options: { readonly clears: boolean }): Promise<void>
  clear(conversationId: ConversationId): Promise<void>
  profiles(userIds: readonly UserId[]): Promise<readonly UserProfile[]>
  /** SHA-256-free digest input: the canonical JSON of what the store believes, for the convergence check (promise I4). */
  stateDigest(): string
}

/** What a platform lends the client. Nothing in core or tim touches a global of a browser, of WeChat or of Node. */
export interface Platform {
  /** Class of device told to the server. */
  readonly device: 'web' | 'wx' | 'node'
  readonly clock: {
    now(): number
    monotonicMs(): number
    after(delayMs: number, run: () => void): () => void
  }
  /** Uniform in [0, 1). */
  random(): number
  readonly transport: Transport
  /** Calls `wake` when the device came back to the foreground or the network changed or came back. Returns the unsubscribe function. */
  onWake(wake: () => void): () => void
  /** Uploads; rejects with an Error when the answer is not 200. Absent where the platform cannot. */
  readonly upload?: (request: UploadRequest) => Promise<void>
  /** Fetches a text; rejects with an Error when the answer is not 200. */
  readonly fetchText?: (url: string) => Promise<string>
  readonly media?: MediaInspector
  /** The origin the page was loaded from, when there is one: the default endpoint. */
  readonly origin?: string
}

/** One socket at a time is dialled by one client; text frames only. */
export interface Transport {
  /** Starts dialling. Events come asynchronously, `onClose` exactly once and last. */
  dial(url: string, events: SocketEvents): Socket
}

export interface SocketEvents {
  onOpen(): void
  onText(text: string): void
  /** `code` is the close code, 1006 when there was none. */
  onClose(code: number, reason: string): void
}

export interface Socket {
  /** Hands the text over, or drops it when the socket is not open (onClose follows or has been). Never throws. */
  send(text: string): void
  /** Ends the socket; onClose follows, at the latest after a second even if the network is dead. Never throws. */
  close(code: number, reason: string): void
}
