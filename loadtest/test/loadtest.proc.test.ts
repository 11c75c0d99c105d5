import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../../server/test/kit/admin-connection.ts'
import { createDatabase } from '../../server/test/kit/postgres.ts'
import { buildServer, startServer, type ServerProcess } from '../../server/test/kit/server-process.ts'
import { SDK_APP_ID, SECRET } from '../../server/test/kit/world.ts'
import { parseScenario } from '../src/plan/parse-scenario.ts'
import { reportOf, type Report } from '../src/report/report.ts'
import { runScenario } from '../src/run/run-scenario.ts'
import { readSettings } from '../src/run/settings.ts'
import { FrameProxy, type Planted } from './kit/frame-proxy.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCENARIOS = ['one-to-one', 'class-groups', 'media'] as const

let folder: string
let database: Awaited<ReturnType<typeof createDatabase>>
let server: ServerProcess

beforeAll(async () => {
  buildServer()
  folder = mkdtempSync(join(tmpdir(), 'hongyan-loadtest-'))
  database = await createDatabase()
  const env = {
    DATABASE_URL: database.url,
    SECRETKEY: SECRET,
    SDKAPPID: String(SDK_APP_ID),
    MAX_OPENING_PER_ADDRESS: '1000',
  }
  server = await startServer({ dataDir: folder, env: { ...env, DRAIN_SECONDS: '0', WEB_PAGE: 'off' } })
})
afterAll(async () => {
  server.kill('SIGTERM')
  await server.ended
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

/** What the database has of a run: its messages, and to how many members each of them goes. */
async function storedOf(
  run: string,
): Promise<{ readonly messages: number; readonly deliveries: number; readonly files: number }> {
  return withAdmin(database.url, async (lane) => {
    const { rows } = await lane.run<{ messages: number; deliveries: number; files: number }>(
      `SELECT count(*)::integer AS messages,
              coalesce(sum((SELECT count(*) FROM member p WHERE p.timeline_key = m.timeline_key)), 0)::integer AS deliveries,
              (count(*) FILTER (WHERE m.client_msg_id LIKE 'lt\\_${run}\\_f\\_%'))::integer AS files
         FROM message m WHERE m.client_msg_id LIKE 'lt\\_${run}\\_%'`,
    )
    const [row] = rows
    if (!row) throw new Error('no row')
    return row
  })
}

/** Runs the command as a person would, with everything told by the environment. */
async function command(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', 'loadtest/src/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { code, lines: text.trim().split('\n') }
}

test('the numbers of a report are those of the database, with the clients in two processes', async () => {
  const { code, lines } = await command({
    LOADTEST_SCENARIO: SCENARIOS.join(','),
    LOADTEST_ENDPOINT: server.endpoint,
    LOADTEST_CLIENTS: '60',
    LOADTEST_PROCESSES: '2',
    LOADTEST_RAMP: '0.5',
    LOADTEST_SETTLE: '10',
    LOADTEST_DURATION: '3',
    LOADTEST_THINK: '0.2',
    LOADTEST_RATE: '6',
    LOADTEST_RUN: 'db',
    LOADTEST_REPORT: folder,
    SECRETKEY: SECRET,
    SDKAPPID: String(SDK_APP_ID),
  })
  expect(code, lines.slice(-3).join('\n')).toBe(0)
  for (const [index, name] of SCENARIOS.entries()) {
    const text = readFileSync(join(folder, `${name}-db${index}.json`), 'utf8')
    const { verdict, ledger, totals, latencies } = JSON.parse(text) as Report
    const stored = await storedOf(`db${index}`)
    expect(ledger.acknowledged).toBe(stored.messages)
    expect(ledger.delivered).toBe(stored.deliveries)
    expect(latencies.upload?.count ?? 0).toBe(stored.files)
    expect(verdict).toEqual({ isGood: true, reasons: [] })
    expect(ledger.acknowledged).toBeGreaterThan(5)
    expect(totals.logins).toBe(60)
    expect(latencies.acknowledged?.count).toBe(ledger.acknowledged)
  }
  // Not on a terminal: each line of progress is for a program.
  for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object')
})

const TALK = {
  title: { zh: '测试', en: 'test' },
  about: { zh: '测试', en: 'test' },
  clients: 8,
  rampSeconds: 0,
  seconds: 2,
  settleSeconds: 3,
  conversations: { class: { kind: 'groups', type: 'public', sizes: [8, 8] } },
  activities: [
    { do: 'talk', in: 'class', by: 'anyone', every: { seconds: 0.05, per: 'conversation' }, chars: [2, 9], until: 1.5 },
  ],
}

/** A run through a proxy that does one thing wrong. */
async function runWith(planted: Planted): Promise<Report> {
  const run = `p${planted.replace('-', '')}`.slice(0, 10)
  // Between the first messages and the last; or, for a member, everything from a number on.
  const isVictim = (text: string): boolean => {
    const number = Number(/"seq":(\d+)/.exec(text)?.[1])
    return planted === 'drop-last' ? number >= 12 : number === 8
  }
  const proxy = await FrameProxy.start(Number(new URL(server.endpoint).port), planted, isVictim)
  try {
    const settings = readSettings(['--endpoint', proxy.endpoint, '--run', run, '--processes', '1'], {
      SECRETKEY: SECRET,
    })
    const scenario = parseScenario(JSON.stringify(TALK), planted)
    const report = reportOf(
      await runScenario(scenario, settings, { onRow: () => {}, signal: new AbortController().signal }),
    )
    if (planted !== 'nothing') expect(proxy.done).toBeGreaterThan(0)
    return report
  } finally {
    await proxy.stop()
  }
}

test('what a proxy does to one push is seen: left out, doubled, swapped, and left out in the end', async () => {
  const [untouched, dropped, doubled, swapped, last] = await Promise.all(
    (['nothing', 'drop', 'double', 'swap', 'drop-last'] as const).map(runWith),
  )
  writeFileSync(join(folder, 'planted.json'), JSON.stringify({ untouched, dropped, doubled, swapped, last }))
  expect(untouched?.verdict.reasons).toEqual([])
  expect(untouched?.ledger.acknowledged).toBeGreaterThan(12)
  expect(dropped?.verdict.reasons).toEqual([{ what: 'gaps', count: 1 }])
  expect(doubled?.verdict.reasons).toEqual([{ what: 'doubled', count: 1 }])
  expect(swapped?.verdict.reasons).toEqual([{ what: 'reordered', count: 1 }])
  expect(last?.ledger.lost).toBe((last?.ledger.acknowledged ?? 0) * 8 - (last?.ledger.delivered ?? 0))
  expect(last?.ledger.lost).toBeGreaterThan(0)
  expect(last?.verdict.isGood).toBe(false)
  // Nothing is missing where the client could ask for it.
  for (const report of [untouched, dropped, doubled, swapped]) {
    expect(report?.ledger.delivered).toBe((report?.ledger.acknowledged ?? 0) * 8)
  }
})
