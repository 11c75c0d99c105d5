import type { Client, Platform } from '../core/client-api.ts'
import { toGroupId } from './mapping/ids.ts'

type Attributes = Readonly<Record<string, string>>

/** How long what was fetched is believed (tim-semantics §2.3). */
const FRESH_MS = 30_000
/** Groups whose attributes are kept. */
const MAX_GROUPS = 50
/** How often an answer is asked for again because something changed meanwhile. */
const MAX_FETCHES = 3

/** Attributes of groups, kept in step with what the groups tell. */
export class GroupAttributes {
  private readonly client: Client
  private readonly clock: Platform['clock']
  private readonly known = new Map<string, { readonly atMs: number; readonly attributes: Attributes }>()
  /** Changes told so far, and logins ended: an answer that was asked for before may be older than they are. */
  private changes = 0
  private generation = 0

  constructor(client: Client, clock: Platform['clock']) {
    this.client = client
    this.clock = clock
  }

  /** From what is known, if it is fresh. */
  async get(groupID: string, mayAsk: () => void): Promise<Attributes> {
    const known = this.known.get(groupID)
    if (known && this.clock.monotonicMs() - known.atMs < FRESH_MS) return known.attributes
    mayAsk()
    return await this.fetch(groupID)
  }

  /** All of them from the server. */
  async fetch(groupID: string): Promise<Attributes> {
    const { generation } = this
    for (let attempt = 1; ; attempt++) {
      const { changes } = this
      const { attributes } = await this.client.ask('group.attributes', { groupId: toGroupId(groupID) })
      if (changes !== this.changes && attempt < MAX_FETCHES) continue
      if (generation === this.generation) this.keep(groupID, attributes, this.clock.monotonicMs())
      return attributes
    }
  }

  /** What a group has told; gives all, or undefined where they are not known. */
  apply(groupID: string, set: Attributes, deleted: readonly string[]): Attributes | undefined {
    this.changes++
    const known = this.known.get(groupID)
    if (!known) return undefined
    const rest = Object.entries({ ...known.attributes, ...set }).filter(([key]) => !deleted.includes(key))
    const attributes = Object.fromEntries(rest)
    this.keep(groupID, attributes, known.atMs)
    return attributes
  }

  clear(): void {
    this.known.clear()
    this.generation++
  }

  private keep(groupID: string, attributes: Attributes, atMs: number): void {
    this.known.delete(groupID)
    this.known.set(groupID, { atMs, attributes })
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_GROUPS) return
      this.known.delete(oldest)
    }
  }
}
