import { Refused, type EntryOf, type ReplyOf, type RequestOf } from '@hongyan/protocol'
import { readAccess, readAnnotated, type AnnotatedMessage } from '../annotations/access-reader.ts'
import { aboutMessage, lockMessage, type LockedConversation } from '../annotations/locked-message.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { readExtensions } from './extension-reader.ts'
import { assertFits, changedExtensions } from './extension-rules.ts'
import { deleteExtensions, upsertExtensions } from './extension-writer.ts'

type Opened = LockedConversation & { readonly message: AnnotatedMessage }
type Changed = Pick<EntryOf<'extensions'>, 'set' | 'deleted'>

/** Small data that anybody in a conversation may put on a message that allows it. A revoked message has none. */
export class ExtensionsService {
  readonly #db: Db
  readonly #announcer: Announcer

  constructor(deps: { readonly db: Db; readonly announcer: Announcer }) {
    this.#db = deps.db
    this.#announcer = deps.announcer
  }

  /** Sets these; the last writer of a key wins. What is the same already is told to nobody. */
  async set(actor: Actor, request: RequestOf<'extension.set'>): Promise<void> {
    const wanted = new Map(request.extensions.map(({ key, value }) => [key, value]))
    assertFits(wanted)
    await this.#change(actor, request, async (tx, { access, message }) => {
      const { timelineKey } = access
      const changed = changedExtensions(await readExtensions(tx, timelineKey, message.seq), wanted)
      if (changed.size > 0) await upsertExtensions(tx, timelineKey, message.seq, changed)
      return { set: [...changed].map(([key, value]) => ({ key, value })), deleted: [] }
    })
  }

  /** Deletes these, or all; the keys that were there. Refuses NO_SUCH_EXTENSION when none of them is. */
  async delete(actor: Actor, request: RequestOf<'extension.delete'>): Promise<readonly string[]> {
    // The try before may have been committed, and the word of it lost: these are gone by its doing.
    let gone: readonly string[] = []
    const { deleted } = await this.#change(actor, request, async (tx, { access, message }) => {
      const { timelineKey } = access
      const there = [...(await readExtensions(tx, timelineKey, message.seq)).keys()]
      const keys = request.keys.length === 0 ? there : there.filter((key) => request.keys.includes(key))
      if (keys.length === 0 && gone.length > 0) return { set: [], deleted: [] }
      if (keys.length === 0) throw new Refused('NO_SUCH_EXTENSION')
      await deleteExtensions(tx, timelineKey, message.seq, keys)
      gone = keys
      return { set: [], deleted: keys }
    })
    return deleted.length > 0 ? deleted : gone
  }

  async list(actor: Actor, request: RequestOf<'extension.list'>): Promise<ReplyOf<'extension.list'>> {
    const access = await readAccess(this.#db, request.conversationId, actor.accountKey)
    if (!access) throw new Refused('NOT_A_MEMBER')
    const message = await readAnnotated(this.#db, access, actor.accountKey, request.seq)
    if (!message) throw new Refused('NO_SUCH_MESSAGE')
    if (message.isRevoked) return { extensions: [] }
    const found = await readExtensions(this.#db, access.timelineKey, request.seq)
    return { extensions: [...found].map(([key, value]) => ({ key, value })) }
  }

  async #change(
    actor: Actor,
    request: RequestOf<'extension.list'>,
    change: (tx: Tx, opened: Opened) => Promise<Changed>,
  ): Promise<Changed> {
    const { changed, appended } = await this.#db.transaction(
      async (tx): Promise<{ readonly changed: Changed; readonly appended: readonly AppendedEntry[] }> => {
        const opened = await lockMessage(tx, actor, request.conversationId, request.seq)
        if (!opened.message.isExtensible) throw new Refused('NOT_EXTENSIBLE')
        const changed = await change(tx, opened)
        if (changed.set.length === 0 && changed.deleted.length === 0) return { changed, appended: [] }
        const entry = { kind: 'extensions', ...aboutMessage(opened.message), ...changed } as const
        return { changed, appended: await appendEntries(tx, [{ timeline: opened.timeline, entry }]) }
      },
      { retry: true },
    )
    this.#announcer.announceAll(appended)
    return changed
  }
}
