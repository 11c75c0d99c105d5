import type { GroupId, UserId } from '@hongyan/protocol'
import type { Claim, Rates } from './rates.ts'

/** How much is said in a group, by all and by each of its members. */
export class GroupSends {
  readonly #rates: Rates

  constructor(rates: Rates) {
    this.#rates = rates
  }

  /** Refuses TOO_MANY_MESSAGES. */
  take(groupId: GroupId, userId: UserId): void {
    // Neither id has a space in it.
    this.#rates.take({ limit: "a user's sends to a group", key: `${groupId} ${userId}` }, claimOf(groupId))
  }

  /**
   * It was not said after all: who may not speak in a group takes nothing from those who may. His own part stays taken, so
   * that he holds what is theirs but rarely, while it is being decided.
   */
  giveBack(groupId: GroupId): void {
    this.#rates.giveBack(claimOf(groupId))
  }
}

function claimOf(groupId: GroupId): Claim {
  return { limit: 'sends to a group', key: groupId }
}
