import { SLOTS } from './key-slot.ts'

/** Who serves which slot, as one server of a cluster sees it. Addresses are `host:port`. */
export interface ClusterMap {
  /** By slot; undefined where nobody serves it. */
  readonly owners: readonly (string | undefined)[]
  /** All servers, replicas too. */
  readonly addresses: readonly string[]
  /** Grows with each fail-over. */
  readonly epoch: number
  /** The server believes that the cluster works and that it is itself part of it. */
  readonly isSound: boolean
}

/** Reads the answers of CLUSTER INFO and CLUSTER SLOTS. Throws for anything else. */
export function parseClusterMap(info: unknown, slots: unknown, askedHost: string): ClusterMap {
  if (typeof info !== 'string' || !Array.isArray(slots)) throw new Error('an answer that no Redis Cluster gives')
  const owners: (string | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  const addresses = new Set<string>()
  for (const range of slots) {
    const [first, last, ...servers] = itemsOf(range)
    const found = servers.map((server) => addressOf(server, askedHost))
    for (const address of found) if (address !== undefined) addresses.add(address)
    // The first one of a range is its master.
    if (typeof first === 'number' && typeof last === 'number') owners.fill(found[0], first, last + 1)
  }
  const epoch = Number(/cluster_current_epoch:(\d+)/.exec(info)?.[1] ?? 0)
  return { owners, addresses: [...addresses], epoch, isSound: info.includes('cluster_state:ok') }
}

function itemsOf(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : []
}

function addressOf(server: unknown, askedHost: string): string | undefined {
  const [host, port] = itemsOf(server)
  // A server that does not know its own name is the one we asked; one it has no name for cannot be reached.
  const name = host === null || host === '' ? askedHost : host
  if (typeof name !== 'string' || name === '?' || typeof port !== 'number') return undefined
  return name.includes(':') && !name.startsWith('[') ? `[${name}]:${port}` : `${name}:${port}`
}

/** The URL of another server of the same cluster: the same user, password and way of connecting. */
export function urlAt(seedUrl: string, address: string): string {
  const url = new URL(seedUrl)
  url.host = address
  return url.href
}
