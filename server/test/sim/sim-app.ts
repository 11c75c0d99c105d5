import type { UserId } from '@hongyan/protocol'
import type { Change, Client, Platform } from '../../../client-sdk/src/core/client-api.ts'
import { createClient } from '../../../client-sdk/src/core/client.ts'
import type { Clock } from '../../src/kit/clock.ts'
import type { Chance } from './chance.ts'
import { Line, type LineWatch } from './line.ts'
import { SDK_APP_ID, type SimNode } from './sim-node.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface AppDeps {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly watch: LineWatch
  readonly latencyMs: number
  /** The node a new call reaches; undefined when none is up. */
  readonly pickNode: () => SimNode | undefined
  readonly userSigOf: (userId: UserId) => string
  readonly onDial: (line: Line, app: SimApp) => void
  readonly onChange: (app: SimApp, change: Change) => void
  readonly onError: (app: SimApp, error: unknown) => void
}

/** What the world looks at inside the real client. */
interface Inside {
  readonly current:
    | {
        readonly store: { readonly epoch: string | undefined; cursorOf(timeline: string): number }
        readonly connection: { readonly isReady: boolean; readonly isOpen: boolean }
        readonly loginKey: number | undefined
        readonly requests: {
          readonly inFlight: { readonly size: number }
          readonly waiting: { readonly length: number }
          readonly resting: { readonly size: number }
        }
      }
    | undefined
}

const NO_REQUESTS = { inFlight: new Map(), waiting: [], resting: new Set() }

/** An application with the real SDK core in it, on a device. */
export class SimApp {
  readonly userId: UserId
  readonly device: Platform['device']
  readonly instanceId: string
  readonly client: Client
  readonly #deps: AppDeps
  readonly #wakes = new Set<() => void>()
  #asleep: (() => void)[] = []
  skewMs = 0
  isAlive = true
  /** In the background: no timer runs and nothing is read. */
  isAsleep = false
  line: Line | undefined
  node: SimNode | undefined
  dials: number[] = []
  /** Login attempts that have no answer yet. */
  loggingIn = 0
  logins = 0
  ended = 0
  /** Dialled although its login had ended. */
  dialledAfterEnd = 0
  isEnded = false

  constructor(userId: UserId, device: Platform['device'], instanceId: string, deps: AppDeps) {
    this.userId = userId
    this.device = device
    this.instanceId = instanceId
    this.#deps = deps
    const clock = deps.time.clockOf(this)
    this.client = createClient({
      url: 'ws://sim',
      sdkAppId: SDK_APP_ID,
      agent: 'sim',
      instanceId,
      platform: {
        device,
        clock: { ...clock, after: (delayMs, run) => this.#after(clock, delayMs, run) },
        random: () => deps.chance.fraction(),
        transport: { dial: (_url, events) => this.#dial(events).clientEnd },
        onWake: (wake) => {
          this.#wakes.add(wake)
          return () => this.#wakes.delete(wake)
        },
      },
      onError: (error) => deps.onError(this, error),
    })
    this.client.onChange((change) => {
      if (change.kind === 'ended') {
        this.ended++
        this.isEnded = true
      }
      deps.onChange(this, change)
    })
  }

  /** What the client believes of the store behind the server. */
  get inside(): Inside['current'] {
    return (this.client as unknown as Inside).current
  }

  /** Requests that have no answer yet, whatever they are. */
  get unanswered(): number {
    const { inFlight, waiting, resting } = this.inside?.requests ?? NO_REQUESTS
    return inFlight.size + waiting.length + resting.size
  }

  get isReady(): boolean {
    return this.inside?.connection.isReady ?? false
  }

  login(): void {
    this.isEnded = false
    this.loggingIn++
    this.logins++
    void this.client
      .login(this.userId, this.#deps.userSigOf(this.userId))
      .catch(() => undefined)
      .finally(() => this.loggingIn--)
  }

  wake(): void {
    for (const wake of this.#wakes) wake()
  }

  /** Into the background. */
  sleep(): void {
    this.isAsleep = true
    this.line?.stopReading()
  }

  /** Back to the foreground: what waited happens, then the platform says so. */
  comeBack(): void {
    if (!this.isAsleep) return
    this.isAsleep = false
    for (const run of this.#asleep.splice(0)) run()
    this.line?.goOnReading()
    this.wake()
  }

  /** The process dies with all it remembers. */
  crash(): void {
    this.isAlive = false
    this.line?.clientDied()
  }

  /** What is due while asleep happens at the awakening, unless it is called off before. */
  #after(clock: Clock, delayMs: number, run: () => void): () => void {
    let isOff = false
    const runIfOn = (): void => {
      if (isOff) return
      if (this.isAsleep) this.#asleep.push(runIfOn)
      else run()
    }
    clock.after(delayMs, runIfOn)
    return () => {
      isOff = true
    }
  }

  #dial(events: ConstructorParameters<typeof Line>[0]): Line {
    const { time, chance, watch, latencyMs } = this.#deps
    this.dials.push(time.nowMs)
    if (this.isEnded) this.dialledAfterEnd++
    const node = this.#deps.pickNode()
    const line: Line = new Line(events, {
      time,
      chance,
      watch,
      latencyMs,
      isServerAlive: () => node?.isAlive ?? false,
      isClientAlive: () => this.isAlive,
    })
    this.line = line
    this.node = node
    this.#deps.onDial(line, this)
    line.dial((called) => node?.accept(called))
    return line
  }
}
