import type { TimPerson } from './person.ts'

/** Who has reacted to a message in one way. */
export interface Reaction {
  reactionID: string
  totalUserCount: number
  partialUserList: TimPerson[]
  reactedByMyself: boolean
}
