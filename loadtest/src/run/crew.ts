import { conversationTimeline, type UserId } from '@hongyan/protocol'
import { emptyBooks, type Books } from '../ledger/books.ts'
import { Budget, ConversationLog } from '../ledger/conversation-log.ts'
import { Meter } from '../measure/meter.ts'
import { conversationIdOf, groupIdOf, type Conversation } from '../people/conversation.ts'
import { Deeds } from '../people/deeds.ts'
import { Place } from '../people/following.ts'
import { Person } from '../people/person.ts'
import { seededRandom } from '../plan/random.ts'
import { buildSchool, type PlannedConversation, type School } from '../plan/school.ts'
import { numberOf, senderOf } from '../wire/mark.ts'
import { MediaClient } from '../wire/media-client.ts'
import { PushReader } from '../wire/push-frame.ts'
import { signUserSig } from '../wire/user-sig.ts'
import { addressOf, originOf } from './addresses.ts'
import type { Orders, Told } from './orders.ts'
import { Timers, wallClock, type Clock } from './timers.ts'

/** Of all logs of a process together: some 80 MB at the most. */
const LOG_PARTS = 64_000
const SIGNATURE_LIFETIME_S = 86_400

/** The clients of one process, and what they have in common. */
export class Crew {
  readonly orders: Orders
  readonly school: School
  readonly books: Books = emptyBooks()
  readonly meter = new Meter()
  readonly timers = new Timers()
  readonly clock: Clock = wallClock
  readonly deeds: Deeds
  /** This process' part of all clients, by their numbers. */
  readonly people = new Map<number, Person>()
  readonly media: MediaClient
  /** Receipts that were sent, by conversation and message. */
  readonly receipts = new Map<string, number>()
  /** Messages of clients of this process that asked for receipts. */
  readonly notices: { readonly conversation: number; readonly seq: number; readonly author: number }[] = []
  #told: Told[] = []
  readonly #part: readonly [number, number]
  readonly #conversations = new Map<number, Conversation>()
  readonly #byTimeline = new Map<string, Conversation>()
  readonly #budget = new Budget(LOG_PARTS)
  readonly #signatures = new Map<string, string>()

  constructor(orders: Orders, part: number) {
    this.orders = orders
    this.school = buildSchool(orders.scenario, orders.seed)
    this.media = new MediaClient((client) => originOf(orders, client))
    this.deeds = this.#makeDeeds()
    for (const { userId, userSig } of orders.users ?? []) if (userSig !== '') this.#signatures.set(userId, userSig)
    const { clients } = this.school
    this.#part = partOf(clients, orders.processes, part)
    const [from, to] = this.#part
    const reader = new PushReader(orders.run)
    for (let index = from; index < to; index++) this.people.set(index, this.#makePerson(index, reader))
  }

  userIdOf(client: number): UserId {
    return userIdOf(this.orders, client)
  }

  /** Conversations of which at least one member is here. */
  get conversations(): Iterable<Conversation> {
    return this.#conversations.values()
  }

  /** What other processes have to hear of, since this was asked last. */
  takeTold(): readonly Told[] {
    const told = this.#told
    this.#told = []
    return told
  }

  /** Another process was told of messages in conversations that are shared. */
  hear(told: readonly Told[]): void {
    for (const { conversation, offset, identity } of told) {
      const known = this.#conversations.get(conversation)
      if (!known) continue
      if (offset > 0) known.log.tell(offset, identity)
      else known.said.set(senderOf(identity), numberOf(identity))
    }
  }

  #makeDeeds(): Deeds {
    const { clock, timers, meter, books, media } = this
    return new Deeds({
      ...{ clock, timers, meter, books, media },
      run: this.orders.run,
      conversationAt: (index) => this.#conversations.get(index),
      share: (conversation, offset, identity) => this.#told.push({ conversation, offset, identity }),
      onReceipt: (conversation, seq) => {
        const key = `${conversation} ${seq}`
        this.receipts.set(key, (this.receipts.get(key) ?? 0) + 1)
      },
      onNotice: (conversation, seq, author) => this.notices.push({ conversation, seq, author }),
    })
  }

  #makePerson(index: number, reader: PushReader): Person {
    const { clock, timers, meter, books, orders } = this
    const places = (this.school.ofClient[index] ?? []).map((planned) => new Place(this.#conversation(planned)))
    return new Person(index, this.userIdOf(index), places, {
      ...{ clock, timers, meter, books, reader },
      random: seededRandom(orders.seed, `client ${index}`),
      sdkAppId: orders.sdkAppId,
      run: orders.run,
      addressOf: (client, attempt) => addressOf(orders, client, attempt),
      sign: (userId) => this.#sign(userId),
      find: (timeline) => this.#byTimeline.get(timeline),
      onReady: (person) => this.#enterRooms(person),
      onAwaited: (person, place) => this.deeds.read(person, place, this.clock()),
    })
  }

  /** After a lost connection the client joins its rooms again. */
  #enterRooms(person: Person): void {
    for (const place of person.following.places) if (place.wantsRoom) this.deeds.join(person, place, this.clock())
  }

  #conversation(planned: PlannedConversation): Conversation {
    const known = this.#conversations.get(planned.index)
    if (known) return known
    const conversationId = conversationIdOf(this.orders.run, planned, (client) => this.userIdOf(client))
    const [from, to] = this.#part
    const here = planned.members.filter((member) => member >= from && member < to).length
    const made: Conversation = {
      planned,
      conversationId,
      timeline: conversationTimeline(conversationId),
      groupId: planned.kind === 'pair' ? undefined : groupIdOf(this.orders.run, planned),
      log: new ConversationLog(this.books, this.#budget, here),
      isShared: here < planned.members.length,
      file: undefined,
      said: new Map(),
    }
    this.#conversations.set(planned.index, made)
    this.#byTimeline.set(made.timeline, made)
    return made
  }

  #sign(userId: UserId): string {
    const known = this.#signatures.get(userId)
    if (known !== undefined) return known
    const { secret, sdkAppId } = this.orders
    if (secret === undefined) throw new Error(`there is no signature for ${userId}, and no SECRETKEY to make one with`)
    const made = signUserSig(secret, { userId, sdkAppId, issuedAtMs: this.clock(), lifetimeS: SIGNATURE_LIFETIME_S })
    this.#signatures.set(userId, made)
    return made
  }
}

/** The name of a client: of the users that were given, or made up. */
export function userIdOf({ users, run }: Pick<Orders, 'users' | 'run'>, client: number): UserId {
  return (users?.[client]?.userId ?? `lt-${run}-${client}`) as UserId
}

/** Which clients a process has: neighbours, so that most conversations lie within one. */
export function partOf(clients: number, processes: number, part: number): readonly [number, number] {
  return [Math.floor((clients * part) / processes), Math.floor((clients * (part + 1)) / processes)]
}
