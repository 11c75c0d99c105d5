import { PROTOCOL_VERSION, Refused, type RequestFrame, type UserId } from '@hongyan/protocol'
import type { Caller } from '../../src/commands/handler.ts'
import type { Connection } from '../../src/gateway/connection.ts'
import { Dispatcher } from '../../src/gateway/dispatcher.ts'
import type { Door } from '../../src/gateway/door.ts'
import { Hub } from '../../src/gateway/hub.ts'
import { limitsOf } from '../../src/rates/limits.ts'
import { MemorySharedUse } from '../../src/rates/memory-shared-use.ts'
import { Rates } from '../../src/rates/rates.ts'
import { SessionRegistry } from '../../src/gateway/session-registry.ts'
import { Session } from '../../src/gateway/session.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import type { PresentSession } from '../../src/presence/presence.ts'
import { ManualClock, settle } from './manual-clock.ts'
import { ScriptedBroker, ScriptedLog } from './scripted-feed.ts'

/** A connection that writes down what it is handed. */
export class RecordingConnection implements Connection {
  readonly address = '192.0.2.1'
  readonly sent: string[] = []
  readonly signals: string[] = []
  closedWith: number | undefined

  send(frame: string | Uint8Array): void {
    if (this.closedWith === undefined) this.sent.push(typeof frame === 'string' ? frame : Buffer.from(frame).toString())
  }

  sendLossy(frame: Uint8Array): void {
    this.send(frame)
  }

  flushed(): Promise<void> {
    return this.closedWith === undefined ? Promise.resolve() : Promise.reject(new Error('the connection is closed'))
  }

  pause(): void {
    this.signals.push('pause')
  }

  resume(): void {
    this.signals.push('resume')
  }

  close(code: number): void {
    this.closedWith ??= code
  }

  get frames(): readonly Record<string, unknown>[] {
    return this.sent.map((text) => JSON.parse(text) as Record<string, unknown>)
  }

  /** The answers, by the id of their request: the body, or the name of the error. */
  get answers(): ReadonlyMap<number, unknown> {
    return new Map(
      this.frames.flatMap(({ type, id, body, error }) =>
        type === 'reply' || type === 'error'
          ? [[id as number, type === 'reply' ? body : (error as { name: string }).name]]
          : [],
      ),
    )
  }
}

type StandHandler = (caller: Caller, body: never) => unknown

/** A session on a connection of the test's own, with a door that lets everybody in unless told otherwise. */
export function standSession(handlers: Readonly<Record<string, StandHandler>> = {}, sendsPerSecond = 10_000) {
  const clock = new ManualClock()
  const broker = new ScriptedBroker()
  const log = new ScriptedLog()
  const registry = new SessionRegistry()
  const hub = new Hub({ broker, log, clock, logger: silentLogger(), onControl: () => {} })
  const present: PresentSession[] = []
  const closed: string[] = []
  const calls: string[] = []
  const doorway = {
    refusal: undefined as Refused | Error | undefined,
    hasNoAccount: false,
    expiresAtMs: Number.POSITIVE_INFINITY,
    opened: 0,
  }
  const account = { key: 144115, id: 'anna' as UserId, nick: 'Anna', avatar: '', isDisabled: false }
  const door = {
    check: ({ userId }: { userId: UserId }) => ({ userId, expiresAtMs: doorway.expiresAtMs }),
    account: () => {
      if (doorway.hasNoAccount) return Promise.reject(new Refused('NO_SUCH_USER'))
      return Promise.resolve(account)
    },
    admit: () => {
      calls.push(`admit, following ${[...broker.subscribed].join(' ')}`)
      return doorway.refusal ? Promise.reject(doorway.refusal) : Promise.resolve(31)
    },
    release: () => Promise.resolve(void calls.push('release')),
  } as unknown as Door
  const connection = new RecordingConnection()
  const session = new Session(
    's1',
    connection,
    {
      door,
      dispatcher: new Dispatcher({ handlers: handlers as never, log: silentLogger(), onRefused: () => {} }),
      hub,
      log,
      presence: {
        arrive: (one) => void present.push(one),
        leave: (one) => void present.splice(present.indexOf(one), 1),
        whereabouts: () => Promise.resolve(new Map()),
        close: () => Promise.resolve(),
      },
      mediaToken: () => ({ token: 'media token', expiresAtMs: 0 }),
      registry,
      rates: ratesOf(clock, sendsPerSecond),
      clock,
      logger: silentLogger(),
      onClosed: (name) => closed.push(name),
    },
    { opened: () => doorway.opened++ },
  )
  const request = (id: number, command: string, body: unknown = {}): void => {
    const frame: RequestFrame = { type: 'request', id, command, body }
    session.receive(JSON.stringify(frame))
  }
  return {
    session,
    connection,
    clock,
    broker,
    log,
    registry,
    hub,
    present,
    closed,
    calls,
    doorway,
    request,
  }
}

/** Rates of a node that is alone. */
export function ratesOf(clock: ManualClock, sendsPerSecond: number): Rates {
  const limits = limitsOf({
    maxSendsPerSecondPerUser: sendsPerSecond,
    maxSendsPerSecondPerGroup: sendsPerSecond,
    maxOpeningsPerSecondPerAddress: 2_000,
    maxGroupsFoundedPerHourPerUser: 500,
  })
  return new Rates({ limits, shared: new MemorySharedUse(clock), clock, logger: silentLogger() })
}

/** What a client says first. */
export const OPENING = {
  protocolVersion: PROTOCOL_VERSION,
  sdkAppId: 1400000000,
  userId: 'anna',
  userSig: 'sig',
  instanceId: 'i1',
  device: 'node',
} as const

/** One that has been let in, with what it stands on. */
export async function openSession(...stand: Parameters<typeof standSession>) {
  const stood = standSession(...stand)
  stood.request(1, 'session.open', OPENING)
  await settle()
  if (!stood.session.isOpen) throw new Error('the session was not let in')
  return stood
}
