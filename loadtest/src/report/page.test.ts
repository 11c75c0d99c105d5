import { expect, test } from 'vitest'
import { emptyBooks, type Books } from '../ledger/books.ts'
import { Meter } from '../measure/meter.ts'
import { listScenarios } from '../run/scenarios.ts'
import type { Played } from '../run/run-scenario.ts'
import { pageOf } from './page.ts'
import { reportOf, summaryOf } from './report.ts'

function played(books: Partial<Books>, counts: Readonly<Record<string, number>> = {}, name = 'one-to-one'): Played {
  const scenario = listScenarios().find((one) => one.name === name)
  if (!scenario) throw new Error('no such scenario')
  const meter = new Meter()
  for (let ms = 1; ms <= 200; ms++) meter.time('delivered', ms)
  for (const [what, by] of Object.entries({ logins: 10, ...counts })) meter.count(what, by)
  const own = { ...emptyBooks(), acknowledged: 100, delivered: 200, ...books }
  const row = {
    phase: 'play',
    ready: 10,
    clients: 10,
    acknowledged: 10,
    delivered: 20,
    heard: 0,
    refused: 0,
    faults: 0,
  } as const
  const part = {
    measures: meter.all(),
    books: own,
    ...{ receipts: [], counted: [], clients: 10, over: 0 },
    unsettled: { away: 0, openErrands: 0, behind: 0 },
    memory: { beforeBytes: 1e8, idleBytes: 2e8, mostBytes: 3e8 },
  }
  return {
    isOwnServer: true,
    orders: {
      scenario: { ...scenario, title: { zh: '<一>', en: '<one>' } },
      ...{ seed: 1, run: 'r', processes: 1, endpoints: ['ws://127.0.0.1:1'], localAddresses: [], sdkAppId: 1 },
      secret: 'not to be shown',
      users: undefined,
    },
    result: {
      startedAtMs: 1_760_000_000_000,
      rows: [1, 2, 3].map((second) => ({
        ...row,
        second,
        atMs: 0,
        p50: { delivered: 5 },
        p99: { delivered: 9 },
        rssBytes: 1,
        cpu: 0.1,
        serverRssBytes: 1,
      })),
      measures: part.measures,
      books: own,
      parts: [part],
      wrongReceipts: 0,
      receiptsSent: 0,
    },
  }
}

test('a run without a fault is good', () => {
  expect(reportOf(played({})).verdict).toEqual({ isGood: true, reasons: [] })
})

test.each(['lost', 'doubled', 'reordered', 'diverged', 'gaps', 'unknown', 'unchecked'] as const)(
  'one message that is %s makes a run bad, and page and summary say so',
  (fault) => {
    const report = reportOf(played({ [fault]: 1 }))
    expect(report.verdict).toEqual({ isGood: false, reasons: [{ what: fault, count: 1 }] })
    expect(summaryOf(report)).toContain(`${fault}: 1`)
    expect(pageOf(report)).toContain('未通过')
  },
)

test('a refusal makes a run bad, except where loss is allowed', () => {
  const counts = { 'refused TOO_MANY_REQUESTS': 3 }
  expect(reportOf(played({}, counts)).verdict.reasons).toEqual([{ what: 'refused', count: 3 }])
  const lossy = reportOf(played({ missed: 5 }, counts, 'live-room'))
  expect(lossy.verdict.isGood).toBe(true)
  expect(lossy.refused).toEqual({ TOO_MANY_REQUESTS: 3 })
})

test('a run in which nobody logged in proves nothing', () => {
  expect(reportOf(played({}, { logins: 0 })).verdict.reasons).toEqual([{ what: 'nothing', count: 1 }])
})

test('the page is one file in both languages that fetches nothing, and shows no secret', () => {
  const page = pageOf(reportOf(played({})))
  expect(page).toContain('&lt;一&gt;')
  expect(page).toContain('&lt;one&gt;')
  expect(page).not.toMatch(/<(?:script|link|img|iframe)[^>]*(?:src|href)=|@import|url\(/)
  expect(page).not.toMatch(/https?:\/\//)
  expect(page).not.toContain('NaN')
  expect(page).not.toContain('undefined')
  expect(JSON.stringify(reportOf(played({})))).not.toContain('not to be shown')
})
