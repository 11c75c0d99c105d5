import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runProcess, untilUp, type RunningProcess } from './running-process.ts'

const START_MS = 20_000
/** What an ordinary process's limit of open files has room for. */
const CONNECTIONS = '4000'
const STATUS_COLUMN = 17
const WEIGHT_COLUMN = 18

export interface BalancerOptions {
  readonly root: string
  readonly folder: string
  readonly haproxy: string
  /** The loopback address on which all its ports are. */
  readonly address: string
  /** The service's variables as docker-compose.yml has them, secrets being files of this machine. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it asks for the gateways' addresses. */
  readonly nameServer: string
  /** It has started when so many gateways are up. */
  readonly gateways: number
}

/** The deployed balancer as a process. */
export interface Balancer extends RunningProcess {
  readonly https: string
  readonly http: string
  readonly inside: string
  readonly admin: string
  /** How many gateways take traffic. */
  up(): Promise<number>
  /** True when those that are up have the same share, the slow start being over. */
  isWarm(): Promise<boolean>
}

/** Starts HAProxy with deploy/haproxy/haproxy.cfg, as it is, and waits until it has found the gateways. */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { root, folder, haproxy, address, environment } = options
  const binds = Object.entries(environment).filter(([name]) => name.endsWith('_BIND'))
  const running = runProcess({
    name: 'balancer',
    command: haproxy,
    // In the foreground, as in a container.
    args: ['-W', '-db', '-f', join(root, 'deploy/haproxy/haproxy.cfg')],
    env: {
      ...environment,
      ...Object.fromEntries(binds.map(([name, port]) => [name, `${address}${port}`])),
      DNS_ADDRESS: options.nameServer,
      BALANCER_CONNECTIONS: CONNECTIONS,
    },
    folder,
  })
  const admin = `http://${address}${environment['ADMIN_BIND'] ?? ''}`
  const rows = async (): Promise<readonly (readonly string[])[]> => upRows(await freshText(`${admin}/balancer;csv`))
  const balancer: Balancer = {
    ...running,
    https: `https://${address}${environment['HTTPS_BIND'] ?? ''}`,
    http: `http://${address}${environment['HTTP_BIND'] ?? ''}`,
    inside: `http://${address}${environment['INSIDE_BIND'] ?? ''}`,
    admin,
    up: async () => (await rows()).length,
    isWarm: async () => new Set((await rows()).map((row) => row[WEIGHT_COLUMN])).size === 1,
  }
  await untilUp(running, async () => (await balancer.up()) === options.gateways, START_MS)
  return balancer
}

/** The gateways that are up, of the balancer's statistics. */
function upRows(csv: string): readonly (readonly string[])[] {
  return csv
    .split('\n')
    .filter((line) => line.startsWith('gateways,gateway-'))
    .map((line) => line.split(','))
    .filter((row) => row[STATUS_COLUMN]?.startsWith('UP'))
}

/** Over a connection of its own: one that is kept would go on talking to the worker of before a reload. */
async function freshText(url: string): Promise<string> {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  return text(answer)
}
