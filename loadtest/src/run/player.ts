import { LIMITS, type CommandName } from '@hongyan/protocol'
import type { Conversation } from '../people/conversation.ts'
import type { Outcome } from '../people/errand.ts'
import type { Person } from '../people/person.ts'
import { planOf, type Act } from '../plan/plan.ts'
import { Crew } from './crew.ts'
import type { FromPlayer, Result, ToPlayer } from './orders.ts'
import { rssOf } from './own-server.ts'

const TICK_MS = 2
const LOOK_MS = 50
const SECOND_MS = 1000
/** Owners that found their groups at the same time. */
const FOUNDING_AT_ONCE = 50
/** How much longer than the ramp all may take to come. */
const GATHER_EXTRA_MS = 120_000
/** In the end it is quiet for so long before the books are closed: what comes twice comes a little later. */
const QUIET_MS = 500

type Phase = 'idle' | 'gathering' | 'playing' | 'finishing' | 'balancing'

/**
 * One process of a run. It is led by the conductor's messages and tells what it sees; everything it does beside that
 * happens in one loop, so that nothing waits on a timer of its own.
 */
export class Player {
  readonly #emit: (message: FromPlayer) => void
  readonly #beforeBytes = rssOf(process.pid)
  #crew: Crew | undefined
  #phase: Phase = 'idle'
  #acts: Iterator<Act, void> | undefined
  #next: Act | undefined
  #startMs = 0
  #deadlineMs = 0
  #settledSinceMs = 0
  #idleBytes = 0
  #mostBytes = 0
  #nextLookMs = 0
  #nextSecondMs = 0
  #cpu = process.cpuUsage()
  #timer: NodeJS.Timeout | undefined

  constructor(emit: (message: FromPlayer) => void) {
    this.#emit = emit
  }

  /** Never throws: what goes wrong is told. */
  take(message: ToPlayer): void {
    this.#obey(message).catch((err: unknown) => {
      this.#emit({ kind: 'failed', reason: err instanceof Error ? (err.stack ?? err.message) : String(err) })
    })
  }

  async #obey(message: ToPlayer): Promise<void> {
    switch (message.kind) {
      case 'prepare':
        this.#crew = new Crew(message.orders, message.part)
        this.#tick()
        await this.#found(this.#crew)
        return this.#emit({ kind: 'prepared' })
      case 'gather':
        return this.#gather(message.startMs)
      case 'play':
        return this.#play(message.startMs)
      case 'told':
        return this.#crew?.hear(message.told)
      case 'finish':
        return this.#finish(message.untilMs)
      case 'balance':
        this.#deadlineMs = message.untilMs
        this.#settledSinceMs = 0
        this.#phase = 'balancing'
        return
      case 'leave':
        return this.#leave()
    }
  }

  /** Founds the groups whose first member is here, as their owners would. */
  async #found(crew: Crew): Promise<void> {
    const groups = [...crew.conversations].filter(({ planned }) => {
      return planned.kind !== 'pair' && crew.people.has(planned.members[0] ?? -1)
    })
    let next = 0
    const lane = async (): Promise<void> => {
      for (let group = groups[next++]; group; group = groups[next++]) await foundGroup(crew, group)
    }
    await Promise.all(Array.from({ length: FOUNDING_AT_ONCE }, lane))
  }

  #gather(startMs: number): void {
    const { timers, people, orders } = this.#required()
    const { rampSeconds, clients } = orders.scenario
    for (const [index, person] of people) {
      const dueMs = startMs + (rampSeconds * 1000 * index) / clients
      timers.at(dueMs, () => person.come(dueMs))
    }
    this.#deadlineMs = startMs + rampSeconds * 1000 + GATHER_EXTRA_MS
    this.#phase = 'gathering'
  }

  #play(startMs: number): void {
    const { orders, school } = this.#required()
    this.#idleBytes = rssOf(process.pid)
    this.#startMs = startMs
    this.#acts = planOf(orders.scenario, school, orders.seed)
    this.#next = this.#nextAct()
    this.#phase = 'playing'
  }

  #finish(untilMs: number): void {
    const { people, clock, deeds } = this.#required()
    deeds.stop()
    this.#acts = undefined
    this.#next = undefined
    this.#deadlineMs = untilMs
    // Who was away comes back: what was said meanwhile is owed to him, too.
    for (const person of people.values()) person.come(clock())
    this.#phase = 'finishing'
  }

  #leave(): void {
    clearTimeout(this.#timer)
    for (const person of this.#crew?.people.values() ?? []) person.leave()
    this.#crew?.media.close()
    this.#crew = undefined
  }

  #tick(): void {
    const crew = this.#crew
    if (!crew) return
    const nowMs = crew.clock()
    crew.timers.runDue(nowMs)
    if (this.#phase === 'playing') this.#actUpTo(crew, nowMs)
    if (nowMs >= this.#nextLookMs) {
      this.#nextLookMs = nowMs + LOOK_MS
      this.#look(crew, nowMs)
    }
    if (nowMs >= this.#nextSecondMs) {
      this.#nextSecondMs = nowMs + SECOND_MS
      for (const person of crew.people.values()) person.tend(nowMs)
      this.#tellSecond(crew)
    }
    this.#timer = setTimeout(() => this.#tick(), TICK_MS)
  }

  #actUpTo({ people, deeds, clock, meter }: Crew, nowMs: number): void {
    for (let act = this.#next; act && this.#startMs + act.atMs <= nowMs; act = this.#next) {
      const dueMs = this.#startMs + act.atMs
      const person = people.get(act.who)
      if (person) {
        meter.time('late', clock() - dueMs)
        deeds.do(person, act, dueMs)
      }
      this.#next = this.#nextAct()
    }
  }

  /** The next act of somebody here. */
  #nextAct(): Act | undefined {
    const people = this.#crew?.people
    for (let step = this.#acts?.next(); step && step.done !== true; step = this.#acts?.next()) {
      if (people?.has(step.value.who) === true) return step.value
    }
    return undefined
  }

  /** What each phase waits for. */
  #look(crew: Crew, nowMs: number): void {
    const told = crew.takeTold()
    if (told.length > 0) this.#emit({ kind: 'told', told })
    const isLate = nowMs > this.#deadlineMs
    if (this.#phase === 'gathering' && (isLate || areThere(crew))) {
      this.#phase = 'idle'
      this.#emit({ kind: 'gathered' })
    } else if (this.#phase === 'finishing' && (isLate || (areThere(crew) && openErrands(crew) === 0))) {
      this.#phase = 'idle'
      this.#emit({ kind: 'finished' })
    } else if (this.#phase === 'balancing') {
      if (!areThere(crew) || behind(crew) > 0) this.#settledSinceMs = nowMs
      else if (this.#settledSinceMs === 0) this.#settledSinceMs = nowMs
      if (!isLate && nowMs - this.#settledSinceMs < QUIET_MS) return
      this.#phase = 'idle'
      void this.#balance(crew)
    }
  }

  async #balance(crew: Crew): Promise<void> {
    const counted = await countReceipts(crew)
    const unsettled = { away: awayOf(crew), openErrands: openErrands(crew), behind: behind(crew) }
    let over = 0
    for (const person of crew.people.values()) {
      if (person.state === 'over') over++
      if (!person.isReady) continue
      for (const { conversation, track, room } of person.following.places) {
        if (conversation.planned.kind === 'room') room?.settle(conversation.said, crew.books)
        else crew.books.lost += conversation.log.toldAfter(track.cursor)
      }
    }
    const receipts = [...crew.receipts].map(([key, sent]) => {
      const [conversation = 0, seq = 0] = key.split(' ').map(Number)
      return { conversation, seq, sent }
    })
    const memory = { beforeBytes: this.#beforeBytes, idleBytes: this.#idleBytes, mostBytes: this.#mostBytes }
    const result: Result = {
      measures: crew.meter.all(),
      books: crew.books,
      clients: crew.people.size,
      ...{ receipts, counted, over, unsettled, memory },
    }
    this.#emit({ kind: 'balanced', result })
  }

  #tellSecond(crew: Crew): void {
    const used = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    const rssBytes = rssOf(process.pid)
    this.#mostBytes = Math.max(this.#mostBytes, rssBytes)
    let ready = 0
    for (const person of crew.people.values()) if (person.isReady) ready++
    this.#emit({
      kind: 'second',
      second: {
        ready,
        clients: crew.people.size,
        recent: crew.meter.takeRecent(),
        books: { ...crew.books },
        rssBytes,
        cpu: (used.user + used.system) / 1e6,
      },
    })
  }

  #required(): Crew {
    if (!this.#crew) throw new Error('not prepared')
    return this.#crew
  }
}

/** A request of a person's as a promise; rejects with the name of a refusal. */
function ask(
  person: Person,
  command: CommandName,
  body: object,
  dueMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: Outcome): void => {
      if (outcome.ok) resolve(outcome.body)
      else reject(new Error(`${command} of ${person.userId} was refused: ${outcome.name}`))
    }
    person.desk.ask({ command, body, dueMs, timed: undefined, isOnce: false, settle })
  })
}

/** The owner comes, founds his group with everybody in it, and says what is to be there beforehand. */
async function foundGroup(crew: Crew, conversation: Conversation): Promise<void> {
  const { planned, groupId } = conversation
  const [owner = 0, ...others] = planned.members
  const person = crew.people.get(owner)
  if (!person) return
  const nowMs = crew.clock()
  person.come(nowMs)
  const isLive = planned.groupType === 'live'
  const first = isLive ? [] : others.slice(0, LIMITS.initialMembers)
  const found = {
    requestId: `lt-${crew.orders.run}-${planned.index}`,
    groupId,
    type: planned.groupType,
    name: `${isLive ? '公开课' : '班级'} ${planned.set} ${planned.index + 1}`,
    ...(isLive ? {} : { members: first.map((member) => ({ userId: crew.userIdOf(member) })) }),
  }
  await ask(person, 'group.create', found, nowMs)
  if (isLive) return
  for (let at = first.length; at < others.length; at += LIMITS.membersPerRequest) {
    const some = others.slice(at, at + LIMITS.membersPerRequest).map((member) => crew.userIdOf(member))
    await ask(person, 'group.invite', { groupId, userIds: some }, nowMs)
  }
  const place = person.following.placeOf(conversation)
  if (!place) return
  for (let number = 0; number < planned.seeded; number++) {
    crew.deeds.say(person, place, {
      dueMs: crew.clock(),
      seed: number * 7,
      chars: 10 + ((number * 13) % 60),
      flags: 's',
    })
  }
  while (place.sending) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** What the authors of messages that wanted receipts are told of them. */
async function countReceipts(crew: Crew): Promise<Result['counted']> {
  const counted: { conversation: number; seq: number; read: number }[] = []
  const byAuthor = new Map<string, number[]>()
  for (const { conversation, seq, author } of crew.notices) {
    const key = `${author} ${conversation}`
    byAuthor.set(key, [...(byAuthor.get(key) ?? []), seq])
  }
  const conversations = new Map([...crew.conversations].map((one) => [one.planned.index, one]))
  for (const [key, seqs] of byAuthor) {
    const [author = 0, index = 0] = key.split(' ').map(Number)
    const [person, conversation] = [crew.people.get(author), conversations.get(index)]
    if (person?.isReady !== true || !conversation) continue
    for (let at = 0; at < seqs.length; at += LIMITS.receiptsPerRequest) {
      const body = { conversationId: conversation.conversationId, seqs: seqs.slice(at, at + LIMITS.receiptsPerRequest) }
      const reply = await ask(person, 'receipt.counts', body, crew.clock())
      const { counts } = reply as { readonly counts?: readonly { readonly seq: number; readonly read: number }[] }
      for (const { seq, read } of counts ?? []) counted.push({ conversation: index, seq, read })
    }
  }
  return counted
}

function awayOf({ people }: Crew): number {
  let away = 0
  for (const { state } of people.values()) if (state !== 'ready' && state !== 'over') away++
  return away
}

function areThere(crew: Crew): boolean {
  return awayOf(crew) === 0
}

function openErrands({ people, deeds }: Crew): number {
  let open = deeds.transfers
  for (const { desk } of people.values()) open += desk.open
  return open
}

/** Places of clients who are there to which something of which its sender was told has not come. */
function behind({ people }: Crew): number {
  let count = 0
  for (const person of people.values()) {
    if (!person.isReady) continue
    for (const { conversation, track } of person.following.places) {
      if (conversation.planned.kind !== 'room' && track.cursor < conversation.log.headTold) count++
    }
  }
  return count
}
