import { getHeapStatistics } from 'node:v8'
import type { MigrationState } from '../db/migration-state.ts'
import type { EventLoopWatch } from '../kit/event-loop-watch.ts'
import { OK, type Part, type PartState } from './readiness.ts'

/** What readiness looks at. */
export interface Watched {
  readonly isDraining: () => boolean
  readonly isBrokerUp: () => boolean
  /** Rejects while the database does not answer. */
  readonly pingDatabase: () => Promise<unknown>
  readonly migrationState: () => Promise<MigrationState>
  readonly eventLoop: EventLoopWatch
}

const DATABASE_KEEP_MS = 500
const MIGRATIONS_KEEP_MS = 10_000
/** After a stall the others get this long to take what it has held up. */
const STALL_REMEMBERED_MS = 10_000
/** Beyond this the heap is about to be the end of the process. */
const HEAP_FULL = 0.95

/** The parts of a node, in the order in which a person would look at them. */
export function partsOf(watched: Watched): Readonly<Record<string, Part>> {
  return {
    draining: { look: () => (watched.isDraining() ? failed('this node is letting go of its sessions to stop') : OK) },
    database: { look: () => lookAtDatabase(watched), keepMs: DATABASE_KEEP_MS },
    migrations: { look: async () => judgeMigrations(await watched.migrationState()), keepMs: MIGRATIONS_KEEP_MS },
    broker: {
      look: () =>
        watched.isBrokerUp()
          ? OK
          : { status: 'degraded', why: 'Redis cannot be reached: what comes from other nodes is up to 2 s later' },
    },
    eventLoop: { look: () => judgeStall(watched.eventLoop) },
    memory: { look: judgeHeap },
  }
}

async function lookAtDatabase({ pingDatabase }: Watched): Promise<PartState> {
  try {
    await pingDatabase()
    return OK
  } catch {
    return failed('PostgreSQL does not answer: npm run hongyan -- doctor says why')
  }
}

/** A database that is newer is served on: so all nodes can be updated one after the other. */
function judgeMigrations({ missing, foreign, changed }: MigrationState): PartState {
  if (missing.length > 0) return failed(`the database lacks ${missing.length} migrations of this program`)
  if (changed.length > 0) return failed(`migration ${changed[0] ?? ''} is not the one this program brings`)
  if (foreign.length === 0) return OK
  return { status: 'degraded', why: 'the database was migrated by a newer program: update this node soon' }
}

function judgeStall(eventLoop: EventLoopWatch): PartState {
  const stall = eventLoop.stalledWithin(STALL_REMEMBERED_MS)
  return stall ? failed(`the event loop stood still for ${Math.round(stall.tookMs)} ms a moment ago`) : OK
}

function judgeHeap(): PartState {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used < HEAP_FULL * limit ? OK : failed('the memory of this process is nearly used up')
}

function failed(why: string): PartState {
  return { status: 'failed', why }
}
