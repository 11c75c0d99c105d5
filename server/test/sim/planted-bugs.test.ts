import { describe, expect, test } from 'vitest'
import { planOf } from './operations.ts'
import { FOUND_BY } from './found-by.ts'
import { PLANTED_BUGS } from './planted-bugs.ts'
import { firstViolation, run } from './run.ts'

// What the simulator is worth: mistakes that it has to find. Apart from its own runs, so that both run side by side.

const SHORT_BOUND = 3_000
const DEEP_BOUND = 100

/** All seeds up to the bound, the one first that found it last: it still does, unless the simulator was changed. */
function* seedsWithin(bound: number, first: number | undefined): Generator<number> {
  if (first !== undefined && first <= bound) yield first
  for (let seed = 1; seed <= bound; seed++) if (seed !== first) yield seed
}

describe('a mistake made on purpose is found', () => {
  test('there are enough of them', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(42)
  })

  test('what is noted of them is of one that there is', () => {
    const names = PLANTED_BUGS.map(({ name }) => name)
    for (const name of Object.keys(FOUND_BY)) expect(names).toContain(name)
  })

  for (const bug of PLANTED_BUGS) {
    test(`${bug.name}`, async () => {
      const bound = bug.length === 'deep' ? DEEP_BOUND : SHORT_BOUND
      for (const seed of seedsWithin(bound, FOUND_BY[bug.name])) {
        const result = await run(planOf(seed, bug.length, bug.profile), { bug })
        if (result.violations.length === 0) continue
        console.log(`found in run ${seed}: ${firstViolation(result, bug.length, bug.profile)} --bug '${bug.name}'`)
        return
      }
      expect.fail(`not found in ${bound} runs`)
    })
  }
})
