import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { percentile } from '../rig/measure.ts'
import type { Rig } from '../rig/rig.ts'
import { pause, until, within } from '../rig/waiting.ts'
import type { CrowdNews, CrowdOrder } from './crowd-orders.ts'
import { Finding, type How, type Scenario } from './scenario.ts'

const CROWD = 10_000
const BRIEF_CROWD = 1_000
const POSTGRES_CONNECTIONS_OF_A_GATEWAY = 12
const BACK_WITHIN_MS = 120_000
const COMING_MS = 600_000
const MIB = 2 ** 20

/** A crowd in a process of its own, as it says it is. */
class CrowdProcess {
  readonly #child: ChildProcess
  #state: Extract<CrowdNews, { kind: 'state' }> = { kind: 'state', present: 0, attempts: 0, resumedMs: [] }
  #hasCome = false

  constructor() {
    const program = fileURLToPath(new URL('crowd-process.ts', import.meta.url))
    this.#child = fork(program, {
      execArgv: ['--conditions=source', '--import', 'tsx'],
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child.on('message', (news: CrowdNews) => {
      if (news.kind === 'state') this.#state = news
      else this.#hasCome = true
    })
  }

  get state(): Extract<CrowdNews, { kind: 'state' }> {
    return this.#state
  }

  get hasCome(): boolean {
    return this.#hasCome
  }

  tell(order: CrowdOrder): void {
    if (this.#child.connected) this.#child.send(order)
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
    this.tell({ kind: 'leave' })
    await within(10_000, 'the crowd leaves', ended).catch(() => this.#child.kill('SIGKILL'))
  }
}

/** A crowd on two gateways; one of them is killed; all go to the one that is left. */
async function storm(rig: Rig, how: How, { isNaive }: { readonly isNaive: boolean }): Promise<Finding> {
  const finding = new Finding()
  const [lost, left] = [rig.cluster.gateway(0), rig.cluster.gateway(1)]
  const count = how.isBrief ? BRIEF_CROWD : CROWD
  const crowd = new CrowdProcess()
  // Between them stands nothing: a proxy for ten thousand would measure the proxy.
  const name = `crowd${isNaive ? 'n' : 'j'}${rig.seed}x`
  crowd.tell({ kind: 'come', name, count, isNaive, ports: [lost.port, left.port] })
  await until('the crowd is there', () => crowd.hasCome, { deadlineMs: COMING_MS })
  finding.note(`${crowd.state.present} of ${count} were there`)
  const health = watchHealth(rig, left.index)
  crowd.tell({ kind: 'ports', ports: [left.port], isLoss: true })
  const killedAtMs = performance.now()
  await lost.kill()
  await until('everybody is back', () => crowd.state.present === count && performance.now() > killedAtMs + 2_000, {
    deadlineMs: BACK_WITHIN_MS,
  }).catch(() => finding.blame(`${count - crowd.state.present} of ${count} had not come back after 2 min`))
  const { resumedMs, attempts } = crowd.state
  finding.effect = resumedMs.length
  finding.goal('resumed, p50 ms', 1_500, percentile(resumedMs, 0.5))
  finding.goal('resumed, p99 ms', 3_000, percentile(resumedMs, 0.99))
  finding.goal('all resumed, ms', 10_000, resumedMs.at(-1) ?? 0)
  finding.goal('health answered meanwhile, max ms', 200, await health.stop())
  finding.note(`${attempts} attempts for ${resumedMs.length} that were lost`)
  await judgeSurvivor(rig, finding)
  await crowd.end()
  await lost.start()
  return finding
}

async function judgeSurvivor(rig: Rig, finding: Finding): Promise<void> {
  const { rows } = await rig.cluster.ask((lane) =>
    lane.run<{ count: number }>(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'hongyan%'`),
  )
  const most = POSTGRES_CONNECTIONS_OF_A_GATEWAY * rig.cluster.gateways.length + 1
  const count = rows[0]?.count ?? 0
  if (count > most) finding.blame(`${count} connections to PostgreSQL, where the pools have ${most}`)
  finding.goal('memory of the survivor, MiB', 1_024, rig.cluster.gateway(1).rss() / MIB)
}

/** Asks `/healthz` all the time; tells the longest answer. */
function watchHealth(rig: Rig, index: number): { stop(): Promise<number> } {
  let isWatching = true
  let longestMs = 0
  const watching = (async () => {
    while (isWatching) {
      const startedMs = performance.now()
      await rig.cluster.gateway(index).ask('/healthz', 30_000)
      longestMs = Math.max(longestMs, performance.now() - startedMs)
      await pause(50)
    }
  })()
  return {
    stop: async () => {
      isWatching = false
      await watching
      return longestMs
    },
  }
}

export const STORMS: readonly Scenario[] = [
  {
    id: 'F-16',
    what: '10,000 clients, one of two gateways is killed',
    isMixable: false,
    run: (rig, how) => storm(rig, how, { isNaive: false }),
  },
  {
    id: 'F-17',
    what: '10,000 naive clients that come back every 100 ms',
    isMixable: false,
    run: (rig, how) => storm(rig, how, { isNaive: true }),
  },
]
