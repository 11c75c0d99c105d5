import { describe, expect, test } from 'vitest'
import { FOUND_PLANS } from './found-plans.ts'
import { planOf } from './operations.ts'
import { firstViolation, run } from './run.ts'

// Rig A: the real core of server and SDK in a world of one thread and one time. More by `npm run sim -- --runs 5000`.

const SHORT_RUNS = 700
const DEEP_RUNS = 24

/** What happened over all runs: a world in which nothing happens proves nothing. */
const seen = new Map<string, number>()
let runs = 0

async function runAll(length: 'short' | 'deep', count: number): Promise<readonly string[]> {
  const failures: string[] = []
  for (let seed = 1; seed <= count; seed++) {
    const result = await run(planOf(seed, length))
    runs++
    for (const [name, times] of Object.entries(result.seen)) seen.set(name, (seen.get(name) ?? 0) + times)
    if (result.violations.length > 0) failures.push(firstViolation(result, length))
  }
  return failures
}

describe('the simulated world', () => {
  test('is the same again from the same seed, to the last frame', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const plan = planOf(seed, 'short')
      const [first, second] = [await run(plan), await run(plan)]
      expect({ seed, hash: second.hash, steps: second.steps }).toEqual({ seed, hash: first.hash, steps: first.steps })
    }
    expect((await run(planOf(1, 'short'))).hash).not.toBe((await run(planOf(2, 'short'))).hash)
  })

  test('keeps every promise in short runs', async () => {
    expect(await runAll('short', SHORT_RUNS)).toEqual([])
  })

  test('keeps every promise in deep runs', async () => {
    expect(await runAll('deep', DEEP_RUNS)).toEqual([])
  })

  test('did something in the runs above', () => {
    const perRun = (name: string): number => (seen.get(name) ?? 0) / runs
    for (const name of ['messages', 'told', 'pushes', 'dials']) expect(perRun(name), name).toBeGreaterThan(3)
    for (const name of [
      'entries',
      'cuts',
      'duplicates',
      'crashes',
      'rivals',
      'displaced',
      'refused',
      'repaired',
      'tips',
      'grouped',
    ]) {
      expect(perRun(name), name).toBeGreaterThan(0.2)
    }
    for (const name of [
      'revoked',
      'modified',
      'kills',
      'sleeps',
      'lost',
      'doubled',
      'outages',
      'stalls',
      'restarts',
      'ambiguous',
    ]) {
      expect(perRun(name), name).toBeGreaterThan(0.05)
    }
    expect(seen.get('rewinds') ?? 0).toBeGreaterThan(50)
  })
})

describe('what was found here once stays mended', () => {
  for (const { name, plan } of FOUND_PLANS) {
    test(`${name}`, async () => {
      expect((await run(plan)).violations).toEqual([])
    })
  }
})
