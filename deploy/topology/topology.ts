import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { env as ownEnvironment } from 'node:process'
import { parseEnv } from 'node:util'
import { readComposeFile, type ComposeFile } from '../compose-file.ts'
import { runProcess, untilUp, type RunningProcess } from './running-process.ts'
import { startBalancer, type Balancer } from './balancer.ts'
import { startDatabase, type Database } from './database.ts'
import { startNameServer, type NameServer } from './name-server.ts'

const START_MS = 60_000
const STOP_GATEWAY_MS = 90_000
const STOP_MS = 5_000
/** The third part of 127.87.x.y; so several topologies, and anything else on 127.0.0.1, keep out of each other's way. */
const BLOCKS = 250

export interface TopologyOptions {
  /** The tree whose docker-compose.yml, deploy/ and server/dist/ are run. */
  readonly root: string
  /** Where data and logs go; secrets lie in `secrets` below it, made by deploy/init-secrets.sh. */
  readonly folder: string
  readonly haproxy: string
  readonly redis: string
  readonly gateways: number
  /** Runs the gateways of a built image, whose file system is mounted here, as a container would. Needs root. */
  readonly imageRoot?: string | undefined
  /** Chooses the addresses; those of the secrets must have been made for the same. */
  readonly block: number
  /** Settings of the gateways that differ from the environment files. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A gateway process, on an address of its own as a container has. */
export interface Gateway extends RunningProcess {
  /** `http://address:3000`, past the balancer. */
  readonly url: string
}

/** The services of docker-compose.yml as processes of this machine: the same files, settings, arguments and addresses by name. */
export interface Topology {
  readonly balancer: Balancer
  gateways(): readonly Gateway[]
  /** Starts one more, which the balancer finds by asking for the name. */
  addGateway(): Promise<Gateway>
  stop(): Promise<void>
}

export interface Addresses {
  readonly database: string
  readonly valkey: string
  readonly balancer: string
}

/** The addresses of a topology that is not started yet. */
export function addressesOf(number: number): Addresses {
  const block = `127.87.${number % BLOCKS}`
  return { database: `${block}.1`, valkey: `${block}.2`, balancer: `${block}.3` }
}

/** Starts everything in the order of depends_on. Rejects with the end of a log when a part does not come up; then nothing is left. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const topology = new ProcessTopology(options)
  try {
    await topology.start()
    return topology
  } catch (err) {
    await topology.stop()
    throw err
  }
}

class ProcessTopology implements Topology {
  readonly #options: TopologyOptions
  readonly #compose: ComposeFile
  readonly #addresses: Addresses
  readonly #gateways: Gateway[] = []
  #started = 0
  #database: Database | undefined
  #valkey: RunningProcess | undefined
  #names: NameServer | undefined
  #balancer: Balancer | undefined

  constructor(options: TopologyOptions) {
    this.#options = options
    this.#addresses = addressesOf(options.block)
    this.#compose = readComposeFile(options.root)
  }

  get balancer(): Balancer {
    if (!this.#balancer) throw new Error('the topology has not started')
    return this.#balancer
  }

  gateways(): readonly Gateway[] {
    return this.#gateways.filter((gateway) => gateway.isRunning())
  }

  async start(): Promise<void> {
    this.#database = await startDatabase({ ...this.#options, address: this.#addresses.database })
    this.#valkey = await this.#startValkey()
    await Promise.all(Array.from({ length: this.#options.gateways }, () => this.addGateway()))
    this.#names = await startNameServer((name) => (name === 'gateway' ? this.#gatewayAddresses() : []))
    this.#balancer = await this.#startBalancer(this.#names)
  }

  async addGateway(): Promise<Gateway> {
    const { folder, settings } = this.#options
    const number = ++this.#started
    const address = `${this.#addresses.balancer.replace(/\d+$/, '')}${10 + number}`
    const url = `http://${address}:3000`
    const running = runProcess({
      name: `gateway-${number}`,
      ...this.#gatewayCommand(),
      env: {
        ...this.#environmentOf('gateway'),
        HOST: address,
        TRUSTED_PROXIES: '127.0.0.1',
        DATA_DIR: join(folder, 'media', `gateway-${number}`),
        MEDIA_DIR: join(folder, 'media'),
        ...settings,
      },
      folder,
    })
    await untilUp(running, async () => (await fetch(`${url}/readyz`)).ok, START_MS)
    const gateway = { ...running, url }
    this.#gateways.push(gateway)
    return gateway
  }

  async stop(): Promise<void> {
    await this.#balancer?.stop(STOP_MS)
    await Promise.all(this.gateways().map((gateway) => gateway.stop(STOP_GATEWAY_MS)))
    await this.#names?.stop()
    await this.#valkey?.stop(STOP_MS)
    await this.#database?.stop()
  }

  #gatewayCommand(): { readonly command: string; readonly args: readonly string[] } {
    const { root, folder, imageRoot } = this.#options
    if (imageRoot === undefined) return { command: process.execPath, args: [join(root, 'server/dist/main.js')] }
    const places = [imageRoot, join(folder, 'secrets'), join(folder, 'media')]
    return {
      command: join(root, 'deploy/topology/in-image.sh'),
      args: [...places, 'node', '--max-old-space-size=1536', 'server/dist/main.js'],
    }
  }

  #gatewayAddresses(): readonly string[] {
    return this.gateways().map(({ url }) => new URL(url).hostname)
  }

  async #startValkey(): Promise<RunningProcess> {
    const { folder, redis } = this.#options
    const dir = join(folder, 'valkey')
    mkdirSync(dir)
    const [, ...args] = this.#compose.services['valkey']?.command ?? []
    const running = runProcess({
      name: 'valkey',
      command: redis,
      args: [...args.map((arg) => this.#inFolder(arg)), '--bind', this.#addresses.valkey, '--dir', dir],
      env: {},
      folder,
    })
    await untilUp(running, () => Promise.resolve(running.output().includes('Ready to accept connections')), START_MS)
    return running
  }

  #startBalancer(names: NameServer): Promise<Balancer> {
    return startBalancer({
      ...this.#options,
      address: this.#addresses.balancer,
      environment: this.#environmentOf('balancer'),
      nameServer: names.address,
    })
  }

  /** The variables of a service: its files, then what docker-compose.yml says itself. */
  #environmentOf(service: string): Record<string, string> {
    const { environment = {}, env_file: files = [] } = this.#compose.services[service] ?? {}
    const paths = files.flatMap((file) => (typeof file === 'string' ? [file] : []))
    const read = paths.map((path) => parseEnv(readFileSync(join(this.#options.root, path), 'utf8')))
    const own = Object.entries(environment).map(([name, value]) => [name, this.#inFolder(value)])
    return Object.fromEntries([...read.flatMap((variables) => Object.entries(variables)), ...own]) as Record<
      string,
      string
    >
  }

  /** The secrets that a container has below /run/secrets. */
  #inFolder(text: string): string {
    return text.replaceAll(/\/run\/secrets\/([a-z0-9_]+)/g, (_found, name: string) =>
      join(this.#options.folder, 'secrets', basename(this.#compose.secrets[name]?.file ?? `no-secret-${name}`)),
    )
  }
}

/** What a child of ours needs in order to trust the certificate that was made for the topology. */
export function trustedEnvironment(folder: string): NodeJS.ProcessEnv {
  return { ...ownEnvironment, NODE_EXTRA_CA_CERTS: join(folder, 'secrets/tls-certificate.pem') }
}
