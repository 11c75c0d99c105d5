import { isFinalClose, LIMITS, PROTOCOL_VERSION, closeName, type MediaToken, type UserId } from '@hongyan/protocol'
import type { Meter } from '../measure/meter.ts'
import type { Random } from '../plan/random.ts'
import { CouldNotConnect, LightClient, type Ending, type SocketAddress } from '../wire/light-client.ts'
import { WireSession } from '../wire/wire-session.ts'
import type { Clock, Timers } from '../run/timers.ts'
import { Desk, parseAnswer } from './desk.ts'
import { Following, type FollowingPorts, type Place } from './following.ts'

export interface PersonPorts extends Omit<FollowingPorts, 'readySinceMs' | 'pull' | 'onAwaited'> {
  readonly clock: Clock
  readonly timers: Timers
  readonly meter: Meter
  readonly random: Random
  readonly sdkAppId: number
  readonly run: string
  /** Where this client connects, at its n-th attempt. */
  readonly addressOf: (client: number, attempt: number) => SocketAddress
  readonly sign: (userId: UserId) => string
  /** The client is up to date again. */
  readonly onReady: (person: Person) => void
  readonly onAwaited: (person: Person, place: Place) => void
}

/** `away`: without a network, by plan. `over`: the server has sent it away for good. */
export type PersonState = 'away' | 'waiting' | 'opening' | 'ready' | 'over'

const BACKOFF_FIRST_MS = 1000
const BACKOFF_CAP_MS = 30_000
/** Connecting, opening and catching up together; a standstill longer than this is given up and begun again. */
const OPEN_DEADLINE_MS = 60_000
/** Without an answer for so long, the connection is given up; the SDK's applications wait no longer either. */
const ANSWER_DEADLINE_MS = 30_000
/** What may pass after the server's ping was due before the client asks by itself, and then before it gives up. */
const QUIET_MARGIN_MS = 5000

/**
 * One client, as light as it can be: a socket, its cursors, and its errands. It keeps the protocol's rules as the SDK does:
 * one instance over all its connections, resume from the cursors, waits with full jitter that double, the server's word on
 * when to come again and on when not to.
 */
export class Person {
  readonly index: number
  readonly userId: UserId
  readonly desk: Desk
  readonly following: Following
  state: PersonState = 'away'
  media: MediaToken | undefined
  readonly #ports: PersonPorts
  #session: WireSession | undefined
  #loginKey: number | undefined
  #readySinceMs: number | undefined
  /** When the client was to be there: what a login or a resume takes is counted from there. */
  #dueMs = 0
  #attempt = 0
  #dials = 0
  /** Tells the events of an earlier connection from those of this one. */
  #generation = 0
  #quietSinceMs = 0
  #quietMs = LIMITS.pingEveryMs + QUIET_MARGIN_MS
  #hasPinged = false
  #openingSinceMs = 0
  #hasBeenReady = false

  constructor(index: number, userId: UserId, places: readonly Place[], ports: PersonPorts) {
    this.index = index
    this.userId = userId
    this.#ports = ports
    this.desk = new Desk(ports)
    this.following = new Following(index, userId, places, {
      ...ports,
      readySinceMs: () => this.#readySinceMs,
      pull: (timeline, after) => this.#pull(timeline, after),
      onAwaited: (place) => ports.onAwaited(this, place),
    })
  }

  get isReady(): boolean {
    return this.state === 'ready'
  }

  /** Comes, or comes back; `dueMs` is when it was to begin. */
  come(dueMs: number): void {
    if (this.state !== 'away') return
    this.#dueMs = dueMs
    this.#attempt = 0
    this.#dial()
  }

  /** Loses its network, and stays away until it is told to come. */
  cut(): void {
    if (this.state === 'over') return
    this.#drop()
    this.state = 'away'
  }

  /** Leaves for good. */
  leave(): void {
    this.cut()
    this.desk.giveUp()
  }

  /** Looks after the connection; to be called about once a second. */
  tend(nowMs: number): void {
    const session = this.#session
    if (this.state === 'opening' && nowMs - this.#openingSinceMs > OPEN_DEADLINE_MS)
      return this.#lose({ reason: 'opening timed out' })
    if (!session) return
    const waitingSinceMs = session.waitingSinceMs
    if (waitingSinceMs !== undefined && performance.now() - waitingSinceMs > ANSWER_DEADLINE_MS) {
      return this.#lose({ reason: 'no answer in time' })
    }
    if (session.hasHeard) {
      session.hasHeard = false
      this.#hasPinged = false
      this.#quietSinceMs = nowMs
    } else if (nowMs - this.#quietSinceMs > this.#quietMs + QUIET_MARGIN_MS && this.#hasPinged) {
      this.#lose({ reason: 'silence' })
    } else if (nowMs - this.#quietSinceMs > this.#quietMs && !this.#hasPinged) {
      this.#hasPinged = true
      session.ping()
    }
  }

  #dial(): void {
    const { clock, meter, addressOf } = this.#ports
    const generation = ++this.#generation
    const startMs = clock()
    this.state = 'opening'
    this.#openingSinceMs = startMs
    meter.count('dials')
    const onClosed = (ending: Ending): void => {
      if (generation === this.#generation) this.#lose(ending)
    }
    LightClient.connect(addressOf(this.index, this.#dials++), onClosed).then(
      (client) => {
        if (generation !== this.#generation) return client.close()
        meter.time('connect', clock() - startMs)
        this.#open(new WireSession(client))
      },
      (err: unknown) => {
        if (generation === this.#generation)
          this.#lose(err instanceof CouldNotConnect ? err.ending : { reason: String(err) })
      },
    )
  }

  #open(session: WireSession): void {
    const { sign, sdkAppId, run } = this.#ports
    this.#session = session
    this.#quietSinceMs = this.#ports.clock()
    this.#hasPinged = false
    session.watch((ending) => this.#lose(ending))
    session.onPush = (bytes, start, end) => this.following.onPush(bytes, start, end)
    this.following.begin()
    const body = {
      protocolVersion: PROTOCOL_VERSION,
      sdkAppId,
      userId: this.userId,
      userSig: sign(this.userId),
      instanceId: `lt-${run}-${this.index}`,
      device: 'node',
      agent: 'hongyan-loadtest',
      ...(this.#loginKey === undefined ? {} : { resume: this.#loginKey }),
    }
    this.#ask(session, 'session.open', body, (reply) => {
      const { loginKey, pingEveryMs, media } = reply as { loginKey: number; pingEveryMs: number; media: MediaToken }
      this.#loginKey = loginKey
      this.#quietMs = pingEveryMs + QUIET_MARGIN_MS
      this.media = media
      if (this.following.epoch === undefined) this.#snapshot(session, {})
      else this.#resume(session)
    })
  }

  /** All pages; the user's own cursor is that of the first. */
  #snapshot(session: WireSession, more: { readonly after?: string }): void {
    this.#ask(session, 'sync.snapshot', more, (reply) => {
      const { epoch, userOffset, conversations, next } = reply as SnapshotReply
      for (const state of conversations) this.following.placeAt(state.conversationId, state)
      if (more.after === undefined) this.following.placeUser(userOffset)
      if (next !== undefined) return this.#snapshot(session, { after: next })
      this.following.epoch = epoch
      this.following.placeRest()
      this.#ready(session)
    })
  }

  #resume(session: WireSession): void {
    const cursors = this.following.cursors()
    const { epoch } = this.following
    const parts = Math.ceil(cursors.length / LIMITS.cursorsPerResume)
    let resets: readonly string[] = []
    for (let part = 0; part < parts; part++) {
      const some = cursors.slice(part * LIMITS.cursorsPerResume, (part + 1) * LIMITS.cursorsPerResume)
      this.#ask(session, 'sync.resume', { epoch, cursors: some }, (reply) => {
        resets = [...resets, ...(reply as { resets: readonly string[] }).resets]
        if (part === parts - 1) this.#resumed(session, resets)
      })
    }
  }

  #resumed(session: WireSession, resets: readonly string[]): void {
    if (resets.length === 0) return this.#ready(session)
    this.#ports.meter.count('resets', resets.length)
    this.#snapshot(session, {})
  }

  #ready(session: WireSession): void {
    const nowMs = this.#ports.clock()
    const what = this.#hasBeenReady ? 'resume' : 'login'
    this.#hasBeenReady = true
    this.#ports.meter.time(what, nowMs - this.#dueMs)
    this.#ports.meter.count(what === 'login' ? 'logins' : 'resumes')
    this.#attempt = 0
    this.state = 'ready'
    this.#readySinceMs = nowMs
    this.desk.flow(session)
    this.#ports.onReady(this)
  }

  #pull(timeline: string, after: number): void {
    const session = this.#session
    if (!session) return
    this.#ports.meter.count('pulls')
    session.request('sync.pull', { timeline, after }, (frame) => {
      if (session !== this.#session) return
      const answer = frame && parseAnswer(frame)
      if (answer && !answer.ok) this.#ports.meter.count(`refused ${answer.name}`)
      const reply = answer?.ok === true ? (answer.body as unknown as Parameters<Following['pulled']>[1]) : undefined
      this.following.pulled(timeline, reply)
    })
  }

  /** Part of opening: what is refused here ends the attempt, or everything. */
  #ask(session: WireSession, command: string, body: object, onReply: (reply: object) => void): void {
    session.request(command, body, (frame) => {
      if (frame === undefined || session !== this.#session) return
      const answer = parseAnswer(frame)
      if (answer.ok) return onReply(answer.body)
      this.#ports.meter.count(`${answer.isRetryable ? 'put off' : 'refused'} ${answer.name}`)
      if (answer.name === 'EPOCH_CHANGED') {
        this.following.epoch = undefined
        this.following.forgetAll()
      }
      // The server closes after a refused opening, and its code says whether to come back; what it says first counts.
      if (answer.isRetryable || command !== 'session.open') {
        this.#lose({ reason: `${command} refused ${answer.name}`, retryAfterMs: answer.retryAfterMs })
      } else this.#end(answer.name)
    })
  }

  #lose(ending: Ending): void {
    const { clock, timers, meter, random } = this.#ports
    if (this.state === 'over' || this.state === 'away') return
    const wasReady = this.state === 'ready'
    meter.count(`ended ${describe(ending)}`)
    this.#drop()
    if (ending.code !== undefined && isFinalClose(ending.code))
      return this.#end(closeName(ending.code) ?? String(ending.code))
    const nowMs = clock()
    if (wasReady) this.#dueMs = nowMs
    this.state = 'waiting'
    const ceilingMs = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++)
    const generation = this.#generation
    timers.at(nowMs + (ending.retryAfterMs ?? 0) + random() * ceilingMs, () => {
      if (this.state === 'waiting' && generation === this.#generation) this.#dial()
    })
  }

  #end(name: string): void {
    this.#ports.meter.count(`sent away ${name}`)
    this.#drop()
    this.state = 'over'
    this.desk.giveUp()
  }

  #drop(): void {
    const session = this.#session
    this.#generation++
    this.#session = undefined
    this.#readySinceMs = undefined
    for (const place of this.following.places) place.room = undefined
    session?.close()
    this.desk.stop()
  }
}

interface SnapshotReply {
  readonly epoch: string
  readonly userOffset: number
  readonly conversations: readonly {
    readonly conversationId: string
    readonly offset: number
    readonly lastSeq: number
    readonly readSeq: number
  }[]
  readonly next?: string
}

/** Few words for many endings: they are counted by them. */
function describe({ reason, code, status }: Ending): string {
  if (code !== undefined) return `by the server: ${closeName(code) ?? code}`
  if (status !== undefined) return `at the door: HTTP ${status}`
  return /E[A-Z]{4,}/.exec(reason)?.[0] ?? reason
}
