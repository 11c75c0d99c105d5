import TIM from '@hongyan/client-sdk'

/** The one place where the SDK is imported: an application of Tencent's would differ in this file alone. */
export { TIM }
export const { EVENT, TYPES } = TIM
export type {
  Conversation,
  EventData,
  Group,
  GroupApplication,
  GroupMember,
  Message,
  Payload,
  TimInstance,
} from '@hongyan/client-sdk'
