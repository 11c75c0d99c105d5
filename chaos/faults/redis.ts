import { connect } from 'node:net'
import type { Rig } from '../rig/rig.ts'
import { pause, within } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

/** The sweeper looks every 2 s; the matrix allows a second more. */
const DELIVERY_GOAL_MS = 3_000
/** What the workers have counted is on its way for so long. */
const COUNTED_WITHIN_MS = 300

/** While Redis is away somebody comes back all the time: who opens a session is followed anew. */
const COMES_BACK = 0.2

interface Harm {
  readonly how: string
  readonly begin: () => Promise<void> | void
  readonly forMs: number
  readonly end?: () => Promise<void> | void
}

/** Redis carries hints only: whatever happens to it, no request may fail. */
async function without(rig: Rig, { how, begin, forMs, end }: Harm, finding: Finding): Promise<void> {
  rig.crew.takeLatency()
  const { refusals, retried } = { ...rig.crew.measure.totals }
  await begin()
  await pause(forMs / 2)
  rig.crew.interrupt(COMES_BACK)
  await pause(forMs / 2)
  await end?.()
  // What was asked for meanwhile fails seconds later, if it does.
  await rig.untilAnswered()
  await pause(COUNTED_WITHIN_MS)
  const { totals } = rig.crew.measure
  const failed = totals.refusals - refusals + totals.retried - retried
  if (failed > 0) finding.blame(`${failed} requests failed while ${how}`)
  finding.goal(`delivery while ${how}, p99 ms`, DELIVERY_GOAL_MS, rig.crew.takeLatency().deliveryP99Ms)
  await rig.untilCaughtUp(how)
  finding.note(how)
}

/** Sends one command to Redis itself, past all proxies. */
async function tellRedis(rig: Rig, ...words: readonly string[]): Promise<void> {
  const port = Number(new URL(rig.cluster.redis.url).port)
  const socket = connect(port, '127.0.0.1')
  const text = `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
  const answer = new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('error', reject)
    socket.write(text)
  })
  await within(5_000, `Redis answers to ${words.join(' ')}`, answer)
  socket.destroy()
}

export const REDIS_FAULTS: readonly Scenario[] = [
  {
    id: 'F-03',
    what: 'kill -9 redis, restart after 0.3/5/60 s',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      for (const downMs of isBrief ? [random.pick([300, 2_500])] : [300, 5_000, 60_000]) {
        const harm: Harm = {
          how: `Redis was down for ${downMs} ms`,
          begin: () => rig.cluster.redis.kill('SIGKILL'),
          forMs: downMs,
          end: () => rig.cluster.redis.restart(),
        }
        await without(rig, harm, finding)
      }
      return finding
    },
  },
  {
    id: 'F-04',
    what: 'SIGSTOP redis 20 s; CLIENT KILL TYPE pubsub; CLIENT PAUSE 10000 ALL; FLUSHALL',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const [stopMs, pauseMs] = isBrief ? [2_500, 2_000] : [20_000, 10_000]
      const harms: readonly Harm[] = [
        {
          how: `Redis stood still for ${stopMs} ms`,
          begin: () => rig.cluster.freeze([rig.cluster.redis.pid()]),
          forMs: stopMs,
          end: () => rig.cluster.thaw(),
        },
        { how: 'its subscribers were cut', begin: () => tellRedis(rig, 'CLIENT', 'KILL', 'TYPE', 'pubsub'), forMs: 0 },
        {
          how: `Redis paused its clients for ${pauseMs} ms`,
          begin: () => tellRedis(rig, 'CLIENT', 'PAUSE', String(pauseMs), 'ALL'),
          forMs: pauseMs,
        },
        { how: 'everything in Redis was deleted', begin: () => tellRedis(rig, 'FLUSHALL'), forMs: 0 },
      ]
      for (const harm of isBrief ? [random.pick(harms)] : harms) await without(rig, harm, finding)
      return finding
    },
  },
]
