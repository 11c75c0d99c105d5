import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drain, refusalOf, standNodes, type Fate } from '../../test/kit/rates-stand.ts'
import { Bucket } from './bucket.ts'
import { limitsOf, type Limit } from './limits.ts'
import { EXCHANGE_EVERY_MS, type Claim } from './rates.ts'

const LIMITS = limitsOf({
  maxSendsPerSecondPerUser: 20,
  maxSendsPerSecondPerGroup: 20,
  maxOpeningsPerSecondPerAddress: 20,
  maxGroupsFoundedPerHourPerUser: 20,
})
const FLOOD: Claim = { limit: 'sends of a user', key: 'flooder' }
const HONEST: Claim = { limit: 'sends of a user', key: 'anna' }
const LIMIT = LIMITS[FLOOD.limit]
const QUARTER: Limit = { ...LIMIT, perSecond: LIMIT.perSecond / 4, burst: LIMIT.burst / 4 }
const NODES = 4

/** What happens: somebody asks one node or all for all there is, somebody asks for little, time passes, a node tells its use. */
type Step =
  | { readonly kind: 'flood' | 'ask'; readonly node: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'exchange'; readonly node: number; readonly fate: Fate }

const EACH = Array.from({ length: NODES }, (_, index) => index)
const ALL = -1
const node = fc.constantFrom(...EACH)

function stepsWith(fates: readonly Fate[]): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('flood' as const), node: fc.constantFrom(...EACH, ALL) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), node }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('exchange' as const), node, fate: fc.constantFrom(...fates) }),
      },
    ),
    { minLength: 50, maxLength: 300 },
  )
}

interface Grant {
  readonly atMs: number
  readonly node: number
  readonly tokens: number
}

/**
 * Plays the steps on so many nodes. Besides the exchanges among the steps every node has one each second, at a moment of its
 * own, whose fate is drawn from those given.
 */
async function play(steps: readonly Step[], count: number, fates: readonly Fate[]) {
  const { clock, ends, nodes } = standNodes(count, LIMITS)
  const dueMs = nodes.map((_, index) => (EXCHANGE_EVERY_MS * (index + 1)) / count)
  const granted: Grant[] = []
  const refused: number[] = []
  // Stands for the whole use of one who stays within a quarter of the limit.
  const within = new Bucket(QUARTER, 0)
  let exchanges = 0

  const exchange = async (index: number, fate: Fate): Promise<void> => {
    const end = ends[index]
    if (end) end.fate = fate
    await nodes[index]?.exchange()
    dueMs[index] = clock.monotonicMs() + EXCHANGE_EVERY_MS
  }
  const pass = async (ms: number): Promise<void> => {
    const untilMs = clock.monotonicMs() + ms
    for (let nextMs = Math.min(...dueMs); nextMs <= untilMs; nextMs = Math.min(...dueMs)) {
      const index = dueMs.indexOf(nextMs)
      await clock.pass(nextMs - clock.monotonicMs())
      await exchange(index, fates[exchanges++ % fates.length] ?? 'answered')
    }
    await clock.pass(untilMs - clock.monotonicMs())
  }
  const ask = (index: number): void => {
    const rates = nodes[index]
    within.settle(clock.monotonicMs())
    if (!rates || within.waitMs(1) > 0) return
    within.take(1)
    if (refusalOf(rates, HONEST)) refused.push(clock.monotonicMs())
  }

  for (const step of steps) {
    if (step.kind === 'pass') await pass(step.ms)
    else if (step.kind === 'exchange') await exchange(step.node % count, step.fate)
    else if (step.kind === 'ask') ask(step.node % count)
    else {
      for (const [index, rates] of nodes.entries()) {
        if (step.node !== ALL && step.node % count !== index) continue
        granted.push({ atMs: clock.monotonicMs(), node: index, tokens: drain(rates, FLOOD) })
      }
    }
  }
  return { granted, refused }
}

/** The most that was granted beyond what the bound allows, over every stretch of time; 0 when it was kept. */
function excess(grants: readonly Grant[], allowed: (seconds: number) => number): number {
  let most = 0
  for (const [first, { atMs: fromMs }] of grants.entries()) {
    let sum = 0
    for (const { atMs, tokens } of grants.slice(first)) {
      sum += tokens
      most = Math.max(most, sum - allowed((atMs - fromMs) / 1000))
    }
  }
  return most
}

const ALONE = (seconds: number): number => LIMIT.burst + LIMIT.perSecond * seconds + 1e-3
const TOGETHER =
  (count: number) =>
  (seconds: number): number =>
    LIMIT.perSecond * seconds * (1 + (count - 1) / 8) +
    2 * count * (LIMIT.burst + (2 * LIMIT.perSecond * EXCHANGE_EVERY_MS) / 1000)

test('while exchanges are answered, all nodes together keep to the bound of Rates, in whatever order things happen', async () => {
  await fc.assert(
    fc.asyncProperty(stepsWith(['answered']), fc.integer({ min: 1, max: NODES }), async (steps, count) => {
      const { granted, refused } = await play(steps, count, ['answered'])
      expect(excess(granted, TOGETHER(count))).toBe(0)
      expect(refused).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('whatever is lost, no node grants more than it may alone, and who stays within a quarter of a limit is never refused', async () => {
  const fates: readonly Fate[] = ['answered', 'not heard', 'not answered']
  const lots = fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(stepsWith(fates), fc.integer({ min: 1, max: NODES }), lots, async (steps, count, drawn) => {
      const { granted, refused } = await play(steps, count, drawn)
      for (let index = 0; index < count; index++) {
        const own = granted.filter((grant) => grant.node === index)
        expect(excess(own, ALONE)).toBe(0)
      }
      expect(refused).toEqual([])
    }),
    { numRuns: 60 },
  )
})
