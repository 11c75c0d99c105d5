import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scenario } from '../plan/scenario.ts'
import { turned } from '../plan/scenario.ts'
import { chooseLocalAddresses, CONNECTIONS_PER_ADDRESS } from './addresses.ts'
import { Conductor, type Row, type RunResult } from './conductor.ts'
import type { Orders } from './orders.ts'
import { startOwnServer, type OwnServer } from './own-server.ts'
import { BadSetting, type Settings } from './settings.ts'
import { readUsers } from './users.ts'

/** A scenario that was played, and against what. */
export interface Played {
  readonly orders: Orders
  readonly result: RunResult
  /** The server was started here, on this machine. */
  readonly isOwnServer: boolean
}

/** Files a process needs besides its clients' sockets. */
const OTHER_FILES = 200

/** Plays a scenario against the servers that were named, or against one that is started for it and stopped afterwards. */
export async function runScenario(
  scenario: Scenario,
  settings: Settings,
  ports: { readonly onRow: (row: Row) => void; readonly signal: AbortSignal },
): Promise<Played> {
  const toPlay = turned(scenario, settings)
  const users = settings.usersFile === undefined ? undefined : readUsers(settings.usersFile)
  if (users && users.length < toPlay.clients) {
    throw new BadSetting(`${toPlay.clients} clients need as many users; the file has ${users.length}`)
  }
  const isOwnServer = settings.endpoints.length === 0
  const own = isOwnServer ? await startServer(toPlay, settings) : undefined
  try {
    const endpoints = own ? [`ws://127.0.0.1:${own.server.port}`] : settings.endpoints
    const orders: Orders = {
      scenario: toPlay,
      seed: settings.seed,
      run: settings.run ?? Date.now().toString(36),
      processes: processesFor(toPlay.clients, settings.processes),
      endpoints,
      localAddresses: settings.localAddresses ?? localAddressesFor(endpoints, toPlay.clients),
      sdkAppId: settings.sdkAppId,
      secret: own?.secret ?? secretOf(settings),
      users,
    }
    const conductor = new Conductor(orders, { ...ports, serverRss: () => own?.server.rss() ?? 0 })
    return { orders, result: await conductor.run(), isOwnServer }
  } finally {
    await own?.stop()
  }
}

async function startServer(
  { clients }: Scenario,
  { serverEnv, sdkAppId }: Settings,
): Promise<{ readonly server: OwnServer; readonly secret: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hongyan-loadtest-'))
  const secret = randomBytes(32).toString('hex')
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  const env = { SDKAPPID: String(sdkAppId), MAX_CONNECTIONS: String(clients + 1000), DRAIN_SECONDS: '0', ...serverEnv }
  try {
    const server = await startOwnServer({ dataDir, secret, env })
    const stop = async (): Promise<void> => {
      await server.stop()
      remove()
    }
    return { server, secret, stop }
  } catch (err) {
    remove()
    throw err
  }
}

function secretOf({ secret, secretFile, usersFile }: Settings): string | undefined {
  if (secret !== undefined) return secret
  if (secretFile !== undefined) return readFileSync(secretFile, 'utf8').trim()
  if (usersFile !== undefined) return undefined
  throw new BadSetting('SECRETKEY or SECRETKEY_FILE is needed to log the clients in, or --users with their signatures')
}

/** As many processes as were asked for; or as few as the limit of open files allows. */
function processesFor(clients: number, asked: number | undefined): number {
  const limit = openFilesLimit()
  const needed = Math.ceil(clients / Math.max(1, limit - OTHER_FILES))
  if (asked === undefined) return needed
  if (asked >= needed) return asked
  throw new BadSetting(
    `a process may open ${limit} files: ${clients} clients need --processes ${needed}, or a higher limit (ulimit -n)`,
  )
}

/** The process' own limit on open files; without one that is told, very many. */
function openFilesLimit(): number {
  try {
    // Node raises its soft limit to the hard one when it starts.
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? Number.MAX_SAFE_INTEGER : Number(soft)
  } catch {
    return Number.MAX_SAFE_INTEGER
  }
}

function localAddressesFor(endpoints: readonly string[], clients: number): readonly string[] {
  const chosen = chooseLocalAddresses(endpoints, clients)
  if (chosen) return chosen
  throw new BadSetting(
    `more than ${CONNECTIONS_PER_ADDRESS} clients for one address of a server need several addresses to come from ` +
      '(--source-addresses), several servers (--endpoint), or several machines',
  )
}
