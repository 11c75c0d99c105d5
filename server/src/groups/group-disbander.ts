import type { ConversationId } from '@hongyan/protocol'
import type { ConversationDirectory } from '../conversations/conversation-directory.ts'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { Loop } from '../kit/loop.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { disbandSome } from './disbanding.ts'
import { readDisbanding } from './group-reader.ts'

export interface DisbanderDeps {
  readonly db: Db
  readonly directory: ConversationDirectory
  readonly announcer: Announcer
  readonly clock: Clock
  readonly logger: Logger
}

/** So few that one transaction stays short; a class is done at once. */
const MEMBERS_AT_ONCE = 200
const GROUPS_PER_TURN = 20
const EVERY_MS = 2_000

/**
 * Takes dismissed groups apart: ends their memberships and tells everybody, some members per transaction. What a node that
 * went down has left is taken up by the loop of any other.
 */
export class GroupDisbander {
  readonly #deps: DisbanderDeps
  readonly #loop: Loop

  constructor(deps: DisbanderDeps) {
    this.#deps = deps
    this.#loop = new Loop({
      name: 'dismissed groups',
      everyMs: EVERY_MS,
      clock: deps.clock,
      log: deps.logger,
      turn: () => this.#turn(),
    })
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  /** Ends the memberships of the first members, or of all where they are few. */
  async disband(conversationId: ConversationId): Promise<void> {
    const place = await this.#deps.directory.find(conversationId)
    if (!place) return
    const appended = await this.#deps.db.transaction(
      (tx: Tx) => disbandSome(tx, place, MEMBERS_AT_ONCE, this.#deps.clock.now()),
      { retry: true },
    )
    this.#deps.announcer.announceAll(appended)
  }

  async #turn(): Promise<void> {
    for (const { conversationId } of await readDisbanding(this.#deps.db, GROUPS_PER_TURN)) {
      await this.disband(conversationId)
    }
  }
}
