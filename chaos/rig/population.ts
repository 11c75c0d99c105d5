import { c2cConversationId, groupConversationId, parseGroupId, parseUserId } from '@hongyan/protocol'
import type { ConversationId, GroupId, UserId } from '@hongyan/protocol'
import { Seeded } from './seeded.ts'

/** How much of load W there is. */
export interface Scale {
  readonly users: number
  readonly pairs: number
  readonly groups: number
  readonly minMembers: number
  readonly maxMembers: number
  /** Of all messages, those to groups. */
  readonly groupShare: number
  /** Messages a second, of all senders together, when nothing is broken. */
  readonly rate: number
}

/** A group, and somebody who comes and goes. */
export interface PlannedGroup {
  readonly groupId: GroupId
  readonly conversationId: ConversationId
  readonly owner: UserId
  readonly members: readonly UserId[]
  readonly wanderer: UserId
}

/** Who there is and who talks to whom; follows from the seed. */
export interface Population {
  readonly users: readonly UserId[]
  readonly pairs: readonly ConversationId[]
  readonly groups: readonly PlannedGroup[]
}

/** Two devices of different classes, so that neither displaces the other. */
export const DEVICE_CLASSES = ['web', 'wx'] as const
export type DeviceClass = (typeof DEVICE_CLASSES)[number]

/** One device of W: `<user>.<class>` is its name in all records. */
export interface PlannedDevice {
  readonly name: string
  readonly userId: UserId
  readonly deviceClass: DeviceClass
  /** What its wall clock is wrong by (promise I10). */
  readonly skewMs: number
  /** The whole SDK in TIM's words stands on it, and is recorded too. */
  readonly hasTimFace: boolean
}

const HOUR_MS = 3_600_000
const SKEWS_MS = [0, 0, 0, HOUR_MS, -2 * HOUR_MS, 5 * 365 * 24 * HOUR_MS]
const TIM_EVERY = 8

export function planPopulation(scale: Scale, seed: number): Population {
  const random = new Seeded(seed)
  const users = Array.from({ length: scale.users }, (_, index) => mustBeUser(`u${index}`))
  return { users, pairs: planPairs(users, scale.pairs, random), groups: planGroups(users, scale, random) }
}

export function devicesOf({ users }: Pick<Population, 'users'>): readonly PlannedDevice[] {
  return users.flatMap((userId, index) =>
    DEVICE_CLASSES.map((deviceClass, which) => {
      const number = index * DEVICE_CLASSES.length + which
      return {
        name: `${userId}.${deviceClass}`,
        userId,
        deviceClass,
        skewMs: SKEWS_MS[number % SKEWS_MS.length] ?? 0,
        hasTimFace: number % TIM_EVERY === 0,
      }
    }),
  )
}

/** First everybody has somebody, then chance decides. */
function planPairs(users: readonly UserId[], count: number, random: Seeded): readonly ConversationId[] {
  const pairs = new Set<ConversationId>()
  const order = random.shuffled(users)
  for (let index = 0; index + 1 < order.length && pairs.size < count; index += 2) {
    pairs.add(c2cConversationId(order[index] as UserId, order[index + 1] as UserId))
  }
  const most = (users.length * (users.length - 1)) / 2
  while (pairs.size < Math.min(count, most)) {
    const [one, other] = [random.pick(users), random.pick(users)]
    if (one !== other) pairs.add(c2cConversationId(one, other))
  }
  return [...pairs]
}

function planGroups(users: readonly UserId[], scale: Scale, random: Seeded): readonly PlannedGroup[] {
  return Array.from({ length: scale.groups }, (_, index) => {
    const groupId = mustBeGroup(`g${index}`)
    // Many small ones and a few large ones, as in a school.
    const span = scale.maxMembers - scale.minMembers
    const size = Math.min(users.length - 1, scale.minMembers + Math.floor(span * random.next() ** 3))
    const chosen = random.shuffled(users).slice(0, size + 1)
    const [wanderer, owner, ...others] = chosen
    if (wanderer === undefined || owner === undefined) throw new Error('too few users for a group')
    const conversationId = groupConversationId(groupId)
    return { groupId, conversationId, owner, members: [owner, ...others], wanderer }
  })
}

function mustBeUser(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Error(`not a user id: ${text}`)
  return userId
}

function mustBeGroup(text: string): GroupId {
  const groupId = parseGroupId(text)
  if (groupId === undefined) throw new Error(`not a group id: ${text}`)
  return groupId
}
