import {
  conversationOfTimeline,
  conversationTimeline,
  Refused,
  userTimeline,
  type ConversationId,
  type Remind,
} from '@hongyan/protocol'
import type { Db, Tx } from '../db/db.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { setReminds } from './remind-writer.ts'

/** What a user wants to hear of his conversations. */
export class RemindService {
  readonly #db: Db
  readonly #announcer: Announcer

  constructor(deps: { readonly db: Db; readonly announcer: Announcer }) {
    this.#db = deps.db
    this.#announcer = deps.announcer
  }

  /** Those of these conversations that the user is in, all of which are set so now; his devices hear of those that were not. */
  async remind(
    actor: Actor,
    conversationIds: readonly ConversationId[],
    remind: Remind,
  ): Promise<readonly ConversationId[]> {
    const { mine, appended } = await this.#db.transaction((tx) => set(tx, actor, conversationIds, remind), {
      retry: true,
    })
    this.#announcer.announceAll(appended)
    return mine
  }
}

async function set(
  tx: Tx,
  actor: Actor,
  conversationIds: readonly ConversationId[],
  remind: Remind,
): Promise<{ readonly mine: readonly ConversationId[]; readonly appended: readonly AppendedEntry[] }> {
  const ownId = userTimeline(actor.userId)
  const [, locked] = await Promise.all([
    holdLogin(tx, actor),
    lockTimelines(tx, [ownId, ...conversationIds.map(conversationTimeline)]),
  ])
  const own = locked.get(ownId)
  if (!own) throw new Refused('NO_SUCH_USER')
  const timelineKeys = [...locked.values()].map(({ key }) => key)
  const rows = await setReminds(tx, actor.accountKey, timelineKeys, remind)
  const idsOf = (some: typeof rows): ConversationId[] =>
    some.flatMap(({ timeline }) => conversationOfTimeline(timeline) ?? [])
  const changed = idsOf(rows.filter(({ isChanged }) => isChanged))
  if (changed.length === 0) return { mine: idsOf(rows), appended: [] }
  const entry = { kind: 'remind', conversationIds: changed, remind } as const
  return { mine: idsOf(rows), appended: await appendEntries(tx, [{ timeline: own, entry }]) }
}
