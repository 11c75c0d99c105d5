import { parseGroupId } from '@hongyan/protocol/constants'
import type { GroupId, GroupType, RequestOf } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toMemberId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { isFieldList, type CustomField } from '../mapping/person.ts'
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
      assertParameter(isFounding(options), 'createGroup', '{ name, type, memberList?, … }')
      return chat.run('group', () => create(options))
    },
  }
}

/** What `group.create` takes; rejects 2600 for types that are none, 2602 for ids that are none. */
function foundingOf(options: CreateGroupOptions): Omit<RequestOf<'group.create'>, 'requestId'> {
  const type = GROUP_TYPES.toOurs(options.type)
  if (type === undefined) throw timError(2600, options.type)
  const { groupID, name, maxMemberNum, memberList } = options
  const groupId = groupID === undefined || groupID === '' ? undefined : customIdOf(type, groupID)
  const { joinOption, inviteOption, ...fields } = fieldsOf(options)
  // TIM's SDK says it only where it can be chosen (tim-semantics §4.9).
  const isJoinOptionOpen = type === 'public' || type === 'community'
  // And nobody is put into a live room, or invited.
  const members = type === 'live' ? [] : membersOf(memberList ?? [])
  return {
    type,
    ...fields,
    name,
    ...(isJoinOptionOpen && joinOption !== undefined ? { joinOption } : {}),
    ...(type !== 'live' && inviteOption !== undefined ? { inviteOption } : {}),
    ...(groupId === undefined ? {} : { groupId }),
    ...(typeof maxMemberNum === 'number' && maxMemberNum > 0 ? { maxMembers: Math.floor(maxMemberNum) } : {}),
    ...(members.length > 0 ? { members } : {}),
  }
}

/** A community's id says that it is one, and no other's looks like one that the server made. Rejects 2602. */
function customIdOf(type: GroupType, groupID: string): GroupId {
  const groupId = parseGroupId(groupID)
  const isOfType = type === 'community' ? /^@TGS#_./.test(groupID) : !groupID.startsWith('@TGS#')
  if (groupId === undefined || !isOfType || groupID.includes('@TOPIC#_')) throw timError(2602, groupID)
  return groupId
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

function isFounding(options: CreateGroupOptions): boolean {
  if (!isObject(options) || !isText(options.name) || !isText(options.type) || !areFields(options)) return false
  const { groupID, maxMemberNum, memberList } = options
  return isAbsentOr('string', groupID) && isAbsentOr('number', maxMemberNum) && isMemberList(memberList)
}

function isAbsentOr(type: 'string' | 'number', value: unknown): boolean {
  return value === undefined || typeof value === type
}

function isMemberList(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.every(isMember))
}

function isMember(member: unknown): boolean {
  if (!isObject(member) || !isText(member['userID'])) return false
  const fields = member['memberCustomField']
  return fields === undefined || isFieldList(fields)
}
