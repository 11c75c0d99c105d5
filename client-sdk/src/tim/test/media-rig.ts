import type { ConversationId, FileKind, StoredFile, UserId } from '@hongyan/protocol'
import type { Client, ForeignUploader, MediaInspector, Platform, UploadSource } from '../../core/client-api.ts'
import { FakeClient, virtualPlatform } from '../../../test/fake-client.ts'
import { VirtualClock } from '../../../test/virtual-clock.ts'
import { Chat } from '../chat.ts'
import { mediaMethods } from '../methods/create-media.ts'
import { mergerMethods } from '../methods/merger.ts'
import { messageMaker } from '../methods/new-message.ts'
import { sendMethods } from '../methods/send.ts'

export interface Upload {
  readonly conversationId: ConversationId
  readonly kind: FileKind
  readonly source: UploadSource
  readonly uploader: ForeignUploader | undefined
  readonly progress: (part: number) => void
  /** The server has it, and says so. */
  readonly arrive: (facts?: Partial<StoredFile>) => void
  readonly fail: (error: Error) => void
}

/** A core whose uploads the test finishes. */
class UploadingClient extends FakeClient {
  readonly running: Upload[] = []
  override upload(
    conversationId: ConversationId,
    kind: FileKind,
    source: UploadSource,
    options: Parameters<Client['upload']>[3],
  ): Promise<StoredFile> {
    return new Promise((resolve, reject) => {
      const fileId = `file${this.running.length + 1}`.padEnd(22, '0')
      const format = source.name.slice(source.name.lastIndexOf('.') + 1)
      this.running.push({
        conversationId,
        kind,
        source,
        uploader: options.uploader,
        progress: (part) => options.onProgress?.(part),
        arrive: (facts) => resolve({ fileId, kind, name: source.name, bytes: source.bytes, format, ...facts }),
        fail: reject,
      })
    })
  }
}

/** The teacher's instance, with the methods that make and send messages. */
export function makeMediaRig(device: Platform['device'] = 'web', media?: MediaInspector) {
  const clock = new VirtualClock()
  const client = new UploadingClient()
  client.self = { userId: 'teacher' as UserId, tinyId: '100001', nick: '王老师', avatar: '' }
  const platform: Platform = { ...virtualPlatform(clock), device, ...(media === undefined ? {} : { media }) }
  const chat = new Chat({ client, platform, isThrottled: false, isPartial: false, onThrown: () => undefined })
  chat.readiness = 'ready'
  const create = messageMaker(chat)
  const methods = { ...mediaMethods(chat, create), ...mergerMethods(chat, create), ...sendMethods(chat) }
  /** Until every promise there is has come to where it waits for the test. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await clock.pass(10)
  }
  return { client, chat, methods, settle }
}
