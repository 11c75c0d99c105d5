import type { Chat } from '../chat.ts'
import { toGroupId } from '../mapping/ids.ts'
import { RateLimit } from '../rate-limit.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { hasOnly, isAbsentOrTextList, pick } from './keyed-values.ts'

type Texts = Record<string, string>

/** Attributes that members keep beside a group's messages (tim-semantics §2.3 ATTR). */
export function groupAttributeMethods(chat: Chat) {
  const { clock } = chat.platform
  const writeLimit = new RateLimit(clock, 10, 5_000)
  const readLimit = new RateLimit(clock, 20, 5_000)

  async function write(groupID: string, attributes: Texts, replaces: boolean) {
    writeLimit.take()
    await chat.client.ask('group.setAttributes', { groupId: toGroupId(groupID), attributes, replaces })
    return { groupAttributes: attributes }
  }

  const writing = (method: string, replaces: boolean) => (options: { groupID: string; groupAttributes: Texts }) => {
    const isGood = isObject(options) && isText(options.groupID) && hasOnly('string', options.groupAttributes, replaces)
    assertParameter(isGood, method, '{ groupID, groupAttributes: { key: text } }')
    return chat.run('group', () => write(options.groupID, { ...options.groupAttributes }, replaces))
  }

  return {
    initGroupAttributes: writing('initGroupAttributes', true),
    setGroupAttributes: writing('setGroupAttributes', false),
    /** All of them when no key is named. */
    deleteGroupAttributes: (options: { groupID: string; keyList: string[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isAbsentOrTextList(options.keyList)
      assertParameter(isGood, 'deleteGroupAttributes', '{ groupID, keyList }')
      return chat.run('group', async () => {
        writeLimit.take()
        const body = { groupId: toGroupId(options.groupID), keys: [...(options.keyList ?? [])] }
        const { keys } = await chat.client.ask('group.deleteAttributes', body)
        return { keyList: keys }
      })
    },
    getGroupAttributes: (options: { groupID: string; keyList?: string[] }) => {
      const isGood = isObject(options) && isText(options.groupID) && isAbsentOrTextList(options.keyList)
      assertParameter(isGood, 'getGroupAttributes', '{ groupID, keyList? }')
      return chat.run('group', async () => {
        const all = await chat.attributes.get(options.groupID, () => readLimit.take())
        return { groupAttributes: pick(all, options.keyList) }
      })
    },
  }
}
