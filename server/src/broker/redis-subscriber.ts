import type { Clock } from '../kit/clock.ts'
import type { Hold } from './hold.ts'
import { isMisrouted, type PubSubDialect } from './redis-dialect.ts'
import type { RedisLink } from './redis-link.ts'

export interface RedisSubscriberOptions {
  readonly link: RedisLink
  readonly dialect: PubSubDialect
  readonly clock: Clock
  /** Always subscribed, so that the link can be tested when nothing else is. */
  readonly ownChannel: () => string
  /** Hears every message of every channel that is held now. Must not throw. */
  readonly onMessage: (hold: Hold, text: string) => void
  /** Called after each answer that confirms. Must not throw. */
  readonly onConfirmed: (holds: readonly Hold[]) => void
  /** Messages may have been lost from now on. */
  readonly onBroken: () => void
  /** Called once after that, when all that was held is confirmed again. Must not throw. */
  readonly onMended: () => void
  /** The server does not serve what it was asked for: others may. */
  readonly onMisrouted: () => void
}

const MAX_CHANNELS_PER_COMMAND = 1_000
/** Asked for and not yet answered: so few that the last answer is well within the deadline of its command. */
const MAX_CHANNELS_IN_FLIGHT = 4_000

type Command =
  | { readonly kind: 'subscribe'; readonly holds: readonly Hold[] }
  | { readonly kind: 'unsubscribe'; readonly channels: readonly string[] }
  | { readonly kind: 'own' }

/** Keeps a set of channels subscribed at one server, over a link that comes and goes. */
export class RedisSubscriber {
  readonly #options: RedisSubscriberOptions
  readonly #holds = new Map<string, Hold>()
  /** Channels whose hold came or went since the last flush. */
  readonly #changed = new Set<string>()
  /** Channels for which the last command sent over this link was to subscribe. */
  readonly #subscribed = new Set<string>()
  /** What is still to be sent over this link, in order. */
  readonly #commands: Command[] = []
  #channelsInFlight = 0
  /** What was confirmed or relied upon, is not confirmed, and has to be before anybody is told that the loss is over. */
  readonly #owed = new Set<Hold>()
  #isFlushScheduled = false
  #linkNumber = 0
  #isLive = false
  #isBroken = false
  #isClosed = false
  #isOwnAsked = false
  #heardAtMs = 0
  /** Channels the server said it gave up, less the refusals of ours that are reported in the same way. */
  #givenUp = 0
  #isGivenUpCheckDue = false

  constructor(options: RedisSubscriberOptions) {
    this.#options = options
    const { redis } = options.link
    redis.on('ready', () => this.#onReady())
    redis.on('close', () => this.#onDown())
    redis.on(options.dialect.messageEvent, (channel: string, text: string) => this.#onMessage(channel, text))
    redis.on('moved', () => this.#onGivenUp())
  }

  /** Since when a link that ought to serve has been silent, in ms; undefined while there is none to judge. */
  silentMs(): number | undefined {
    return this.#isLive ? this.#options.clock.monotonicMs() - this.#heardAtMs : undefined
  }

  /** Subscribes. A hold that stood elsewhere before counts as a loss until it is confirmed here. */
  add(hold: Hold): void {
    hold.isAsked = false
    hold.isConfirmed = false
    this.#holds.set(hold.channel, hold)
    if (hold.isStanding) this.#owe(hold)
    this.#change(hold.channel)
  }

  remove(hold: Hold): void {
    if (this.#holds.get(hold.channel) !== hold) return
    this.#holds.delete(hold.channel)
    this.#change(hold.channel)
    this.#pay([hold])
  }

  /** Somebody relies on this hold before it is confirmed: counts as a loss until it is. */
  doubt(hold: Hold): void {
    if (this.#holds.get(hold.channel) !== hold) return
    hold.isStanding = true
    this.#owe(hold)
  }

  /** True after a loss, while there is no link that serves: what is missed now is told of with it. */
  isInterrupted(): boolean {
    return this.#isBroken && !this.#isLive
  }

  /** Lets go of the holds of these buckets, which go to another server. */
  take(isTaken: (bucket: number) => boolean): readonly Hold[] {
    const taken = [...this.#holds.values()].filter((hold) => isTaken(hold.bucket))
    for (const hold of taken) this.remove(hold)
    return taken
  }

  /** Asks again for what was refused, as after a look at who serves what. */
  retry(): void {
    if (this.#isClosed || !this.#options.link.isUp()) return
    const refused = [...this.#holds.values()].filter((hold) => !hold.isAsked)
    this.#ask(refused)
    if (!this.#isOwnAsked) this.#askForOwn()
  }

  close(): void {
    this.#isClosed = true
    this.#isLive = false
    this.#isBroken = false
    this.#holds.clear()
    this.#changed.clear()
    this.#commands.length = 0
    this.#owed.clear()
  }

  #change(channel: string): void {
    this.#changed.add(channel)
    this.#flushSoon()
  }

  /**
   * One command for all that was asked in this tick, and for all that is asked while one is on its way: of a crowd that
   * logs in, Node accepts one a tick, and a command costs Redis and us more than a channel in it.
   */
  #flushSoon(): void {
    if (this.#isFlushScheduled || this.#channelsInFlight > 0 || this.#changed.size === 0) return
    this.#isFlushScheduled = true
    setImmediate(() => {
      this.#isFlushScheduled = false
      if (this.#options.link.isUp() && !this.#isClosed) this.#flush()
    })
  }

  #flush(): void {
    const leaving = [...this.#changed].filter((channel) => !this.#holds.has(channel) && this.#subscribed.has(channel))
    const asking = [...this.#changed]
      .flatMap((channel) => this.#holds.get(channel) ?? [])
      .filter((hold) => !hold.isAsked)
    this.#changed.clear()
    for (const channels of this.#unsubscribesOf(leaving)) this.#commands.push({ kind: 'unsubscribe', channels })
    for (const channel of leaving) this.#subscribed.delete(channel)
    this.#ask(asking)
  }

  #ask(holds: readonly Hold[]): void {
    for (const hold of holds) {
      hold.isAsked = true
      this.#subscribed.add(hold.channel)
    }
    for (const some of this.#subscribesOf(holds)) this.#commands.push({ kind: 'subscribe', holds: some })
    this.#sendMore()
  }

  #sendMore(): void {
    while (this.#channelsInFlight < MAX_CHANNELS_IN_FLIGHT && this.#options.link.isUp()) {
      const command = this.#commands.shift()
      if (!command) return
      this.#send(command)
    }
  }

  #send(command: Command): void {
    const linkNumber = this.#linkNumber
    const channels = channelsIn(command)
    this.#channelsInFlight += channels
    const answered = (): void => {
      if (linkNumber !== this.#linkNumber) return
      this.#channelsInFlight -= channels
      if (this.#isClosed) return
      this.#sendMore()
      this.#flushSoon()
    }
    if (command.kind === 'subscribe') void this.#sendSubscribe(command.holds).then(answered)
    else if (command.kind === 'unsubscribe') void this.#sendUnsubscribe(command.channels).then(answered)
    else void this.#sendOwn().then(answered)
  }

  #sendUnsubscribe(channels: readonly string[]): Promise<unknown> {
    const linkNumber = this.#linkNumber
    const { dialect, link } = this.#options
    return dialect.unsubscribe(link.redis, channels).catch((err: unknown) => {
      // Who serves the slot no more has ended the subscription, too.
      if (!this.#hasSlots() || !isMisrouted(err)) this.#onCommandFailed(linkNumber, err)
    })
  }

  #sendSubscribe(holds: readonly Hold[]): Promise<void> {
    const linkNumber = this.#linkNumber
    const { dialect, link } = this.#options
    const channels = holds.map((hold) => hold.channel)
    return dialect.subscribe(link.redis, channels).then(
      () => this.#onSubscribed(linkNumber, holds),
      (err: unknown) => {
        if (this.#isRefusal(err)) this.#onRefused(linkNumber, holds)
        else this.#onCommandFailed(linkNumber, err)
      },
    )
  }

  #onSubscribed(linkNumber: number, holds: readonly Hold[]): void {
    if (linkNumber !== this.#linkNumber) return
    const confirmed = holds.filter((hold) => this.#holds.get(hold.channel) === hold)
    for (const hold of confirmed) {
      hold.isConfirmed = true
      hold.isStanding = true
    }
    this.#options.onConfirmed(confirmed)
    this.#pay(confirmed)
  }

  #onRefused(linkNumber: number, holds: readonly Hold[]): void {
    if (linkNumber !== this.#linkNumber || this.#isClosed) return
    for (const hold of holds) {
      if (this.#holds.get(hold.channel) !== hold) continue
      hold.isAsked = false
      hold.isConfirmed = false
      this.#subscribed.delete(hold.channel)
      if (hold.isStanding) this.#owe(hold)
    }
    this.#options.onMisrouted()
  }

  /** True for a refusal to subscribe because of the slot; ioredis has reported it as given up, too. */
  #isRefusal(err: unknown): boolean {
    if (!this.#hasSlots() || !isMisrouted(err)) return false
    if (String(err).includes('MOVED ')) this.#givenUp = Math.max(0, this.#givenUp - 1)
    return true
  }

  #hasSlots(): boolean {
    return this.#options.dialect.hasSlots
  }

  /** A link on which a subscription failed is in a state nobody knows: a new one starts from nothing. */
  #onCommandFailed(linkNumber: number, err: unknown): void {
    if (linkNumber === this.#linkNumber && this.#options.link.isUp()) this.#options.link.cut(err)
  }

  /**
   * The server ends subscriptions when their slot goes to another one, or the answer to one of ours was that it has gone;
   * ioredis says neither which nor of what. After the turn the refusals have been subtracted.
   */
  #onGivenUp(): void {
    this.#givenUp += 1
    if (this.#isGivenUpCheckDue) return
    this.#isGivenUpCheckDue = true
    setImmediate(() => {
      this.#isGivenUpCheckDue = false
      const isUnasked = this.#givenUp > 0
      this.#givenUp = 0
      if (isUnasked && this.#options.link.isUp() && !this.#isClosed) this.#askForAll()
    })
  }

  #onReady(): void {
    if (this.#isClosed) return
    this.#forgetLink()
    this.#changed.clear()
    this.#askForAll()
  }

  /** Asks for what is subscribed already, too: harmless, and the answers tell what is not served here any more. */
  #askForAll(): void {
    this.#ask([...this.#holds.values()])
    this.#askForOwn()
  }

  /** Asked last and answered last: when it is confirmed, everything before it has been answered. */
  #askForOwn(): void {
    this.#isOwnAsked = true
    this.#commands.push({ kind: 'own' })
    this.#sendMore()
  }

  #sendOwn(): Promise<void> {
    const linkNumber = this.#linkNumber
    const { dialect, link, ownChannel, onMisrouted } = this.#options
    return dialect.subscribe(link.redis, [ownChannel()]).then(
      () => this.#onServing(linkNumber),
      (err: unknown) => {
        if (!this.#isRefusal(err)) return this.#onCommandFailed(linkNumber, err)
        if (linkNumber === this.#linkNumber) this.#isOwnAsked = false
        onMisrouted()
      },
    )
  }

  #onServing(linkNumber: number): void {
    if (linkNumber !== this.#linkNumber || this.#isClosed || this.#isLive) return
    this.#isLive = true
    this.#heardAtMs = this.#options.clock.monotonicMs()
    this.#pay([])
  }

  #onDown(): void {
    if (this.#isClosed) return
    if (this.#isLive) this.#break()
    for (const hold of this.#holds.values()) if (hold.isStanding) this.#owed.add(hold)
    this.#forgetLink()
    this.#options.onMisrouted()
  }

  #forgetLink(): void {
    this.#linkNumber += 1
    this.#isLive = false
    this.#isOwnAsked = false
    this.#givenUp = 0
    this.#commands.length = 0
    this.#channelsInFlight = 0
    this.#subscribed.clear()
    for (const hold of this.#holds.values()) {
      hold.isAsked = false
      hold.isConfirmed = false
    }
  }

  #owe(hold: Hold): void {
    this.#owed.add(hold)
    this.#break()
  }

  #break(): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#options.onBroken()
  }

  #pay(holds: readonly Hold[]): void {
    for (const hold of holds) this.#owed.delete(hold)
    if (!this.#isBroken || !this.#isLive || this.#owed.size > 0) return
    this.#isBroken = false
    this.#options.onMended()
  }

  #onMessage(channel: string, text: string): void {
    this.#heardAtMs = this.#options.clock.monotonicMs()
    const hold = this.#holds.get(channel)
    if (hold) this.#options.onMessage(hold, text)
  }

  /** In a cluster a command may name channels of one slot only. */
  *#subscribesOf(holds: readonly Hold[]): Generator<readonly Hold[]> {
    const groups = this.#hasSlots() ? groupedBy(holds, ({ bucket }) => bucket) : [holds]
    for (const group of groups) yield* slicesOf(group)
  }

  *#unsubscribesOf(channels: readonly string[]): Generator<readonly string[]> {
    const groups = this.#hasSlots() ? groupedBy(channels, tagOf) : [channels]
    for (const group of groups) yield* slicesOf(group)
  }
}

function channelsIn(command: Command): number {
  if (command.kind === 'own') return 1
  return command.kind === 'subscribe' ? command.holds.length : command.channels.length
}

function tagOf(channel: string): string {
  return channel.slice(0, channel.indexOf('}'))
}

function groupedBy<T, Key>(list: readonly T[], keyOf: (item: T) => Key): Iterable<readonly T[]> {
  const groups = new Map<Key, T[]>()
  for (const item of list) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups.values()
}

function* slicesOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += MAX_CHANNELS_PER_COMMAND) yield list.slice(at, at + MAX_CHANNELS_PER_COMMAND)
}
