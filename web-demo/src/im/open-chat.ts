import type { Conversation, Group, Message } from '@hongyan/client-sdk'
import { inject, provide, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { TYPES } from './chat.ts'
import { useConversationCopy } from './thread-conversation.ts'
import { usePins } from './thread-pins.ts'
import { useThread, type Place, type Thread } from './thread.ts'
import { useThreadNames } from './thread-names.ts'
import { useTyping } from './thread-typing.ts'

/** What stands on the right of the thread. */
export type Panel =
  | { readonly kind: 'none' | 'info' }
  | { readonly kind: 'search'; readonly sought?: string }
  | { readonly kind: 'receipts'; readonly messageID: string }

/** Where messages go; spread into what `chat.create…Message` takes. */
export interface Address {
  readonly to: string
  readonly conversationType: string
  /** In groups, so that the sender can see who has read. */
  readonly needReadReceipt: boolean
}

/** The one conversation that is open, for everything that stands below ChatPane. */
export interface OpenChat {
  readonly conversationID: string
  readonly type: 'C2C' | 'GROUP' | 'SYSTEM'
  /** The peer's userID or the groupID. */
  readonly to: string
  readonly address: Address
  /** Undefined until the server has said what it is. */
  readonly conversation: Readonly<Ref<Conversation | undefined>>
  /** Of a group's conversation; undefined also when the user is no longer in it. */
  readonly group: Readonly<Ref<Group | undefined>>
  /** The name card in this group, else the nickname, else the userID. Reactive. */
  readonly nameOf: (userID: string) => string
  readonly avatarOf: (userID: string) => string
  /** Fetches the names of those of them that no message has told of. */
  learn(userIDs: readonly string[]): Promise<void>
  readonly thread: Readonly<Thread>
  /** Shows it at once and scrolls to it; never rejects: a failure stands on the message, its code in `thread.failures`. */
  readonly send: (message: Message) => Promise<void>
  readonly resend: (ID: string) => Promise<void>
  /** Rejects with TIM's code. */
  readonly revoke: (ID: string) => Promise<void>
  /** For the user alone. Rejects with TIM's code. */
  readonly remove: (IDs: readonly string[]) => Promise<void>
  /** Loads what is around it when it is not there, scrolls to it and lights it up. Resolves false when there is no such message. */
  readonly jumpTo: (place: Place) => Promise<boolean>
  jumpToUnread(): Promise<void>
  /** Tries again after `thread.failure`. */
  reopen(): Promise<void>
  /** Empties the conversation for the user alone. Rejects with TIM's code. */
  clear(): Promise<void>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  toLatest(): Promise<void>
  /** The view tells whether its reader is at the end. */
  follow(isAtEnd: boolean): void
  /** Takes over what the SDK has changed in these. */
  renew(messages: readonly Message[]): void
  /** The SDK's own object, which its methods take. */
  readonly original: (ID: string) => Message | undefined
  /** The composer tells that the user writes; the peer is told at most every few seconds. One-to-one only. */
  readonly tellTyping: (isTyping: boolean) => void
  readonly isPeerTyping: Readonly<Ref<boolean>>
  /** What the group keeps in sight, the newest pin first; empty one-to-one. */
  readonly pinned: Readonly<ShallowRef<readonly Message[]>>
  /** Rejects with TIM's code. */
  pin(message: Message, wish: { readonly isPinned: boolean }): Promise<void>
  /** The message that the composer answers. */
  readonly replyingTo: ShallowRef<Message | undefined>
  /** Text of a revoked message; the composer takes it and empties this. */
  readonly reEdit: Ref<string | undefined>
  /** The IDs that are chosen; undefined while nothing is being chosen. */
  readonly selection: ShallowRef<ReadonlySet<string> | undefined>
  readonly panel: Ref<Panel>
}

const KEY: InjectionKey<OpenChat> = Symbol('open chat')

/** Opens the conversation for the components below the caller, as long as the caller is there. */
export function provideOpenChat(conversationID: string): OpenChat {
  const { type, to } = partsOf(conversationID)
  const { conversation, group } = useConversationCopy(conversationID)
  const messages = useThread(conversationID)
  const names = useThreadNames({ type, to, conversation, thread: messages.thread })
  const openChat: OpenChat = {
    conversationID,
    type,
    to,
    address: addressOf(conversationID),
    conversation,
    group,
    ...names,
    ...messages,
    ...useTyping({ type, to, conversationID }),
    ...usePins(type === 'GROUP' ? to : ''),
    replyingTo: shallowRef(),
    reEdit: ref(),
    selection: shallowRef(),
    panel: ref({ kind: 'none' }),
  }
  provide(KEY, openChat)
  return openChat
}

/** Below ChatPane only. */
export function useOpenChat(): OpenChat {
  const openChat = inject(KEY)
  if (!openChat) throw new Error('no chat is open here')
  return openChat
}

/** 'GROUPg1' is the group g1. */
export function partsOf(conversationID: string): Pick<OpenChat, 'type' | 'to'> {
  if (conversationID.startsWith(TYPES.CONV_GROUP)) return { type: 'GROUP', to: conversationID.slice(5) }
  if (conversationID.startsWith(TYPES.CONV_C2C)) return { type: 'C2C', to: conversationID.slice(3) }
  return { type: 'SYSTEM', to: conversationID }
}

export function addressOf(conversationID: string): Address {
  const { type, to } = partsOf(conversationID)
  const isGroup = type === 'GROUP'
  return { to, conversationType: isGroup ? TYPES.CONV_GROUP : TYPES.CONV_C2C, needReadReceipt: isGroup }
}
