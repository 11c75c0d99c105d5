import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from './kit/admin-connection.ts'
import { createDatabase } from './kit/postgres.ts'
import { RewindStory } from './kit/rewind.ts'
import { buildServer, freePort, spawnServer, startServer, type ServerProcess } from './kit/server-process.ts'
import { until } from './kit/until.ts'
import { SDK_APP_ID, SECRET } from './kit/world.ts'

const COMMAND = fileURLToPath(new URL('../dist/hongyan.js', import.meta.url))
const PAIRS = 4

let folder: string
let dataDir: string
let server: ServerProcess | undefined

beforeAll(() => {
  buildServer()
  folder = mkdtempSync(join(tmpdir(), 'hongyan-operator-'))
  dataDir = join(folder, 'data')
})
afterAll(async () => {
  server?.kill('SIGTERM')
  await server?.ended
  rmSync(folder, { recursive: true, force: true })
})

function environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, ...env }
}

function hongyan(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    cwd: tmpdir(),
    env: environment(env),
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

async function start(port: number): Promise<ServerProcess> {
  return startServer({
    dataDir,
    env: { PORT: String(port), SECRETKEY: SECRET, SDKAPPID: String(SDK_APP_ID), INSTANCES_PER_DEVICE: '5' },
  })
}

/** Runs a command until its output says this, and kills it there. */
async function killAt(args: readonly string[], said: string): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args], { cwd: tmpdir(), env: environment() })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.includes(said)) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)))
  expect({ signal, text }).toEqual({ signal: 'SIGKILL', text: expect.stringContaining(said) })
}

test('[F-21] an operator backs up a running server, drills, and puts it back; clients rebuild, and a killed restore is not served', async () => {
  const port = await freePort()
  server = await start(port)
  const story = new RewindStory(PAIRS, () => `http://127.0.0.1:${port}`)
  await story.open()
  for (let number = 1; number <= 6; number++) await story.round(`kept ${number}`)
  const backup = join(folder, 'backup')
  expect(hongyan(['backup', '--to', backup])).toMatchObject({ status: 0, out: expect.stringContaining('message:') })
  const drill = hongyan(['drill', '--from', backup, '--json'])
  expect(drill.status).toBe(0)
  expect(JSON.parse(drill.out)).toMatchObject({ isFine: true })

  story.note('after the backup')
  for (let number = 1; number <= 6; number++) await story.round(`lost ${number}`)
  expect(hongyan(['restore', '--from', backup])).toMatchObject({
    status: 2,
    err: expect.stringContaining('--replace hongyan'),
  })
  server.kill('SIGTERM')
  await server.ended
  story.startTalking()

  await killAt(['restore', '--from', backup, '--replace', 'hongyan'], 'member:')
  const refused = spawnServer({ dataDir, env: { SECRETKEY: SECRET } })
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toContain('a restore into this database is under way, or broke off')

  expect(hongyan(['restore', '--from', backup, '--replace', 'hongyan'])).toMatchObject({ status: 0 })
  story.note('after the restore')
  server = await start(port)
  await story.round('again')
  await story.untilRebuilt(30_000)
  await story.stopTalking()
  await story.assertNewSendsArrive()
  const { lost, ...result } = await story.balance()
  expect(result).toEqual({ missing: [], extra: [], outOfOrder: [] })
  expect(lost).toBe(6 * PAIRS)
  await story.close()
}, 120_000)

test('a killed backup is not taken for one, and a server does not start on a newer schema', async () => {
  const half = join(folder, 'half')
  await killAt(['backup', '--to', half], 'member:')
  expect(existsSync(join(half, 'UNFINISHED'))).toBe(true)
  expect(hongyan(['drill', '--from', half])).toMatchObject({
    status: 1,
    out: expect.stringContaining('not a finished'),
  })

  const database = await createDatabase()
  await withAdmin(database.url, (lane) => lane.run(`INSERT INTO migration (tag, hash) VALUES ('9999_future', 'h')`))
  const refused = spawnServer({
    dataDir: join(folder, 'other'),
    env: { SECRETKEY: SECRET, DATABASE_URL: database.url },
  })
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toContain('the database is newer than this program (it has migration 9999_future)')
  await until('nobody is connected any more', () => database.drop().then(() => true))
})
