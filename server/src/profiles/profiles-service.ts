import { Refused, userTimeline, type UserId, type UserProfile } from '@hongyan/protocol'
import type { Db, Tx } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import type { Actor } from '../logins/actor.ts'
import { holdLogin } from '../logins/login-reader.ts'
import type { Announcer } from '../timelines/announcer.ts'
import { appendEntries, lockTimelines, type AppendedEntry } from '../timelines/timeline-writer.ts'
import { readProfiles } from './profile-reader.ts'
import { changeProfile, type ProfileChange } from './profile-rules.ts'
import { updateProfile } from './profile-writer.ts'

export interface ProfilesDeps {
  readonly db: Db
  readonly announcer: Announcer
  readonly clock: Clock
}

/** What users say about themselves. */
export class ProfilesService {
  readonly #deps: ProfilesDeps

  constructor(deps: ProfilesDeps) {
    this.#deps = deps
  }

  /** The profiles of these users; unknown ones are absent. */
  get(userIds: readonly UserId[]): Promise<readonly UserProfile[]> {
    return readProfiles(this.#deps.db, userIds)
  }

  /** Changes what is named, and tells the user's devices, unless it was so before. Refuses PROFILE_TOO_LONG. */
  async update(actor: Actor, change: ProfileChange): Promise<UserProfile> {
    const { profile, appended } = await this.#deps.db.transaction((tx) => this.#update(tx, actor, change), {
      retry: true,
    })
    this.#deps.announcer.announceAll(appended)
    return profile
  }

  async #update(
    tx: Tx,
    actor: Actor,
    change: ProfileChange,
  ): Promise<{ readonly profile: UserProfile; readonly appended: readonly AppendedEntry[] }> {
    const ownId = userTimeline(actor.userId)
    const [, locked, [before]] = await Promise.all([
      holdLogin(tx, actor),
      lockTimelines(tx, [ownId]),
      readProfiles(tx, [actor.userId]),
    ])
    const timeline = locked.get(ownId)
    if (!timeline || !before) throw new Refused('NO_SUCH_USER')
    const profile = changeProfile(before, change, this.#deps.clock.now())
    if (profile === before) return { profile, appended: [] }
    await updateProfile(tx, profile)
    return { profile, appended: await appendEntries(tx, [{ timeline, entry: { kind: 'profile', profile } }]) }
  }
}
