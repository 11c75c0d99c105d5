import {
  Refused,
  type ConversationId,
  type Entry,
  type ReplyOf,
  type RequestOf,
  type Seq,
  type UserId,
} from '@hongyan/protocol'
import {
  assertNotForeign,
  type ConversationDirectory,
  type ConversationPlace,
} from '../conversations/conversation-directory.ts'
import { readMarks } from '../conversations/member-reader.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { FLAG, type MessageRow } from '../timelines/message-row.ts'
import { appendEntries, lockTimelines, type AppendedEntry, type LockedTimeline } from '../timelines/timeline-writer.ts'
import { prepareContent } from './draft.ts'
import { FileFacts } from './file-facts.ts'
import { deleteFileUses, insertFileUses, readShowable } from './file-use.ts'
import { readMessage } from './message-reader.ts'
import { assertMayModify, assertMayRevoke, type GroupScene } from './message-rules.ts'
import { replaceContent, wipeChanges, wipeMessage } from './message-writer.ts'
import { readSpeakers } from './speaker-reader.ts'

export interface CorrectionsDeps {
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly announcer: Announcer
  readonly clock: Clock
  readonly revokeWindowMs: number
}

/** A message under the lock of its conversation, and who wants to do something to it. */
interface Scene {
  readonly tx: Tx
  readonly timeline: LockedTimeline
  readonly row: MessageRow
  readonly group: GroupScene | undefined
}

/** Takes messages back, and changes what they say. One outcome for everybody: both happen under the conversation's lock. */
export class CorrectionsService {
  readonly #deps: CorrectionsDeps

  constructor(deps: CorrectionsDeps) {
    this.#deps = deps
  }

  /** Takes a message back for everybody; its content is wiped, and its files cannot be opened any more. Again is the same. */
  revoke(actor: Actor, request: RequestOf<'message.revoke'>): Promise<ReplyOf<'message.revoke'>> {
    return this.#correct(actor, request, async ({ tx, timeline, row, group }) => {
      if (row.revokedAtMs !== null) return { reply: { atMs: row.revokedAtMs }, appended: [] }
      const atMs = this.#deps.clock.now()
      const { reason } = request
      assertMayRevoke(row, actor.accountKey, group, { nowMs: atMs, windowMs: this.#deps.revokeWindowMs })
      await Promise.all([
        wipeMessage(tx, { timelineKey: timeline.key, seq: row.seq }, { byKey: actor.accountKey, atMs, reason }),
        deleteFileUses(tx, timeline.key, row.seq),
        row.version === 0
          ? undefined
          : wipeChanges(tx, { timelineKey: timeline.key, seq: row.seq, offset: row.offset }),
      ])
      const entry = revokedEntry(row, { by: actor.userId, atMs, reason })
      return { reply: { atMs }, appended: await appendEntries(tx, [{ timeline, entry }]) }
    })
  }

  /** Changes what a message says. Refuses MODIFY_CONFLICT when it is not in the version named, MESSAGE_REVOKED (promise I6). */
  modify(actor: Actor, request: RequestOf<'message.modify'>): Promise<ReplyOf<'message.modify'>> {
    const content = prepareContent(request)
    return this.#correct(actor, request, async ({ tx, timeline, row, group }) => {
      if (row.revokedAtMs !== null) throw new Refused('MESSAGE_REVOKED')
      assertMayModify(row, actor.accountKey, group)
      if (row.version !== request.version) throw new Refused('MODIFY_CONFLICT')
      const { fileIds } = content
      const wanted = fileIds.map((fileId) => ({ accountKey: actor.accountKey, fileId }))
      const refusal = new FileFacts(await readShowable(tx, wanted)).refusalOf(actor.accountKey, content)
      if (refusal) throw new Refused(refusal)
      const place = { timelineKey: timeline.key, seq: row.seq }
      // In this order, as everything on one connection.
      await Promise.all([
        replaceContent(tx, place, { version: row.version + 1, contentJson: content.json }),
        deleteFileUses(tx, timeline.key, row.seq),
        insertFileUses(
          tx,
          fileIds.map((fileId) => ({ fileId, ...place })),
        ),
      ])
      const atMs = this.#deps.clock.now()
      const { elements, customData } = request
      const entry: Entry = {
        kind: 'modified',
        seq: row.seq,
        version: row.version + 1,
        elements,
        ...(customData === undefined ? {} : { customData }),
        by: actor.userId,
        atMs,
        senderId: row.senderId,
        ...receiversOf(row),
      }
      return { reply: { version: entry.version, atMs }, appended: await appendEntries(tx, [{ timeline, entry }]) }
    })
  }

  async #correct<Reply>(
    actor: Actor,
    request: { readonly conversationId: ConversationId; readonly seq: Seq },
    correct: (scene: Scene) => Promise<{ readonly reply: Reply; readonly appended: readonly AppendedEntry[] }>,
  ): Promise<Reply> {
    assertNotForeign(request.conversationId, actor.userId)
    const place = await this.#deps.directory.mustFind(request.conversationId)
    const { reply, appended } = await this.#deps.db.transaction(
      async (tx) => correct(await sceneOf(tx, actor, place, request.seq)),
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
    return reply
  }
}

/** Refuses NOT_A_MEMBER, and NO_SUCH_MESSAGE also for what the actor may not see. */
async function sceneOf(tx: Tx, actor: Actor, place: ConversationPlace, seq: Seq): Promise<Scene> {
  const [, locked, marks] = await Promise.all([
    holdLogin(tx, actor),
    lockTimelines(tx, [place.timeline]),
    readMarks(tx, place.timelineKey, actor.accountKey),
  ])
  if (!marks) throw new Refused('NOT_A_MEMBER')
  const timeline = locked.get(place.timeline)
  const row = timeline && (await readMessage(tx, timeline.key, seq))
  if (!timeline || !row || !isForHim(row, actor)) throw new Refused('NO_SUCH_MESSAGE')
  if (place.type !== 'group') return { tx, timeline, row, group: undefined }
  const { timelineKey } = place
  const speakers = await readSpeakers(tx, [
    { timelineKey, accountKey: actor.accountKey },
    { timelineKey, accountKey: row.senderKey },
  ])
  const placeOf = (accountKey: number): GroupScene['self'] =>
    speakers.find((speaker) => speaker.accountKey === accountKey)
  return { tx, timeline, row, group: { self: placeOf(actor.accountKey), sender: placeOf(row.senderKey) } }
}

function isForHim({ body, senderKey }: MessageRow, actor: Actor): boolean {
  return body.receiverIds === undefined || senderKey === actor.accountKey || body.receiverIds.includes(actor.userId)
}

/** An entry about a message that is for some is for the same. */
function receiversOf({ body }: MessageRow): { readonly receiverIds?: UserId[] } {
  return body.receiverIds === undefined ? {} : { receiverIds: body.receiverIds }
}

function revokedEntry(
  row: MessageRow,
  revocation: { readonly by: UserId; readonly atMs: number; readonly reason: string | undefined },
): Entry {
  const { by, atMs, reason } = revocation
  return {
    kind: 'revoked',
    seq: row.seq,
    senderId: row.senderId,
    counted: (row.flags & FLAG.UNCOUNTED) === 0,
    revocation: { by, atMs, ...(reason === undefined ? {} : { reason }) },
    ...receiversOf(row),
  }
}
