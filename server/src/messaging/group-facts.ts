import type { ErrorName, GroupType, UserId } from '@hongyan/protocol'
import { GROUP_TYPES } from '../groups/group-types.ts'
import type { AppendRequest } from './append-request.ts'

/** A sender's place in the group he speaks in. */
export interface SpeakerRow {
  readonly timelineKey: number
  readonly accountKey: number
  readonly role: number
  readonly mutedUntilMs: number
  readonly nameCard: string
  readonly type: GroupType
  readonly isMuted: boolean
}

/** A member that a message is for. */
export interface ReceiverRow {
  readonly timelineKey: number
  readonly userId: UserId
  readonly accountKey: number
}

/** What a batch knows of the groups in it, read under their locks. */
export class GroupFacts {
  readonly #speakers: ReadonlyMap<string, SpeakerRow>
  readonly #receivers: ReadonlyMap<string, number>

  constructor(speakers: readonly SpeakerRow[], receivers: readonly ReceiverRow[]) {
    this.#speakers = new Map(speakers.map((row) => [`${row.timelineKey} ${row.accountKey}`, row]))
    this.#receivers = new Map(receivers.map((row) => [`${row.timelineKey} ${row.userId}`, row.accountKey]))
  }

  /** Why the sender may not say this here; undefined when he may. */
  refusalOf(request: AppendRequest, nowMs: number): ErrorName | undefined {
    const speaker = this.#speakerOf(request)
    if (!speaker) return 'NOT_A_MEMBER'
    const refusal = refusalOfSpeaker(speaker, nowMs)
    if (refusal) return refusal
    if (request.draft.receiverIds && (this.receiversOf(request)?.length ?? 0) === 0) return 'NOT_A_RECEIVER'
    return undefined
  }

  /** Those of the named receivers who are members; undefined for a message to everybody. */
  receiversOf({ timelineKey, draft }: AppendRequest): readonly number[] | undefined {
    return draft.receiverIds?.flatMap((userId) => this.#receivers.get(`${timelineKey} ${userId}`) ?? [])
  }

  /** The same by their names. */
  receiverIdsOf({ timelineKey, draft }: AppendRequest): readonly UserId[] | undefined {
    return draft.receiverIds?.filter((userId) => this.#receivers.has(`${timelineKey} ${userId}`))
  }

  /** The sender's name in the group; empty where he has none of his own. */
  cardOf(request: AppendRequest): string {
    return this.#speakerOf(request)?.nameCard ?? ''
  }

  /** The message with the sender's name in the group. */
  bodyOf(request: AppendRequest): string {
    const nameCard = this.cardOf(request)
    const { bodyJson } = request.draft
    return nameCard === '' ? bodyJson : `${bodyJson.slice(0, -1)},"senderCard":${JSON.stringify(nameCard)}}`
  }

  #speakerOf({ timelineKey, senderKey }: AppendRequest): SpeakerRow | undefined {
    return this.#speakers.get(`${timelineKey} ${senderKey}`)
  }
}

/** Why a member may not speak; undefined when he may. Owner and admins may while all others may not. */
export function refusalOfSpeaker(speaker: SpeakerRow, nowMs: number): ErrorName | undefined {
  if (!GROUP_TYPES[speaker.type].isStored) return 'NOT_FOR_THIS_GROUP'
  const isLeader = speaker.role < 2
  if (speaker.mutedUntilMs > nowMs || (speaker.isMuted && !isLeader)) return 'MUTED'
  return undefined
}
