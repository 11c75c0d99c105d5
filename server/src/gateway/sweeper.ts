import { CLOSE } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { Loop } from '../kit/loop.ts'
import type { LogReader } from '../timelines/log-reader.ts'
import { NOT_BEHIND, type Behind, type Hub } from './hub.ts'
import type { SessionRegistry } from './session-registry.ts'

export interface SweeperDeps {
  readonly hub: Hub
  readonly log: LogReader
  readonly registry: SessionRegistry
  /** Those of these logins that still hold their place. */
  readonly aliveLogins: (loginKeys: readonly number[]) => Promise<ReadonlySet<number>>
  /** The store was put back to an earlier state: forget what was remembered of it. */
  readonly onStoreReplaced: () => void
  readonly clock: Clock
  readonly logger: Logger
}

const HEADS_EVERY_MS = 2_000
/** Longer than a transaction may last and than `moved_at` is rounded; the overlap costs nothing, the hub compares. */
const LOOKBACK_MS = 20_000
/** `moved_at` is wall time: when the database's clock jumps ahead, what moved just before is not seen as moved lately (I10). */
const ALL_EVERY_MS = 30_000
const HEALTH_EVERY_MS = 1_000
const LOGINS_EVERY_MS = 15_000
const LOGINS_PER_QUERY = 1_000

/** What must come right even when nobody rings: lost bells, dead peers, missed displacements, a rewound store. */
export class Sweeper {
  readonly #deps: SweeperDeps
  readonly #loops: readonly Loop[]
  #epoch: string | undefined
  #behind = NOT_BEHIND
  #repairs = 0
  #sweeps = 0

  constructor(deps: SweeperDeps) {
    this.#deps = deps
    const loop = (name: string, everyMs: number, turn: () => Promise<void>): Loop =>
      new Loop({ name, everyMs, turn, clock: deps.clock, log: deps.logger })
    this.#loops = [
      loop('heads', HEADS_EVERY_MS, () => this.sweepHeads()),
      loop('all', ALL_EVERY_MS, async () => this.#note(await deps.hub.checkAll())),
      loop('health', HEALTH_EVERY_MS, () => this.#checkHealth()),
      loop('logins', LOGINS_EVERY_MS, () => this.sweepLogins()),
    ]
  }

  /** To be waited for before anybody is let in: a store put back before the first look would not be noticed. */
  async start(): Promise<void> {
    await this.#checkEpoch()
    for (const loop of this.#loops) loop.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** Where this node stood when the sweeper last looked, and how often it had to help since the start. */
  stats(): { readonly behind: Behind; readonly repairs: number; readonly sweeps: number } {
    return { behind: this.#behind, repairs: this.#repairs, sweeps: this.#sweeps }
  }

  /** Which timelines moved lately, and to where? Repairs those that are behind. */
  async sweepHeads(): Promise<void> {
    // Also while nobody is connected: what the node remembers of an earlier store must go before somebody comes.
    await this.#checkEpoch()
    const isAlone = this.#deps.registry.connections === 0
    this.#note(isAlone ? NOT_BEHIND : this.#deps.hub.hearOfHeads(await this.#deps.log.movedHeads(LOOKBACK_MS)))
  }

  #note(behind: Behind): void {
    this.#behind = behind
    this.#repairs += behind.timelines
    this.#sweeps++
  }

  /** Ends sessions whose login was displaced while the news of it was lost. */
  async sweepLogins(): Promise<void> {
    const loginKeys = this.#deps.registry.loginKeys()
    for (let start = 0; start < loginKeys.length; start += LOGINS_PER_QUERY) {
      const some = loginKeys.slice(start, start + LOGINS_PER_QUERY)
      const alive = await this.#deps.aliveLogins(some)
      for (const loginKey of some) if (!alive.has(loginKey)) this.#displace(loginKey)
    }
  }

  #displace(loginKey: number): void {
    this.#deps.registry.displace(loginKey, CLOSE.DISPLACED_BY_ACCOUNT)
  }

  /** A store that was put back to an earlier state: every device must rebuild (promise I12). */
  async #checkEpoch(): Promise<void> {
    const epoch = await this.#deps.log.epoch()
    const sessions = this.#deps.registry.all()
    // A session may know of an earlier store than the first one this loop has seen.
    const isReplaced =
      (this.#epoch !== undefined && this.#epoch !== epoch) ||
      sessions.some((session) => session.epoch !== undefined && session.epoch !== epoch)
    this.#epoch = epoch
    if (!isReplaced) return
    // Those of the new store, too, and those that are opening: they share with the others what the hub forgets.
    for (const session of sessions) session.close(CLOSE.EPOCH_CHANGED, 'the store was restored')
    this.#deps.hub.startOver()
    this.#deps.onStoreReplaced()
  }

  async #checkHealth(): Promise<void> {
    for (const session of this.#deps.registry.all()) session.checkHealth()
    await Promise.resolve()
  }
}
