import { typingData } from '../views/custom-text'
import { mentionedIn, type Mention } from '../views/mentions'
import { chat } from './chat'
import { TYPES, type Message } from './sdk'

/** Where messages go. */
export interface Destination {
  readonly to: string
  readonly conversationType: string
}

export function destinationOf(conversationID: string): Destination {
  const conversationType = conversationID.startsWith(TYPES.CONV_GROUP) ? TYPES.CONV_GROUP : TYPES.CONV_C2C
  return { to: conversationID.slice(conversationType.length), conversationType }
}

interface Extras {
  readonly mentions: readonly Mention[]
  /** The quote of a reply; empty for none. */
  readonly cloudCustomData: string
}

export function textMessage(destination: Destination, text: string, { mentions, cloudCustomData }: Extras): Message {
  const options = { ...destination, cloudCustomData, needReadReceipt: true }
  const called = destination.conversationType === TYPES.CONV_GROUP ? mentionedIn(text, mentions) : []
  if (called.length === 0) return chat().createTextMessage({ ...options, payload: { text } })
  return chat().createTextAtMessage({ ...options, payload: { text, atUserList: called } })
}

/** What a picker of WeChat gives for one file. */
export interface PickedFile {
  readonly kind: 'image' | 'video' | 'file' | 'audio'
  readonly file: unknown
}

/** `onProgress` is told the part that is uploaded, with the message it belongs to. */
export function fileMessage(
  destination: Destination,
  { kind, file }: PickedFile,
  onProgress: (message: Message, part: number) => void,
): Message {
  const options = {
    ...destination,
    needReadReceipt: true,
    payload: { file },
    onProgress: (part: number): void => onProgress(message, part),
  }
  const message: Message = create(kind, options)
  return message
}

type FileOptions = Parameters<ReturnType<typeof chat>['createFileMessage']>[0]

function create(kind: PickedFile['kind'], options: FileOptions): Message {
  if (kind === 'image') return chat().createImageMessage(options)
  if (kind === 'video') return chat().createVideoMessage(options)
  return kind === 'audio' ? chat().createAudioMessage(options) : chat().createFileMessage(options)
}

export function forwardMessage(destination: Destination, message: Message): Message {
  return chat().createForwardMessage({ ...destination, needReadReceipt: true, payload: message })
}

/** Tells the peer, if he is there, that I type or have stopped. Nothing of it is kept. */
export async function tellTyping(destination: Destination, isTyping: boolean): Promise<void> {
  const payload = { data: typingData(isTyping), description: '', extension: '' }
  try {
    await chat().sendMessage(chat().createCustomMessage({ ...destination, payload }), { onlineUserOnly: true })
  } catch {
    // The next key tells it again.
  }
}
