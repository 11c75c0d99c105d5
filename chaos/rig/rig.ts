import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConversationId } from '@hongyan/protocol'
import type { How, Scenario } from '../faults/scenario.ts'
import type { CaughtUp, Head } from '../load/orders.ts'
import type { SmallDisk } from '../../server/test/kit/small-disk.ts'
import { dumpStore, dumpTruths } from '../record/dump.ts'
import { canariesIn } from '../record/canary.ts'
import { Journal, lastLines } from '../record/journal.ts'
import type { AckLine, FaultLine, RunFacts, StoreLine } from '../record/lines.ts'
import { readTruths } from '../record/truth.ts'
import { Cluster, type Topology } from './cluster.ts'
import { Crew } from './crew.ts'
import { foundGroups } from './founding.ts'
import { percentile } from './measure.ts'
import { devicesOf, planPopulation, type Population, type Scale } from './population.ts'
import { PoolWatch } from './pool-watch.ts'
import { pause, until } from './waiting.ts'

export interface RigOptions {
  readonly folder: string
  readonly seed: number
  readonly scale: Scale
  readonly workers: number
  readonly topology: Topology
  readonly command: string
  readonly say: (line: string) => void
  /** PostgreSQL's data lie on it, so that it can be filled. */
  readonly smallDisk?: SmallDisk | undefined
}

/** Promise I13. */
const CAUGHT_UP_WITHIN_MS = 30_000
/** Promise I4 gives ten seconds; a machine that others share gets some more before the checker judges what there is. */
const CONVERGED_WITHIN_MS = 20_000
const MAX_TOMBSTONES = 60
/** The load counts as carried at this share of its rate; else it is as fast as it gets after so many seconds without growth. */
const CARRIED = 0.9
const GROWTH = 1.1
const ENOUGH_FLAT_S = 3
const MAX_WARM_UP_S = 30
const WAITS_MS = 3_000
const MAX_WAITS_MS = 20_000
const TAIL_BYTES = 2 ** 21
const ON_SMALL_DISK = { min_wal_size: '32MB', max_wal_size: '64MB', shared_buffers: '64MB' }

/** The whole rig: a cluster, devices that load it, and records of all that happens. */
export class Rig {
  readonly cluster: Cluster
  readonly population: Population
  readonly folder: string
  readonly seed: number
  readonly #options: RigOptions
  readonly #journal: Journal<FaultLine>
  readonly #store: Journal<StoreLine>
  readonly #pools = new PoolWatch()
  #crew: Crew | undefined
  #faults = 0
  #checkpoints = 0

  constructor(options: RigOptions) {
    const { folder, seed, scale } = options
    mkdirSync(folder, { recursive: true })
    this.#options = options
    this.folder = folder
    this.seed = seed
    this.#journal = new Journal(join(folder, 'faults.jsonl'))
    this.#store = new Journal(join(folder, 'store.jsonl'))
    this.population = planPopulation(scale, seed)
    const { smallDisk } = options
    this.cluster = new Cluster({
      folder,
      topology: options.topology,
      onIncident: (what) => this.incident(what),
      ...(smallDisk === undefined ? {} : { postgresDir: join(smallDisk.path, 'postgres'), settings: ON_SMALL_DISK }),
    })
  }

  get smallDisk(): SmallDisk | undefined {
    return this.#options.smallDisk
  }

  get crew(): Crew {
    if (this.#crew === undefined) throw new Error('nobody is there yet')
    return this.#crew
  }

  say(line: string): void {
    this.#options.say(line)
  }

  /** Everything runs and everybody talks. */
  async start(): Promise<void> {
    const { folder, seed, scale, workers } = this.#options
    this.#writeFacts()
    await this.cluster.start()
    await foundGroups(this.population, this.cluster.gateway(0).port)
    const ports = this.cluster.gateways.map(({ front }) => front.port)
    this.#crew = await Crew.start({ workers, folder, seed, scale }, ports, (what) => this.incident(what))
    await this.crew.login()
    this.cluster.watch((good) => this.crew.setPorts(good))
    this.open()
    await this.untilAcked(200)
    await this.#pools.isWhole(this.cluster)
    await this.#untilWarm()
    this.crew.takeLatency()
  }

  open(rate = this.#options.scale.rate): void {
    this.crew.open(rate)
  }

  async untilAcked(count: number, deadlineMs = 120_000): Promise<void> {
    await until(`${count} acknowledgements`, () => this.crew.measure.totals.acked >= count, { deadlineMs })
  }

  incident(what: string): void {
    this.say(`!! ${what}`)
    this.#journal.append({ kind: 'incident', what, atMs: Date.now() })
  }

  record(line: FaultLine): void {
    this.#journal.append(line)
  }

  /** Lets a scenario do its harm, heals what it left, and waits until everybody has everything again. */
  async inject(scenario: Scenario, how: How): Promise<FaultLine & { kind: 'fault' }> {
    const number = ++this.#faults
    const { measure } = this.crew
    await this.#untilNobodyWaits()
    const before = measure.felt
    const fromMs = Date.now()
    this.crew.takeLatency()
    const finding = await scenario.run(this, how)
    await this.cluster.healAll()
    const healedMs = Date.now()
    await this.untilCaughtUp(`${scenario.id} (${number})`)
    // What the workers have counted meanwhile is on its way.
    await pause(300)
    const { notes, violations, goals, skipped } = finding
    const line = {
      kind: 'fault',
      number,
      id: scenario.id,
      what: scenario.what,
      fromMs,
      healedMs,
      effect: finding.effect ?? measure.felt - before,
      ...(skipped === undefined ? {} : { skipped }),
      notes,
      violations,
      goals,
      latency: this.crew.takeLatency(),
    } as const
    this.#journal.append(line)
    return line
  }

  /** Waits until every device has what is stored at this moment; who has not in time is noted. */
  async untilCaughtUp(after: string): Promise<CaughtUp> {
    const caughtUp = await this.crew.catchUp(await this.heads(), CAUGHT_UP_WITHIN_MS)
    const { tookMs, behind } = caughtUp
    this.#journal.append({
      kind: 'caught-up',
      after,
      p50Ms: percentile(tookMs, 0.5),
      p99Ms: percentile(tookMs, 0.99),
      maxMs: tookMs.at(-1) ?? 0,
      behind,
    })
    for (const who of behind.slice(0, 5)) this.say(`!! after ${after}: ${who}`)
    return caughtUp
  }

  /** Messages that were stored before this moment and acknowledged after it, of those asked for before it. */
  async countAnsweredLater(atMs: number): Promise<number> {
    await pause(300)
    return this.#lastAcks().filter((ack) => {
      return ack.kind === 'sent' && ack.askedAtMs < atMs && ack.sentAtMs < atMs && ack.atMs > atMs + 200
    }).length
  }

  /** Where every conversation stands; of groups without those who come and go. */
  async heads(): Promise<readonly Head[]> {
    await this.cluster.untilPostgresAnswers()
    const comings = new Set(this.#comings().map(({ user, conversation }) => `${user} ${conversation}`))
    const { rows } = await this.cluster.ask((lane) =>
      lane.run<{ conversation: ConversationId; offset: number; members: string[] }>(
        `SELECT substr(t.id, 3) AS conversation, t.last_offset AS "offset", json_agg(a.id) AS members
           FROM timeline t JOIN member m ON m.timeline_key = t.key JOIN account a ON a.key = m.account_key
          WHERE t.id LIKE 'c:%' GROUP BY t.key`,
      ),
    )
    return rows.map(({ conversation, offset, members }) => {
      return { conversation, offset, members: members.filter((user) => !comings.has(`${user} ${conversation}`)) }
    })
  }

  /** Everybody rests, everything is compared, and all go on. */
  async checkpoint(options: { readonly goesOn: boolean }): Promise<void> {
    const number = ++this.#checkpoints
    await this.crew.shut()
    await this.untilCaughtUp(`checkpoint ${number}`)
    const startedMs = performance.now()
    const problems: string[] = []
    const hasConverged = await this.#untilConverged()
    const tookMs = Math.round(performance.now() - startedMs)
    if (!hasConverged) problems.push(`the devices had not converged after ${tookMs} ms`)
    await this.crew.view(number)
    await this.cluster.ask((lane) => dumpTruths(lane, number, this.#store))
    problems.push(...(await this.#pools.findProblems(this.cluster)))
    this.#journal.append({ kind: 'checkpoint', number, problems })
    this.say(`   checkpoint ${number}: ${hasConverged ? `converged in ${tookMs} ms` : 'NOT converged'}`)
    if (options.goesOn) this.open()
  }

  /** The last checkpoint, and the books of the database. */
  async finish(): Promise<void> {
    await this.checkpoint({ goesOn: false })
    await this.crew.tombstones(this.#someRecalled())
    await this.cluster.ask((lane) => dumpStore(lane, this.#store))
    await this.crew.stop()
    await this.#lookAtLogs()
  }

  async stop(): Promise<void> {
    this.#crew?.endNow()
    await this.cluster.stop()
    this.#journal.close()
    this.#store.close()
  }

  endNow(): void {
    this.#crew?.endNow()
    this.cluster.endNow()
  }

  /** Waits until what has been asked for up to now has its answer, or is asked again: then what came of it is counted. */
  async untilAnswered(): Promise<void> {
    const { measure } = this.crew
    const atMs = Date.now()
    await until('what was asked for is answered', () => measure.isAnsweredUpTo(atMs), {
      deadlineMs: MAX_WAITS_MS,
    }).catch(() => {})
  }

  /** What has just been started is slow at first: waits until it carries all that is asked of it, or gets no faster. */
  async #untilWarm(): Promise<void> {
    const { totals } = this.crew.measure
    const { rate } = this.#options.scale
    let best = 0
    for (let second = 1, isFlat = 0; second <= MAX_WARM_UP_S && isFlat < ENOUGH_FLAT_S; second++) {
      const before = totals.acked
      await pause(1_000)
      const carried = totals.acked - before
      isFlat = carried > best * GROWTH ? 0 : isFlat + 1
      best = Math.max(best, carried)
      if (best >= rate * CARRIED) break
    }
    this.say(`warm: ${best} messages a second of ${rate}`)
  }

  /** What is still being asked for since the last fault must not be blamed on the next. */
  async #untilNobodyWaits(): Promise<void> {
    const { measure } = this.crew
    await until('nobody waits for long', () => measure.oldestMs < WAITS_MS, { deadlineMs: MAX_WAITS_MS }).catch(
      () => {},
    )
  }

  async #untilConverged(): Promise<boolean> {
    const endMs = performance.now() + CONVERGED_WITHIN_MS
    for (;;) {
      const truths = await this.cluster.ask((lane) => readTruths(lane))
      const digests = await this.crew.digests()
      if (digests.every(([user, digest]) => (truths.get(user) ?? '[]') === digest)) return true
      if (performance.now() > endMs) return false
      await pause(250)
    }
  }

  #someRecalled(): { conversation: ConversationId; seq: number }[] {
    const recalls = this.#lastAcks().filter((line) => line.kind === 'recall')
    return recalls.slice(-MAX_TOMBSTONES).map(({ conversation, seq }) => ({ conversation, seq }))
  }

  /** The acknowledgements that were written last. */
  #lastAcks(): readonly AckLine[] {
    return Array.from({ length: this.#options.workers }, (_, index) => {
      return lastLines(join(this.folder, `acks-${index}.jsonl`), TAIL_BYTES)
    })
      .flat()
      .map((line) => JSON.parse(line) as AckLine)
  }

  /** No process may say anything on its standard error, or anybody's words anywhere. */
  async #lookAtLogs(): Promise<void> {
    await pause(100)
    for (const { index, outPath, errPath } of this.cluster.gateways) {
      const strange = readFileSync(errPath, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !/Debugger|inspector|Warning: SIGUSR1/.test(line))
      if (strange.length > 0)
        this.incident(`gateway ${index} said on its standard error: ${strange.slice(0, 3).join(' | ')}`)
      const out = readFileSync(outPath, 'utf8')
      if (/unhandled|uncaught/i.test(out)) this.incident(`the log of gateway ${index} speaks of something unhandled`)
      const words = canariesIn(out)
      if (words.length > 0) this.incident(`the log of gateway ${index} holds messages: ${words.slice(0, 3).join(' ')}`)
    }
  }

  #comings(): RunFacts['wanderers'] {
    return this.population.groups.map(({ wanderer, conversationId }) => ({
      user: wanderer,
      conversation: conversationId,
    }))
  }

  #writeFacts(): void {
    const { seed, command } = this.#options
    const facts: RunFacts = {
      seed,
      command,
      startedAt: new Date().toISOString(),
      devices: devicesOf(this.population).map(({ name, userId }) => ({ name, user: userId })),
      wanderers: this.#comings(),
    }
    writeFileSync(join(this.folder, 'run.json'), JSON.stringify(facts, undefined, 1))
  }
}
