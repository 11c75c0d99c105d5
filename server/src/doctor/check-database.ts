import { parseConnectionUrl } from '../db/connection-target.ts'
import type { Queryable } from '../db/db.ts'
import { Lane } from '../db/lane.ts'
import { readMigrationState } from '../db/migration-state.ts'
import type { Clock } from '../kit/clock.ts'
import { judgeActivity, judgeMigrations, judgeRights, judgeSettings } from './database-judgement.ts'
import { readDatabaseActivity, readDatabaseClock, readDatabaseSettings, readRoleRights } from './database-reader.ts'
import { explainNoDatabase } from './database-refusal.ts'
import { ok, warning, type Symptom } from './finding.ts'

const CONNECT_DEADLINE_MS = 3_000
const STATEMENT_TIMEOUT_MS = 3_000
const MAX_SKEW_MS = 2_000
const SLOW_MS = 20

/** Whether PostgreSQL can be reached, and would serve us well. */
export async function checkDatabase(url: string, clock: Clock, signal: AbortSignal): Promise<readonly Symptom[]> {
  const target = parseConnectionUrl(url)
  const place = 'path' in target.address ? target.address.path : `${target.address.host}:${target.address.port}`
  let lane: Lane
  try {
    lane = await Lane.open({
      target,
      name: 'doctor',
      connectDeadlineMs: CONNECT_DEADLINE_MS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      clock,
    })
  } catch (err) {
    return [explainNoDatabase(err, place)]
  }
  signal.addEventListener('abort', () => lane.discard('the check is over'))
  const db: Queryable = {
    query: async <Row extends object>(text: string, params: Parameters<Lane['run']>[1] = []) =>
      (await lane.run<Row>(text, params)).rows,
  }
  try {
    return await examineDatabase(db, place, clock)
  } finally {
    await lane.end()
  }
}

async function examineDatabase(db: Queryable, place: string, clock: Clock): Promise<readonly Symptom[]> {
  const settings = await readDatabaseSettings(db)
  const rights = await readRoleRights(db)
  const activity = await readDatabaseActivity(db)
  return [
    ...(settings ? judgeSettings(settings, place) : []),
    judgeMigrations(await readMigrationState(db)),
    ...(rights ? judgeRights(rights) : []),
    ...(activity ? judgeActivity(activity) : []),
    ...(await judgeClock(db, clock)),
  ]
}

/** The sample whose round trip was shortest says most about the clock. */
async function judgeClock(db: Queryable, clock: Clock): Promise<readonly Symptom[]> {
  let best = { roundTripMs: Number.POSITIVE_INFINITY, skewMs: 0 }
  for (let sample = 0; sample < 5; sample++) {
    const [startMs, startedAtMs] = [clock.monotonicMs(), clock.now()]
    const databaseMs = await readDatabaseClock(db)
    const roundTripMs = clock.monotonicMs() - startMs
    if (roundTripMs < best.roundTripMs) best = { roundTripMs, skewMs: databaseMs - startedAtMs - roundTripMs / 2 }
  }
  const tookMs = best.roundTripMs.toFixed(1)
  const skewS = (best.skewMs / 1000).toFixed(1)
  return [
    best.roundTripMs < SLOW_MS
      ? ok(`往返 ${tookMs} 毫秒`, `a round trip takes ${tookMs} ms`)
      : warning(
          { zh: `往返 ${tookMs} 毫秒,偏慢`, en: `a round trip takes ${tookMs} ms, which is slow` },
          {
            zh: '每次提交都要等它:让数据库与服务器在同一机房。',
            en: 'Each commit waits for it: keep the database near the servers.',
          },
        ),
    Math.abs(best.skewMs) < MAX_SKEW_MS
      ? ok('与本机时钟一致', 'its clock agrees with ours')
      : warning(
          { zh: `数据库时钟与本机相差 ${skewS} 秒`, en: `its clock differs from ours by ${skewS} s` },
          {
            zh: '在两台机器上启用 NTP(chrony)。顺序不受影响,但显示的时间与签名有效期会错。',
            en: 'Run NTP (chrony) on both. Order does not suffer; times shown and the ends of signatures do.',
          },
        ),
  ]
}
