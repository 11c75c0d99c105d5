import type { Chat } from '../chat.ts'
import { toGroupId } from '../mapping/ids.ts'

/** How long a number is believed (tim-semantics §2.3). */
const FRESH_MS = 60_000
const FRESH_IN_LIVE_MS = 3_000
const MAX_GROUPS = 200

/** Members of groups who are there now. */
export class OnlineCounts {
  private readonly chat: Chat
  private readonly known = new Map<string, { readonly atMs: number; readonly count: number }>()

  constructor(chat: Chat) {
    this.chat = chat
  }

  /** 0 for a group the user is not in. */
  async get(groupID: string): Promise<number> {
    this.chat.mustBeReady()
    const { client, platform, groups } = this.chat
    const ours = groups.ours(groupID)
    if (!ours) return 0
    const known = this.known.get(groupID)
    const freshMs = ours.type === 'live' ? FRESH_IN_LIVE_MS : FRESH_MS
    if (known && platform.clock.monotonicMs() - known.atMs < freshMs) return known.count
    const { count } = await client.ask('group.onlineCount', { groupId: toGroupId(groupID) })
    this.known.delete(groupID)
    this.known.set(groupID, { atMs: platform.clock.monotonicMs(), count })
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_GROUPS) break
      this.known.delete(oldest)
    }
    return count
  }
}
