import type { Notice, NoticeOp } from '@hongyan/protocol'
import { TYPES } from '../types.ts'
import type { Payload } from './payload.ts'
import { toTimPerson } from './person.ts'
import { GROUP_TYPES } from './words.ts'

/** TIM's numbers; none of these has a constant (tim-semantics §3.4). */
const OPERATIONS: Readonly<Record<NoticeOp, number>> = {
  applied: 1,
  accepted: 2,
  refused: 3,
  kicked: 4,
  dismissed: 5,
  created: 6,
  invited: 7,
  quit: 8,
  'admin-set': 9,
  'admin-unset': 10,
  invitation: 12,
  'invitation-accepted': 13,
  'invitation-refused': 14,
  banned: 21,
  custom: 255,
}

/** What a group system notice tells an application. `messageKey` leads back to what has to be decided. */
export function toNoticePayload(notice: Notice): Payload {
  const { op, groupId, groupName, groupType, by, text = '', applicationId = '' } = notice
  const operatorInfo = toTimPerson(by)
  return {
    operationType: OPERATIONS[op],
    operatorID: operatorInfo.userID,
    operatorInfo,
    groupProfile: {
      from: TYPES.CONV_SYSTEM,
      to: groupId,
      groupID: groupId,
      name: groupName,
      groupType: GROUP_TYPES.toTim(groupType),
    },
    handleMessage: op === 'custom' ? '' : text,
    authentication: applicationId,
    messageKey: applicationId,
    userDefinedField: op === 'custom' ? text : '',
  }
}
