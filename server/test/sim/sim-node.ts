import type { KeyRing } from '../../src/auth/key-ring.ts'
import type { Blobs } from '../../src/blobs/blobs.ts'
import { envToConfig } from '../../src/config/config.ts'
import { buildContext, type Context, type Startable } from '../../src/context.ts'
import { GroupDisbander } from '../../src/groups/group-disbander.ts'
import { Session } from '../../src/gateway/session.ts'
import type { Clock } from '../../src/kit/clock.ts'
import { silentLogger, type Logger } from '../../src/kit/logger.ts'
import { MemoryPresence } from '../../src/presence/memory-presence.ts'
import { MemorySharedUse } from '../../src/rates/memory-shared-use.ts'
import { ReceiptNotices } from '../../src/receipts/receipt-notices.ts'
import type { Chance } from './chance.ts'
import type { Line, ServerEnd } from './line.ts'
import { SimBroker, type SimBus } from './sim-broker.ts'
import { SimDb, type SimPostgres } from './sim-postgres.ts'
import type { VirtualTime } from './virtual-time.ts'

export const SDK_APP_ID = 1400000000

/** Nobody uploads anything in this world. */
const NO_BLOBS: Blobs = {
  receive: () => Promise.reject(new Error('no files are kept here')),
  has: () => Promise.resolve(false),
  read: () => Promise.resolve(undefined),
  delete: () => Promise.resolve(),
  sweepDrafts: () => Promise.resolve(0),
  close: () => Promise.resolve(),
}

const CONFIG = envToConfig({ SENDS_PER_SECOND_PER_USER: '100000' })

export interface NodeDeps {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly postgres: SimPostgres
  readonly bus: SimBus
  readonly keys: KeyRing
  /** A command failed in a way nobody had foreseen. */
  readonly onInternalError: (error: unknown) => void
}

/** The wall clock and the life of a machine. */
class Machine {
  skewMs = 0
  isAlive = true
}

const START_AGAIN_MS = 200

/** A server process: the real composition root over the world's database, broker and time. */
export class SimNode {
  readonly machine = new Machine()
  readonly context: Context
  readonly lines = new Set<Line>()
  readonly #chance: Chance
  readonly #broker: SimBroker
  readonly #pools: readonly SimDb[]
  #hasStarted = false

  constructor(deps: NodeDeps) {
    const { time, chance, postgres, bus, keys } = deps
    const isAlive = (): boolean => this.machine.isAlive
    const pool = (size: number): SimDb => new SimDb(postgres, { size, deadlineMs: CONFIG.statementDeadlineMs, isAlive })
    const pools = { send: pool(2), sync: pool(6), admin: pool(2), search: pool(2) }
    this.#chance = chance
    this.#pools = Object.values(pools)
    this.#broker = new SimBroker(bus, isAlive)
    this.context = buildContext({
      config: CONFIG,
      pools,
      broker: this.#broker,
      presence: new MemoryPresence(),
      sharedUse: new MemorySharedUse(time.clockOf(this.machine)),
      blobs: NO_BLOBS,
      keys,
      clock: time.clockOf(this.machine),
      random: { fraction: () => chance.fraction(), id: () => this.#id() },
      logger: listeningLogger(deps.onInternalError),
      webPage: { sdkAppId: 0, files: undefined, demo: undefined },
    })
    void this.#start(time.clockOf(this.machine))
  }

  get isAlive(): boolean {
    return this.machine.isAlive
  }

  /** True once it takes calls. */
  get isListening(): boolean {
    return this.isAlive && this.#hasStarted
  }

  /** Takes a call as the websocket route does. */
  accept(line: Line): ServerEnd {
    this.lines.add(line)
    const { websocket } = this.context
    return new Session(websocket.random.id(), line.serverEnd, websocket.session, { opened: () => {} })
  }

  /** kill -9. */
  kill(): void {
    this.machine.isAlive = false
    void this.#broker.close()
    for (const pool of this.#pools) void pool.close()
    for (const line of this.lines) line.serverDied(this.#chance.hits(700))
    this.lines.clear()
  }

  /** A process that cannot start is started again. */
  async #start(clock: Clock): Promise<void> {
    while (this.isAlive && !this.#hasStarted) {
      try {
        await this.context.sweeper.start()
        for (const loop of this.context.loops) if (belongsHere(loop)) loop.start()
        this.#hasStarted = true
      } catch {
        await new Promise<void>((resolve) => void clock.after(START_AGAIN_MS, resolve))
      }
    }
  }

  #id(): string {
    return `id${this.#chance.below(2 ** 31)}-${this.#chance.below(2 ** 31)}`
  }
}

/** The others look after what this world has none of, or recount what its own laws recount. */
function belongsHere(loop: Startable): boolean {
  return loop instanceof GroupDisbander || loop instanceof ReceiptNotices
}

/** Warnings are the world's faults coming through; errors are ours. */
function listeningLogger(onError: (error: unknown) => void): Logger {
  const logger = silentLogger()
  logger.error = (context: { readonly err?: unknown }) => onError(context.err ?? context)
  return logger
}
