import type { AddressInfo } from 'node:net'
import { LIMITS } from '@hongyan/protocol'
import { buildApp } from './app.ts'
import { buildContext, type Context } from './context.ts'
import type { Db } from './db/db.ts'
import type { Foundations } from './foundations.ts'
import { drainSessions, stopInOrder, type StopStep } from './lifecycle.ts'

/** One running server process's worth of Hongyan. */
export interface Node {
  readonly context: Context
  /** Where it listens. */
  readonly port: number
  /** Drains and stops; never rejects. The foundations are closed too. */
  stop(): Promise<void>
}

const STEP_MS = 5_000
/** Requests that are being served get this long to finish once their session was told to go. */
const SETTLE_MS = 200

/** Builds a node on its foundations and listens. Rejects when it cannot; then nothing is left running. */
export async function startNode(foundations: Foundations): Promise<Node> {
  const { config, clock, logger } = foundations
  const context = buildContext(foundations)
  const app = await buildApp(context)
  const steps: readonly StopStep[] = [
    {
      name: 'sessions',
      deadlineMs: config.drainMs + STEP_MS,
      run: async () => {
        context.admission.drain()
        await drainSessions(() => context.registry.all(), { windowMs: config.drainMs, clock })
        await new Promise<void>((resolve) => void clock.after(SETTLE_MS, resolve))
      },
    },
    {
      name: 'loops',
      deadlineMs: STEP_MS,
      run: async () => {
        await Promise.all([context.sweeper, context.eventLoop, ...context.loops].map((loop) => loop.stop()))
      },
    },
    { name: 'http', deadlineMs: STEP_MS, run: () => app.close() },
    ...closeFoundations(foundations),
  ]
  try {
    context.eventLoop.start()
    await context.sweeper.start()
    for (const loop of context.loops) loop.start()
    await app.listen({ host: config.http.host, port: config.http.port, backlog: LIMITS.listenBacklog })
  } catch (err) {
    await stopInOrder(steps.slice(1), { clock, log: logger })
    throw err
  }
  const address = app.server.address()
  return {
    context,
    port: isAddressInfo(address) ? address.port : 0,
    stop: () => stopInOrder(steps, { clock, log: logger }),
  }
}

/** Broker and presence before the database: what is being written may still be written. */
export function closeFoundations({ broker, presence, sharedUse, blobs, pools }: Foundations): readonly StopStep[] {
  return [
    { name: 'broker', deadlineMs: STEP_MS, run: () => broker.close() },
    { name: 'presence', deadlineMs: STEP_MS, run: () => presence.close() },
    { name: 'rates', deadlineMs: STEP_MS, run: () => sharedUse.close() },
    { name: 'blobs', deadlineMs: STEP_MS, run: () => blobs.close() },
    {
      name: 'database',
      deadlineMs: STEP_MS,
      run: async () => {
        await Promise.all(Object.values<Db>({ ...pools }).map((pool) => pool.close()))
      },
    },
  ]
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
