import type { Platform } from '../core/client-api.ts'
import { nodeTransport } from '../transport/node.ts'
import { timerClock } from './timers.ts'

/** A Node process: bots, tests, tools. It neither sleeps nor changes its network as a phone does. */
export function nodePlatform(): Platform {
  return {
    device: 'node',
    clock: timerClock(() => performance.now()),
    random: () => Math.random(),
    transport: nodeTransport(),
    onWake: () => () => undefined,
  }
}
