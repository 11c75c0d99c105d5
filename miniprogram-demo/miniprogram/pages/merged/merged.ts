import type { RowAction } from '../../components/message-row/message-row'
import { chat } from '../../im/chat'
import type { Told } from '../../im/events'
import { handOver, takeOver } from '../../im/handover'
import { openFile } from '../../im/open-file'
import { decoded, openMergedPage } from '../../im/places'
import { Player } from '../../im/player'
import { tell } from '../../im/tell'
import { TYPES, type Message } from '../../im/sdk'
import { words } from '../../text/words'
import { isObject, textAt } from '../../views/fields'
import { originalUrl } from '../../views/message-body'
import type { BubbleRow } from '../../views/message-row'
import { entriesOf, type Entry } from './merged-rows'

/** Several messages that somebody handed on as one. */
Page({
  data: { rows: [] as readonly BubbleRow[], playing: '', failed: '' },

  id: '',
  entries: [] as readonly Entry[],
  player: undefined as Player | undefined,

  onLoad({ id }: { id?: string }) {
    this.id = decoded(id)
    void wx.setNavigationBarTitle({ title: words().merged.title })
    this.player = new Player(
      (playing) => this.setData({ playing }),
      () => tell(words().chat.voiceFailed),
    )
    void this.load(takeOver(this.id))
  },

  onUnload() {
    this.player?.stop()
  },

  /** A message of a chat, or the payload of one in a merged one. */
  async load(source: unknown) {
    try {
      const payload = await payloadOf(source)
      void wx.setNavigationBarTitle({ title: textAt(payload, 'title') || words().merged.title })
      this.entries = entriesOf(payload, Date.now(), words())
      this.setData({ rows: this.entries.map(({ row }) => row) })
    } catch {
      this.setData({ failed: words().merged.failed })
    }
  },

  onAct({ detail }: Told<{ action: RowAction; id: string }>) {
    const entry = this.entries[Number(detail.id)]
    if (detail.action === 'open' && entry !== undefined) this.open(detail.id, entry)
  },

  open(id: string, { type, payload }: Entry) {
    if (type === TYPES.MSG_IMAGE) void wx.previewImage({ urls: [originalUrl(payload)] })
    if (type === TYPES.MSG_AUDIO) this.player?.toggle(id, textAt(payload, 'url'))
    if (type === TYPES.MSG_FILE) void openFile(textAt(payload, 'fileUrl'), textAt(payload, 'fileName'))
    if (type === TYPES.MSG_VIDEO)
      void wx.previewMedia({ sources: [{ url: textAt(payload, 'videoUrl'), type: 'video' }] })
    if (type !== TYPES.MSG_MERGER) return
    const inner = `${this.id}/${id}`
    handOver(inner, { payload })
    openMergedPage(inner)
  },
})

/** A long list is stored apart and fetched when somebody reads it. */
async function payloadOf(source: unknown): Promise<unknown> {
  const payload = isObject(source) ? source['payload'] : undefined
  if (textAt(payload, 'downloadKey') === '') return payload
  const message: Message | null = chat().findMessage(textAt(source, 'ID'))
  return message === null ? payload : (await chat().downloadMergerMessage(message)).payload
}
