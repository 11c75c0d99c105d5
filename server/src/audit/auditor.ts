import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import { Loop } from '../kit/loop.ts'
import type { AuditService } from './audit-service.ts'

export interface AuditorDeps {
  readonly audit: AuditService
  readonly clock: Clock
  readonly logger: Logger
}

const EVERY_MS = 60_000
const PLACES = 20

/** Audits a few numbers now and then for as long as the node runs; its numbers are metrics, differences are logged. */
export class Auditor {
  readonly #deps: AuditorDeps
  readonly #loop: Loop
  #checked = 0
  #differences = 0

  constructor(deps: AuditorDeps) {
    this.#deps = deps
    this.#loop = new Loop({
      name: 'audit',
      everyMs: EVERY_MS,
      clock: deps.clock,
      log: deps.logger,
      turn: () => this.#turn(),
    })
  }

  start(): void {
    this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  stats(): { readonly checked: number; readonly differences: number } {
    return { checked: this.#checked, differences: this.#differences }
  }

  async #turn(): Promise<void> {
    const { checked, differences } = await this.#deps.audit.audit(PLACES)
    this.#checked += checked
    this.#differences += differences.length
    if (differences.length > 0) this.#deps.logger.error({ differences }, 'numbers are not what counting gives')
  }
}
