import type { ReplyOf } from '@hongyan/protocol'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import type { Group } from '../mapping/group.ts'
import { toGroupId } from '../mapping/ids.ts'
import type { Message } from '../mapping/message.ts'
import { RateLimit } from '../rate-limit.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'

export interface JoinResult {
  status: string
  group?: Group
}

/** One of the applications that wait (tim-semantics §2.3 GRP). */
export interface GroupApplication {
  applicant: string
  applicantNick: string
  groupID: string
  groupName: string
  authentication: string
  messageKey: string
  /** 0: who wants to join; 1: the user is invited; 2: somebody is invited and an admin has to agree. */
  applicationType: number
  /** Who would become a member. */
  userID: string
  note: string
}

export interface Decision {
  handleAction: string
  handleMessage?: string
  /** A notice, or one of the list of applications. */
  message?: Message
  application?: GroupApplication
}

/** Coming into groups, leaving them, and deciding who may come. */
export function joiningMethods(chat: Chat) {
  const listLimit = new RateLimit(chat.platform.clock, 15, 1_000)

  async function join(groupID: string, text: string | undefined): Promise<JoinResult> {
    chat.mustBeReady()
    const words = text === undefined || text === '' ? {} : { text }
    const wasInRoom = chat.groups.ours(groupID)?.type === 'live'
    const reply = await chat.client.ask('group.join', { groupId: toGroupId(groupID), ...words })
    if (reply.status === 'waiting') return { status: TYPES.JOIN_STATUS_WAIT_APPROVAL }
    // Into a room it is asked for all the same: nothing else would tell of having been put out of it.
    if (reply.status === 'member-already' || wasInRoom) return { status: TYPES.JOIN_STATUS_ALREADY_IN_GROUP }
    if (!reply.group) throw timError(2660)
    const group = chat.groups.adopt(reply.group, reply.self)
    chat.touchGroups()
    if (reply.group.type === 'live' && chat.deps.isInManyLiveRooms !== true) await leaveOtherLiveRooms(chat, groupID)
    return { status: TYPES.JOIN_STATUS_SUCCESS, group }
  }

  async function quit(groupID: string): Promise<{ groupID: string }> {
    chat.mustBeReady()
    const groupId = toGroupId(groupID)
    // The server takes it for a request that came twice.
    if (chat.client.isSyncComplete && !chat.groups.get(groupId)) throw timError(2623)
    try {
      await chat.client.ask('group.quit', { groupId })
    } catch (error) {
      throw isNotAMember(error) ? timError(2623) : error
    }
    return { groupID }
  }

  return {
    joinGroup: (options: { groupID: string; applyMessage?: string; type?: string }) => {
      const isGood = isObject(options) && isText(options.groupID)
      assertParameter(isGood, 'joinGroup', '{ groupID, applyMessage?, type? }')
      return chat.run('group', () => join(options.groupID, options.applyMessage))
    },
    quitGroup: (groupID: string) => {
      assertParameter(isText(groupID), 'quitGroup', 'a groupID')
      return chat.run('group', () => quit(groupID))
    },
    getGroupApplicationList: () =>
      chat.run('group', async () => {
        const { userId } = chat.self()
        listLimit.take()
        const { applications } = await chat.client.ask('group.applications', {})
        return { applicationList: applications.map((application) => toTimApplication(application, userId)) }
      }),
    handleGroupApplication: (options: Decision) => {
      assertParameter(isDecision(options), 'handleGroupApplication', '{ handleAction, message | application }')
      return chat.run('group', () => decide(chat, options))
    },
  }
}

/** Lets an applicant in, or not. */
async function decide(chat: Chat, { handleAction, handleMessage = '', message, application }: Decision) {
  // What an application hands in need not be a message.
  const { payload }: { readonly payload?: Message['payload'] } = message ?? {}
  const key = application?.messageKey ?? payload?.['messageKey']
  if (!isText(key)) throw timError(10024)
  const text = handleMessage === '' ? {} : { text: handleMessage }
  const { group } = await chat.client.ask('group.decide', {
    applicationId: key,
    agree: handleAction === 'Agree',
    ...text,
  })
  const notice = message && (chat.messages.find(message.ID) ?? message)
  if (notice) chat.messages.remove(notice)
  return { group: chat.groups.adopt(group) }
}

/** A user is in one live room at a time (tim-semantics §4.10). He has left those he cannot be told to leave. */
async function leaveOtherLiveRooms(chat: Chat, groupID: string): Promise<void> {
  const others = chat.groups.liveRooms().filter(({ groupId }) => groupId !== groupID)
  await Promise.all(others.map(({ groupId }) => chat.client.ask('group.quit', { groupId }).catch(() => undefined)))
}

export function isDecision(options: unknown): options is Decision {
  if (!isObject(options)) return false
  const { handleAction, message, application } = options
  return (handleAction === 'Agree' || handleAction === 'Reject') && (isObject(message) || isObject(application))
}

function toTimApplication(
  application: ReplyOf<'group.applications'>['applications'][number],
  me: string,
): GroupApplication {
  const { applicationId, groupId, groupName, applicant, inviter, text } = application
  const asking = inviter ?? applicant
  return {
    applicant: asking.userId,
    applicantNick: asking.nick ?? '',
    groupID: groupId,
    groupName,
    authentication: applicationId,
    messageKey: applicationId,
    applicationType: inviter === undefined ? 0 : applicant.userId === me ? 1 : 2,
    userID: applicant.userId,
    note: text,
  }
}

function isNotAMember(error: unknown): boolean {
  return error instanceof Error && 'failure' in error && error.failure === 'NOT_A_MEMBER'
}
