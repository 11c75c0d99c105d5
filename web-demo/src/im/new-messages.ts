import type { Message } from '@hongyan/client-sdk'
import { pictureOf, videoOf } from '../chat/media/media-payload.ts'
import { quoteData } from '../chat/quote.ts'
import { chat } from './chat.ts'
import { measure, type Measured } from './measure.ts'
import type { Address } from './open-chat.ts'
import { noteUpload } from './uploads.ts'

export interface NewText {
  readonly text: string
  /** Those who are called by name; in groups only. */
  readonly atUserList: readonly string[]
  /** The message that this one answers. */
  readonly replyingTo: Message | undefined
}

/** Kits that see this tell the sender when they are typing. */
const FEATURE = { messageFeature: { needTyping: 1, version: 1 } }

export function newText(address: Address, { text, atUserList, replyingTo }: NewText): Message {
  const options = { ...address, cloudCustomData: customDataFor(address, replyingTo) }
  return atUserList.length === 0
    ? chat.createTextMessage({ ...options, payload: { text } })
    : chat.createTextAtMessage({ ...options, payload: { text, atUserList: [...atUserList] } })
}

/** What travels beside a text; it counts towards the size of the message. */
export function customDataFor({ conversationType }: Address, replyingTo: Message | undefined): string {
  const data = { ...(conversationType === 'C2C' ? FEATURE : {}), ...(replyingTo ? quoteData(replyingTo) : {}) }
  return Object.keys(data).length === 0 ? '' : JSON.stringify(data)
}

export function newPlace(
  address: Address,
  payload: { description: string; latitude: number; longitude: number },
): Message {
  return chat.createLocationMessage({ ...address, payload })
}

/** A message that shows a file, which is uploaded when it is sent. Measured first, so that the thread knows its place. */
export async function newFile(address: Address, as: 'image' | 'video' | 'file', file: File): Promise<Message> {
  const measured = as === 'file' ? undefined : await measure(as, file)
  return create(address, as, file, measured)
}

export function newVoice(address: Address, recording: File, durationMs: number): Message {
  // The SDK takes the length from the file, as from a recorder: a recording of the browser's own does not tell it.
  return create(address, 'audio', Object.assign(recording, { duration: durationMs }), undefined)
}

const CREATE = {
  image: 'createImageMessage',
  video: 'createVideoMessage',
  audio: 'createAudioMessage',
  file: 'createFileMessage',
} as const

function create(address: Address, as: keyof typeof CREATE, file: File, measured: Measured | undefined): Message {
  const onProgress = (part: number): void => noteUpload(message.ID, { part })
  const message = chat[CREATE[as]]({ ...address, payload: { file }, onProgress })
  const localUrl = as === 'image' ? pictureOf(message).original.url : videoOf(message).url
  noteUpload(message.ID, { ...measured, localUrl })
  return message
}
