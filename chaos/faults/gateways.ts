import { percentile } from '../rig/measure.ts'
import type { Rig } from '../rig/rig.ts'
import { pause, within } from '../rig/waiting.ts'
import { evaluateIn } from './inspector.ts'
import { Finding, type Scenario } from './scenario.ts'

const ANSWER_GOAL_MS = 10_000
const RESUME_GOAL_MS = 3_000
const EXIT_GOAL_MS = 30_000

/** Answers of PostgreSQL to one gateway are lost; then it is killed: what it had committed nobody was told of. */
async function killAfterCommit(rig: Rig, index: number, finding: Finding): Promise<number> {
  const way = rig.cluster.databaseWays[index]
  const gateway = rig.cluster.gateway(index)
  way?.set({ kind: 'blackHole', directions: ['toClient'] })
  await pause(400)
  const killedAtMs = Date.now()
  await gateway.kill()
  way?.heal()
  await gateway.start()
  await rig.untilCaughtUp(`the kill of gateway ${index} after its commits`)
  const resent = await rig.countAnsweredLater(killedAtMs)
  finding.note(`${resent} messages were stored when it was killed, and acknowledged later`)
  return resent
}

async function stop(rig: Rig, index: number, finding: Finding): Promise<void> {
  const gateway = rig.cluster.gateway(index)
  const startedMs = performance.now()
  gateway.signal('SIGTERM')
  const code = await within(60_000, 'a gateway drains', gateway.ended).catch(() => 'never')
  if (code !== 0) finding.blame(`gateway ${index} ended with ${code} when it was told to stop`)
  finding.goal('exit after SIGTERM, ms', EXIT_GOAL_MS, performance.now() - startedMs)
  await gateway.start()
}

export const GATEWAY_FAULTS: readonly Scenario[] = [
  {
    id: 'F-01',
    what: 'kill -9 a gateway at a random moment, restart after 0–10 s (×20)',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      for (let turn = 0; turn < (isBrief ? 1 : 20); turn++) {
        const gateway = rig.cluster.gateway(random.whole(0, 2))
        await pause(random.whole(0, 300))
        await gateway.kill()
        const { tookMs } = await rig.untilCaughtUp(`the kill of gateway ${gateway.index}`)
        finding.goal('sessions resumed on others, p99 ms', RESUME_GOAL_MS, percentile(tookMs, 0.99))
        await pause(random.whole(0, isBrief ? 500 : 10_000))
        await gateway.start()
      }
      finding.goal('a definite answer to every send, max ms', ANSWER_GOAL_MS, rig.crew.measure.maxAckMs)
      return finding
    },
  },
  {
    id: 'F-02',
    what: 'kill -9 a gateway between COMMIT and the answer (the answers of PostgreSQL are held back)',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      finding.effect = 0
      for (let turn = 0; turn < (isBrief ? 1 : 10); turn++) {
        finding.effect += await killAfterCommit(rig, random.whole(0, 2), finding)
      }
      return finding
    },
  },
  {
    id: 'F-20',
    what: 'SIGTERM to the gateways in turn (×5)',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const { retried } = rig.crew.measure.totals
      if (isBrief) await stop(rig, random.whole(0, 2), finding)
      for (let turn = 0; turn < (isBrief ? 0 : 5); turn++) {
        for (const { index } of rig.cluster.gateways) await stop(rig, index, finding)
      }
      // What was asked for while they were stopped fails seconds later.
      await rig.untilAnswered()
      const surfaced = rig.crew.measure.totals.retried - retried
      if (surfaced > 0)
        finding.blame(`${surfaced} sends failed before the application while gateways were stopped in turn`)
      return finding
    },
  },
  {
    id: 'F-22',
    what: 'the event loop of a gateway stands still for 3 s; its heap is 95 % full',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const gateway = rig.cluster.gateway(random.whole(0, 2))
      const stallMs = isBrief ? 1_500 : 3_000
      await evaluateIn(gateway, `{ const e = performance.now() + ${stallMs}; while (performance.now() < e); }`)
      await rig.untilCaughtUp('the stall')
      if (isBrief) return finding
      await fillHeap(rig, gateway.index, finding)
      return finding
    },
  },
]

/** A small heap, filled to 95 % from inside, for ten seconds. */
async function fillHeap(rig: Rig, index: number, finding: Finding): Promise<void> {
  const gateway = rig.cluster.gateway(index)
  await gateway.kill()
  await gateway.start({ nodeArgs: ['--max-old-space-size=256', '--inspect-port=0'] })
  await pause(2_000)
  const filled = await evaluateIn(
    gateway,
    `(() => { const limit = 256 * 2 ** 20; globalThis.ballast = [];
       while (process.memoryUsage().heapUsed < 0.95 * limit) globalThis.ballast.push(new Array(2 ** 15).fill(1.5));
       return Math.round(process.memoryUsage().heapUsed / 2 ** 20) })()`,
  )
  finding.note(`${String(filled)} of 256 MB of heap in use for 10 s`)
  await pause(10_000)
  if (gateway.isRunning) await evaluateIn(gateway, 'globalThis.ballast = undefined')
  else finding.blame('the gateway with the full heap has ended')
}
