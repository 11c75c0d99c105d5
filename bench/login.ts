import type { ConversationState } from '@hongyan/protocol'
import { readStates } from '../server/src/conversations/conversation-reader.ts'
import type { Queryable } from '../server/src/db/db.ts'
import { type Answer, LightSession } from './light-session.ts'
import { median, type Figure } from './report.ts'
import { seedGroup, seedMessages, seedPair, seedRead, seedUsers } from './seeds.ts'
import { callsOf, pause, type CountedStatement, type Store } from './store.ts'
import { cpuMsOf } from './cpu.ts'
import type { World } from './world.ts'

const ME = 'parent0'
const GROUPS = 250
const PAIRS = 50
const MEMBERS = 200
const MESSAGES = 200
const LOGINS = 40
const WARM_UP = 10
const SYNCS = 40
/** What the server does after its answer is done by then. */
const SETTLE_MS = 300

/** A login with 300 conversations: what it asks the database, and how long it takes. */
export async function runLogin({ store, hongyan, explains }: World): Promise<readonly Figure[]> {
  await seed(store)
  const logins: { open: Answer; pages: readonly Answer[] }[] = []
  for (let n = 0; n < WARM_UP + LOGINS; n++) {
    const session = await LightSession.connect(hongyan.port)
    const login = { open: await session.open(ME), pages: await session.snapshot() }
    if (n >= WARM_UP) logins.push(login)
    session.close()
  }
  const states = logins
    .at(-1)
    ?.pages.flatMap(({ body }) => (body as { conversations: ConversationState[] }).conversations)
  if (states?.length !== GROUPS + PAIRS) throw new Error(`${states?.length} conversations instead of all`)
  const opening = await store.countStatements(() => passing(hongyan.port, async () => {}))
  const openingAndSyncing = await store.countStatements(() => passing(hongyan.port, (session) => session.snapshot()))
  const syncing = without(openingAndSyncing, opening)
  const session = await LightSession.connect(hongyan.port)
  await session.open(ME)
  const cpu = await cpuOf(SYNCS, { store, hongyan }, () => session.snapshot())
  session.close()
  const resume = await measureResume(hongyan.port, store, states, opening)
  if (explains) {
    for (const { text, calls, ms } of [...opening, ...syncing]) {
      console.log(`${calls} × ${ms.toFixed(1)} ms  ${text.replace(/\s+/g, ' ').slice(0, 150)}`)
    }
    console.log(await planOfStates(store))
  }
  const mentions = states.reduce((sum, state) => sum + state.mentions.length, 0)
  const bytes = logins.at(-1)?.pages.reduce((sum, page) => sum + page.bytes, 0) ?? 0
  const pages = logins.at(-1)?.pages.length ?? 0
  const what = `${GROUPS + PAIRS} conversations`
  return [
    {
      name: `login with ${what}: statements of the sync (${pages} page, ${Math.round(bytes / 1024)} KiB, ${mentions} unread mentions)`,
      hongyan: callsOf(syncing),
      unit: 'statements',
      goal: '<= 3',
    },
    {
      name: `login with ${what}: until the last byte of the sync is there`,
      hongyan: median(logins.map((login) => login.pages.reduce((sum, { ms }) => sum + ms, 0))),
      unit: 'ms',
      goal: '<= 30',
    },
    { name: `login with ${what}: CPU of the server for the sync`, hongyan: cpu.serverMs, unit: 'ms', goal: '' },
    { name: `login with ${what}: CPU of the database for the sync`, hongyan: cpu.databaseMs, unit: 'ms', goal: '' },
    { name: `login with ${what}: of that in PostgreSQL`, hongyan: msOf(syncing), unit: 'ms', goal: '' },
    { name: 'opening the session before: statements', hongyan: callsOf(opening), unit: 'statements', goal: '' },
    {
      name: 'opening the session before: until the answer is there',
      hongyan: median(logins.map(({ open }) => open.ms)),
      unit: 'ms',
      goal: '',
    },
    {
      name: `resuming with ${what}: statements`,
      hongyan: callsOf(resume.statements),
      unit: 'statements',
      goal: '',
    },
    { name: `resuming with ${what}: until all is known`, hongyan: resume.ms, unit: 'ms', goal: '' },
    await measureUnread(store),
  ]
}

interface Cpu {
  readonly serverMs: number
  readonly databaseMs: number
}

/** CPU for one run of the work. */
async function cpuOf(
  runs: number,
  { store, hongyan }: Pick<World, 'store' | 'hongyan'>,
  work: () => Promise<unknown>,
): Promise<Cpu> {
  const [server, database] = [cpuMsOf(hongyan.pid), cpuMsOf(store.pid)]
  for (let n = 0; n < runs; n++) await work()
  return { serverMs: (cpuMsOf(hongyan.pid) - server) / runs, databaseMs: (cpuMsOf(store.pid) - database) / runs }
}

async function seed(store: Store): Promise<void> {
  await seedUsers(store, 'parent', 1)
  await seedUsers(store, 'm', 500)
  for (let n = 0; n < GROUPS; n++) {
    const { key } = await seedGroup(store, { id: `class${n}`, owner: ME, prefix: 'm', members: MEMBERS })
    await fill(store, key, n)
  }
  for (let n = 0; n < PAIRS; n++) {
    const { key } = await seedPair(store, ME, `m${n}`)
    await fill(store, key, n)
  }
  // As PostgreSQL does it by itself some time later.
  await store.run('VACUUM ANALYZE')
}

/** Some conversations are read to the end, of some nothing is. */
async function fill(store: Store, key: number, n: number): Promise<void> {
  await seedMessages(store, key, MESSAGES, ME)
  await seedRead(store, key, ME, [MESSAGES, MESSAGES - 5, MESSAGES - 30, 0][n % 4] ?? 0)
}

/** A connection that was lost comes back with its cursors; nothing has happened meanwhile. */
async function measureResume(
  port: number,
  store: Store,
  states: readonly ConversationState[],
  opening: readonly CountedStatement[],
): Promise<{ readonly statements: readonly CountedStatement[]; readonly ms: number }> {
  const first = await LightSession.connect(port)
  await first.open(ME)
  const [page] = await first.snapshot()
  first.close()
  if (!page) throw new Error('no page')
  const { epoch, userOffset } = page.body as { epoch: string; userOffset: number }
  const cursors = [
    { timeline: `u:${ME}`, offset: userOffset },
    ...states.map(({ conversationId, offset }) => ({ timeline: `c:${conversationId}`, offset })),
  ]
  const times: number[] = []
  const resume = (): Promise<void> =>
    passing(port, async (session) => void times.push((await session.ask('sync.resume', { epoch, cursors })).ms))
  for (let n = 0; n < 10; n++) await resume()
  return { statements: without(await store.countStatements(resume), opening), ms: median(times) }
}

/** Does this in a session of its own. */
async function passing(port: number, work: (session: LightSession) => Promise<unknown>): Promise<void> {
  const session = await LightSession.connect(port)
  await session.open(ME)
  await work(session)
  await pause(SETTLE_MS)
  session.close()
}

/** What is not among these, too. */
function without(
  statements: readonly CountedStatement[],
  others: readonly CountedStatement[],
): readonly CountedStatement[] {
  const known = new Set(others.map(({ text }) => text))
  return statements.filter(({ text }) => !known.has(text))
}

/** The same numbers as `unreadOf` makes of a state, checked against counting message by message. */
const UNREAD = `
  SELECT t.key, t.last_countable - me.base_countable - (me.own - me.base_own)
         - (SELECT count(*) FROM (
              SELECT r.seq FROM message r
               WHERE r.timeline_key = t.key AND r.seq > me.base_seq AND r.revoked_at_ms IS NOT NULL
                 AND r.sender_key <> me.account_key AND r.flags & 1 = 0
              UNION
              SELECT d.seq FROM deleted_message d
               WHERE d.account_key = me.account_key AND d.timeline_key = t.key AND d.seq > me.base_seq AND d.counted) AS x)
         AS unread
    FROM account a JOIN member me ON me.account_key = a.key JOIN timeline t ON t.key = me.timeline_key
   WHERE a.id = $1 ORDER BY t.key`

const UNREAD_BY_COUNTING = `
  SELECT me.timeline_key AS key, count(m.seq) AS unread
    FROM account a JOIN member me ON me.account_key = a.key
    LEFT JOIN message m ON m.timeline_key = me.timeline_key AND m.seq > me.base_seq AND m.sender_key <> me.account_key
                       AND m.revoked_at_ms IS NULL AND m.flags & 1 = 0
   WHERE a.id = $1 GROUP BY me.timeline_key ORDER BY me.timeline_key`

async function measureUnread(store: Store): Promise<Figure> {
  const times: number[] = []
  for (let n = 0; n < 30; n++) {
    const startMs = performance.now()
    await store.run(UNREAD, [ME])
    times.push(performance.now() - startMs)
  }
  const [derived, counted] = [await store.run(UNREAD, [ME]), await store.run(UNREAD_BY_COUNTING, [ME])]
  if (JSON.stringify(derived) !== JSON.stringify(counted)) throw new Error('unread numbers differ from counted ones')
  return {
    name: `unread numbers of ${derived.length} conversations, one statement, as counted by brute force`,
    hongyan: median(times),
    unit: 'ms',
    goal: '',
  }
}

/** The plan of the very statement of the server. */
async function planOfStates(store: Store): Promise<string> {
  const [me] = await store.run<{ key: number }>('SELECT key FROM account WHERE id = $1', [ME])
  const keys = await store.run<{ key: number }>(
    'SELECT timeline_key AS key FROM member WHERE account_key = $1 ORDER BY timeline_key DESC',
    [me?.key ?? 0],
  )
  let plan = ''
  const explaining: Queryable = {
    query: async (text, params) => {
      const rows = await store.run<Record<string, string>>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, params)
      plan = rows.map((row) => Object.values(row).join('')).join('\n')
      return []
    },
  }
  await readStates(
    explaining,
    me?.key ?? 0,
    keys.map(({ key }) => key),
  )
  return plan
}

function msOf(statements: readonly CountedStatement[]): number {
  return statements.reduce((sum, { ms }) => sum + ms, 0)
}
