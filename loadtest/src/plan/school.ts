import type { ConversationSet, Range, Scenario } from './scenario.ts'
import { seededRandom, type Random } from './random.ts'

/** A conversation of the run. The first of its members is its owner and teacher. */
export interface PlannedConversation {
  readonly index: number
  /** The name of its set in the scenario. */
  readonly set: string
  readonly kind: 'pair' | 'group' | 'room'
  readonly groupType: 'work' | 'public' | 'meeting' | 'live' | undefined
  /** Messages that are there before anybody comes. */
  readonly seeded: number
  /** Clients, by their numbers. */
  readonly members: readonly number[]
}

/** Who is in which conversations. */
export interface School {
  readonly clients: number
  readonly conversations: readonly PlannedConversation[]
  readonly bySet: ReadonlyMap<string, readonly PlannedConversation[]>
  /** For each client the conversations he is in. */
  readonly ofClient: readonly (readonly PlannedConversation[])[]
}

/** Divides the clients among the conversations of each set; the same for the same seed. */
export function buildSchool(scenario: Pick<Scenario, 'clients' | 'conversations'>, seed: number): School {
  const { clients } = scenario
  const conversations: PlannedConversation[] = []
  const bySet = new Map<string, PlannedConversation[]>()
  const ofClient: PlannedConversation[][] = Array.from({ length: clients }, () => [])
  for (const [name, set] of Object.entries(scenario.conversations)) {
    const random = seededRandom(seed, `sizes of ${name}`)
    const planned = divide(clients, set, random).map(([from, size], index) => ({
      index: conversations.length + index,
      set: name,
      kind: KIND_OF[set.kind],
      groupType: set.kind === 'groups' ? set.type : set.kind === 'rooms' ? ('live' as const) : undefined,
      seeded: set.kind === 'groups' ? (set.seeded ?? 0) : 0,
      members: Array.from({ length: size }, (_, place) => from + place),
    }))
    conversations.push(...planned)
    bySet.set(name, planned)
    for (const conversation of planned) for (const member of conversation.members) ofClient[member]?.push(conversation)
  }
  return { clients, conversations, bySet, ofClient }
}

const KIND_OF = { pairs: 'pair', groups: 'group', rooms: 'room' } as const

/** Neighbours are together, so that most conversations lie within one process: from which client on, and how many. */
function divide(clients: number, set: ConversationSet, random: Random): readonly (readonly [number, number])[] {
  const sizes: Range = set.kind === 'pairs' ? [2, 2] : set.sizes
  const parts: (readonly [number, number])[] = []
  for (let from = 0; from < clients;) {
    const left = clients - from
    const size = Math.min(left, sizeOf(sizes, random))
    // Nobody is alone in a conversation: a last one joins those before him, or stays out of it when they are two.
    const last = parts.at(-1)
    if (size >= 2) parts.push([from, size])
    else if (last && set.kind !== 'pairs') parts[parts.length - 1] = [last[0], last[1] + size]
    from += size
  }
  return parts
}

/** As many small classes as large ones, by their order of magnitude. */
function sizeOf([least, most]: Range, random: Random): number {
  return Math.round(least * (most / least) ** random())
}
