import { describe, expect, test } from 'vitest'
import { ruleProblems, testTitles } from './check-rules.ts'
import { planted } from './planted.ts'

const DOCUMENTS = {
  'docs/PROTOCOL.md': '`[REQ-1]` ids are positive. `[REQ-2]` order.',
  'docs/SDK-STATES.md': '[CONN-1]',
}
const TESTS = { 'a.test.ts': "test('[REQ-1] x', f); test(`[REQ-2] ${y}`, f)", 'b.contract.ts': "it('[CONN-1] z', f)" }

describe('rule ids', () => {
  test('rules that each have a test are fine', () => {
    expect(ruleProblems(planted({ ...DOCUMENTS, ...TESTS }))).toEqual([])
  })

  test('a rule without a test is a fault', () => {
    const root = planted({ ...DOCUMENTS, ...TESTS, 'b.contract.ts': '' })
    expect(ruleProblems(root)).toEqual(["[CONN-1] of docs/SDK-STATES.md stands in no test's title"])
  })

  test('an id in a title that no document knows is a fault', () => {
    const root = planted({ ...DOCUMENTS, ...TESTS, 'server/test/c.int.test.ts': "test('[REQ-9] x', f)" })
    expect(ruleProblems(root)).toEqual(['[REQ-9] in a title of server/test/c.int.test.ts is no rule'])
  })

  test('a test that is skipped, to do or commented out proves no rule', () => {
    const notRun = ["test.skip('[CONN-1] z', f)", "it.todo('[CONN-1]')", "// test('[CONN-1] z', f)"]
    for (const source of [...notRun, "describe.skip('x', () => test('[CONN-1]', f))"]) {
      expect(ruleProblems(planted({ ...DOCUMENTS, ...TESTS, 'b.contract.ts': source }))).toHaveLength(1)
    }
  })

  test('missing documents, and documents without rules, are faults', () => {
    expect(ruleProblems(planted(TESTS))).toHaveLength(2)
    expect(ruleProblems(planted({ 'docs/PROTOCOL.md': '', 'docs/SDK-STATES.md': '' }))).toHaveLength(1)
  })

  test('invariants, faults and threats have ids of another namespace', () => {
    const root = planted({ ...DOCUMENTS, ...TESTS, 'd.test.ts': "test('[I3] [F-04] [S-WS1] x', f)" })
    expect(ruleProblems(root)).toEqual([])
  })

  test('titles are found in suites, tables and conditions', () => {
    const source = "describe.skipIf(a)('s', () => { test.each([1])('t', f); test.for([2])('u', f) }); log('v')"
    expect(testTitles(source)).toEqual(['s', 't', 'u'])
  })
})
