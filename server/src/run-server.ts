import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readUsersFile } from './accounts/users-file.ts'
import { envToConfig, type Config, type Environment } from './config/config.ts'
import { knownSecrets } from './config/known-secrets.ts'
import { closeFoundations, startNode, type Node } from './node.ts'
import type { Foundations } from './foundations.ts'
import { AccountsService } from './accounts/accounts-service.ts'
import { awaitDatabase } from './db/await-database.ts'
import { migrate } from './db/migrate.ts'
import { assertNoRestoreUnderWay } from './db/restore-mark.ts'
import { assertFitToServe } from './db/startup-checks.ts'
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { openFoundations } from './foundations.ts'
import { systemClock } from './kit/clock.ts'
import { createLogger, type Logger } from './kit/logger.ts'
import { stopInOrder, type StopStep } from './lifecycle.ts'
import { DEMO_ACCOUNTS } from './demo-people.ts'
import { foundDemoSchool } from './demo-school.ts'
import { welcomeText } from './welcome.ts'
import { explainStartError } from './start-error.ts'

const EXIT_REFUSED = 1
const EXIT_HUNG = 2
const POSTGRES_STOP_MS = 15_000
/** After the last deadline of stopping; reached only if something holds the process for ever. */
const WATCHDOG_MS = 60_000

/** The server process from its environment to its end. Resolves with the exit code. */
export async function runServer(readEnvironment: () => Environment): Promise<number> {
  const stopping = stopSignal()
  const opened: StopStep[] = []
  let log: Logger | undefined
  try {
    const config = envToConfig(readEnvironment())
    log = createLogger(config.logLevel, { secrets: knownSecrets(config) })
    const node = await start(config, log, opened, stopping)
    if (config.demo === 'on') await foundDemoSchool(node.context)
    process.stdout.write(welcomeText(config, node.port))
    await aborted(stopping)
    return 0
  } catch (err) {
    if (stopping.aborted) return 0
    for (const line of explainStartError(err)) process.stderr.write(`hongyan: ${line}\n`)
    return EXIT_REFUSED
  } finally {
    watchdog()
    await stopInOrder(opened.reverse(), { clock: systemClock, log: log ?? createLogger('silent') })
  }
}

/** Opens everything in order and notes in `opened` how to close it again, also when a later step fails. */
async function start(config: Config, log: Logger, opened: StopStep[], signal: AbortSignal): Promise<Node> {
  mkdirSync(config.dataDir, { recursive: true })
  const databaseUrl = await openDatabase(config, log, opened, signal)
  signal.throwIfAborted()
  const foundations = openFoundations(config, databaseUrl, log)
  opened.push(...[...closeFoundations(foundations)].reverse())
  await awaitDatabase(foundations.pools.admin, { clock: systemClock, logger: log, signal })
  await assertFitToServe(foundations.pools.admin)
  await assertNoRestoreUnderWay(foundations.pools.admin)
  const applied = await migrate(foundations.pools.admin)
  if (applied.length > 0) log.info({ applied }, 'the database was migrated')
  signal.throwIfAborted()
  await importUsers(config, foundations)
  const node = await startNode(foundations)
  // The node closes the foundations itself, after its sessions and before the database server.
  opened.splice(config.database.kind === 'embedded' ? 1 : 0)
  opened.push({ name: 'node', deadlineMs: config.drainMs + POSTGRES_STOP_MS, run: () => node.stop() })
  return node
}

async function openDatabase(config: Config, log: Logger, opened: StopStep[], signal: AbortSignal): Promise<string> {
  if (config.database.kind === 'url') return config.database.url.reveal()
  const server = await startEmbeddedPostgres({ dataDir: join(config.database.dataDir, 'postgres'), log, signal })
  opened.push({ name: 'PostgreSQL', deadlineMs: POSTGRES_STOP_MS, run: () => server.stop() })
  return server.url
}

async function importUsers(config: Config, { pools }: Foundations): Promise<void> {
  const users = [
    ...(config.demo === 'on' ? DEMO_ACCOUNTS : []),
    ...(config.accounts.usersFile === undefined ? [] : readUsersFile(config.accounts.usersFile)),
  ]
  if (users.length === 0) return
  await new AccountsService({ db: pools.admin, clock: systemClock, isAutoRegister: true }).create(users)
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => controller.abort())
  return controller.signal
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  // Keeps the process alive: a pending promise alone does not.
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => {}, 2 ** 30)
    signal.addEventListener('abort', () => {
      clearInterval(keepAlive)
      resolve()
    })
  })
}

function watchdog(): void {
  setTimeout(() => process.exit(EXIT_HUNG), WATCHDOG_MS).unref()
}
