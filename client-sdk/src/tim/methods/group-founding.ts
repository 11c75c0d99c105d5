import { parseGroupId } from '@hongyan/protocol/constants'
import type { GroupType, RequestOf } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toMemberId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import type { CustomField } from '../mapping/person.ts'
import { GROUP_TYPES, ROLES } from '../mapping/words.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { groupCreatedText } from './group-created.ts'
import { areFields, fieldsOf, type GroupFields } from './group-fields.ts'
import type { CreateOptions } from './new-message.ts'

export interface CreateGroupOptions extends GroupFields {
  name: string
  type: string
  groupID?: string
  maxMemberNum?: number
  memberList?: { userID: string; role?: string; memberCustomField?: CustomField[] }[]
  isSupportTopic?: boolean
}

/** How the SDK says by itself that a group was founded. */
export interface Announcing {
  createCustomMessage(options: CreateOptions<{ data: string; description: string; extension: string }>): Message
  sendMessage(message: Message): Promise<unknown>
}

/** Founding groups (tim-semantics §2.3 GRP). */
export function groupFoundingMethods(chat: Chat, announcing: Announcing) {
  /** TIM's SDK says it itself, waits for nothing and minds no failure (tim-semantics §4.10). */
  function announce(groupID: string, type: GroupType): void {
    const payload = { data: groupCreatedText(chat.self(), type), description: '', extension: '' }
    const options = { to: groupID, conversationType: TYPES.CONV_GROUP, payload }
    announcing.sendMessage(announcing.createCustomMessage(options)).catch(() => undefined)
  }

  async function create(options: CreateGroupOptions): Promise<{ group: Group; overLimitUserIDList: string[] }> {
    if (options.isSupportTopic === true) throw timError(3122, 'isSupportTopic')
    const body = { requestId: chat.client.newClientMsgId(), ...foundingOf(options) }
    const { group, self, overLimit } = await chat.client.ask('group.create', body)
    const made = chat.groups.adopt(group, self)
    chat.touchGroups()
    if (body.type !== 'live') announce(group.groupId, body.type)
    return { group: made, overLimitUserIDList: overLimit }
  }

  return {
    createGroup: (options: CreateGroupOptions) => {
      const isGood = isObject(options) && isText(options.name) && isText(options.type) && areFields(options)
      assertParameter(isGood && isMemberList(options.memberList), 'createGroup', '{ name, type, memberList?, … }')
      return chat.run('group', () => create(options))
    },
  }
}

/** What `group.create` takes; rejects 2600 for types that are none, 2602 for ids that are none. */
function foundingOf(options: CreateGroupOptions): Omit<RequestOf<'group.create'>, 'requestId'> {
  const type = GROUP_TYPES.toOurs(options.type)
  if (type === undefined) throw timError(2600, options.type)
  const { groupID, name, maxMemberNum, memberList } = options
  const groupId = groupID === undefined || groupID === '' ? undefined : parseGroupId(groupID)
  if (groupID !== undefined && groupID !== '' && groupId === undefined) throw timError(2602, groupID)
  const { joinOption, ...fields } = fieldsOf(options, [])
  // TIM's SDK says it only where it can be chosen (tim-semantics §4.9).
  const isJoinOptionOpen = type === 'public' || type === 'community'
  // And nobody is put into a live room.
  const members = type === 'live' ? [] : membersOf(memberList ?? [])
  return {
    type,
    ...fields,
    name,
    ...(isJoinOptionOpen && joinOption !== undefined ? { joinOption } : {}),
    ...(groupId === undefined ? {} : { groupId }),
    ...(typeof maxMemberNum === 'number' && maxMemberNum > 0 ? { maxMembers: Math.floor(maxMemberNum) } : {}),
    ...(members.length > 0 ? { members } : {}),
  }
}

function membersOf(list: NonNullable<CreateGroupOptions['memberList']>) {
  return list.map(({ userID, role, memberCustomField }) => {
    const word = ROLES.toOurs(role)
    return {
      userId: toMemberId(userID),
      ...(word === undefined ? {} : { role: word }),
      ...(memberCustomField === undefined ? {} : { custom: [...memberCustomField] }),
    }
  })
}

function isMemberList(list: unknown): boolean {
  return (
    list === undefined || (Array.isArray(list) && list.every((member) => isObject(member) && isText(member['userID'])))
  )
}
