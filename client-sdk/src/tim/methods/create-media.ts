import type { Chat } from '../chat.ts'
import type { Message } from '../mapping/message.ts'
import { TYPES } from '../types.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { FileParcel, startContent } from './file-parcel.ts'
import { fitName, NOTHING, readInput, type Picked, type PickedKind } from './media-input.ts'
import type { CreateOptions, MakeMessage } from './new-message.ts'

export interface FilePayload {
  /** A File, a Blob, an input of files; what a mini-program's picker or recorder gave; in Node bytes, or `{ name, data }`. */
  file: unknown
  customFileName?: string
}

export interface CreateFileOptions extends CreateOptions<FilePayload> {
  /** Told the part that is uploaded, 0 to 1. */
  onProgress?: (part: number) => void
}

const MESSAGE_TYPES: Readonly<Record<PickedKind, string>> = {
  image: TYPES.MSG_IMAGE,
  audio: TYPES.MSG_AUDIO,
  video: TYPES.MSG_VIDEO,
  file: TYPES.MSG_FILE,
}

/** Messages that show a file. It is taken at once and uploaded when the message is sent. */
export function mediaMethods(chat: Chat, create: MakeMessage) {
  /** Undefined for what does not fit the platform, as in TIM, whose types do not say so. */
  function make(kind: PickedKind, method: string, options: CreateFileOptions): Message
  function make(kind: PickedKind, method: string, options: CreateFileOptions): Message | undefined {
    const wanted = '{ to, conversationType, payload: { file } }'
    assertParameter(isObject(options) && isObject(options.payload) && isObject(options.payload.file), method, wanted)
    const { payload, onProgress } = options
    const picked = readInput(chat.platform.device, kind, payload.file)
    if (picked === undefined) return undefined
    const named = picked === NOTHING ? picked : withName(picked, payload.customFileName)
    const localUrl = named === NOTHING ? '' : (chat.platform.media?.localUrl(named.source.content) ?? '')
    const content = startContent(kind, named, localUrl)
    const message = create(method, options, [{ type: MESSAGE_TYPES[kind], content }])
    const parcel = new FileParcel(chat, kind, named, onProgress)
    chat.preparations.set(message.ID, (sent) => chat.sendingLine.pass(sent.conversationID, parcel.deliver(sent)))
    return message
  }

  return {
    createImageMessage: (options: CreateFileOptions) => make('image', 'createImageMessage', options),
    createAudioMessage: (options: CreateFileOptions) => make('audio', 'createAudioMessage', options),
    createVideoMessage: (options: CreateFileOptions) => make('video', 'createVideoMessage', options),
    createFileMessage: (options: CreateFileOptions) => make('file', 'createFileMessage', options),
  }
}

function withName(picked: Picked, name: unknown): Picked {
  return isText(name) ? { ...picked, source: { ...picked.source, name: fitName(name) } } : picked
}
