import { describe, expect, test } from 'vitest'
import { listScenarios } from '../run/scenarios.ts'
import { partOf } from '../run/crew.ts'
import { BadScenario, parseScenario } from './parse-scenario.ts'
import { planOf, type Act } from './plan.ts'
import { turned, type Scenario } from './scenario.ts'
import { buildSchool } from './school.ts'

const SCENARIOS = listScenarios().map((scenario) => turned(scenario, { clients: 120, seconds: 30, rate: 1, think: 1 }))

function actsOf(scenario: Scenario, seed: number): readonly Act[] {
  return [...planOf(scenario, buildSchool(scenario, seed), seed)]
}

describe('the plan', () => {
  test.each(SCENARIOS)('of $name is the same for the same seed, and another for another', (scenario) => {
    const acts = actsOf(scenario, 7)
    expect(acts.length).toBeGreaterThan(20)
    expect(actsOf(scenario, 7)).toEqual(acts)
    expect(actsOf(scenario, 8)).not.toEqual(acts)
  })

  test.each(SCENARIOS)('of $name goes forward in time, and everybody acts where he belongs', (scenario) => {
    const school = buildSchool(scenario, 1)
    let beforeMs = 0
    for (const act of planOf(scenario, school, 1)) {
      expect(act.atMs).toBeGreaterThanOrEqual(beforeMs)
      beforeMs = act.atMs
      if ('in' in act) expect(school.conversations[act.in]?.members).toContain(act.who)
    }
  })

  test('at twice the rate there is about twice as much to do', () => {
    const [scenario] = listScenarios().filter(({ name }) => name === 'one-to-one')
    if (!scenario) throw new Error('no such scenario')
    const says = (rate: number): number =>
      actsOf(turned(scenario, { clients: 200, seconds: 30, rate, think: 1 }), 3).filter((act) => act.do === 'say')
        .length
    const ratio = says(2) / says(1)
    expect(ratio).toBeGreaterThan(1.7)
    expect(ratio).toBeLessThan(2.3)
  })
})

describe('the school', () => {
  test('pairs and groups hold everybody once in each set, and nobody is alone', () => {
    for (const clients of [2, 3, 119, 1000]) {
      const school = buildSchool(
        {
          clients,
          conversations: { pair: { kind: 'pairs' }, class: { kind: 'groups', type: 'public', sizes: [10, 300] } },
        },
        5,
      )
      const inClasses = school.bySet.get('class')?.flatMap(({ members }) => members)
      expect(inClasses?.toSorted((a, b) => a - b)).toEqual(Array.from({ length: clients }, (_, index) => index))
      for (const { members } of school.conversations) expect(members.length).toBeGreaterThan(1)
    }
  })

  test('the parts of several processes are all clients together', () => {
    const parts = [0, 1, 2].map((part) => partOf(1000, 3, part))
    expect(parts).toEqual([
      [0, 333],
      [333, 666],
      [666, 1000],
    ])
  })
})

describe('a scenario file', () => {
  const GOOD = {
    title: { zh: '一', en: 'one' },
    about: { zh: '二', en: 'two' },
    clients: 10,
    rampSeconds: 1,
    seconds: 5,
    conversations: { pair: { kind: 'pairs' } },
    activities: [
      { do: 'talk', in: 'pair', by: 'anyone', every: { seconds: 1, per: 'client' }, chars: [1, 5] },
    ] as readonly object[],
  }
  const parsed = (change: object): Scenario => parseScenario(JSON.stringify({ ...GOOD, ...change }), 'mine')

  test('is read', () => {
    expect(parsed({})).toMatchObject({ name: 'mine', isLossy: false, settleSeconds: 30 })
  })

  test.each([
    [{ clients: 0 }, 'mine.clients: a number from 2 on is needed'],
    [{ rampseconds: 1 }, 'mine: "rampseconds" is not known here'],
    [
      { activities: [{ do: 'sing' }] },
      'mine.activities.0.do: one of talk, notice, storm, visit, browse, share is needed',
    ],
    [{ activities: [{ ...GOOD.activities[0], in: 'class' }] }, 'mine.activities.0.in: no such conversations: class'],
    [{ activities: [{ ...GOOD.activities[0], chars: [5, 1] }] }, 'mine.activities.0.chars: [from, to] is needed'],
  ])('that is wrong is refused with the place: %j', (change, message) => {
    expect(() => parsed(change)).toThrow(new BadScenario(message))
  })
})
