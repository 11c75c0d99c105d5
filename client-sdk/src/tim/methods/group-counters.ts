import type { Chat } from '../chat.ts'
import { toGroupId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { hasOnly, isAbsentOrTextList, pick } from './keyed-values.ts'

type Numbers = Record<string, number>

/** Numbers that members count together beside a group's messages (tim-semantics §2.3 ATTR). */
export function groupCounterMethods(chat: Chat) {
  const limit = new RateLimit(chat.platform.clock, 20, 5_000)

  async function count(groupID: string, counters: Numbers, adds: boolean) {
    limit.take()
    return await chat.client.ask('group.setCounters', { groupId: toGroupId(groupID), counters, adds })
  }

  const adding = (method: string, sign: 1 | -1) => (options: { groupID: string; key: string; value: number }) => {
    const isGood = isObject(options) && isText(options.groupID) && isText(options.key)
    assertParameter(isGood && Number.isSafeInteger(options.value), method, '{ groupID, key, value }')
    return chat.run('group', () => count(options.groupID, { [options.key]: sign * options.value }, true))
  }

  return {
    setGroupCounters: (options: { groupID: string; counters: Numbers }) => {
      const isGood = isObject(options) && isText(options.groupID) && hasOnly('number', options.counters)
      assertParameter(isGood, 'setGroupCounters', '{ groupID, counters: { key: number } }')
      return chat.run('group', () => count(options.groupID, { ...options.counters }, false))
    },
    increaseGroupCounter: adding('increaseGroupCounter', 1),
    decreaseGroupCounter: adding('decreaseGroupCounter', -1),
    getGroupCounters: (options: { groupID: string; keyList?: string[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isAbsentOrTextList(options.keyList)
      assertParameter(isGood, 'getGroupCounters', '{ groupID, keyList? }')
      return chat.run('group', async () => {
        limit.take()
        const { counters } = await chat.client.ask('group.counters', { groupId: toGroupId(options.groupID) })
        return { counters: pick(counters, options.keyList) }
      })
    },
  }
}
