import { handOver } from '../../im/handover'
import { markHeard } from '../../im/heard'
import { openFile } from '../../im/open-file'
import { openMergedPage } from '../../im/places'
import type { Player } from '../../im/player'
import { TYPES, type Message } from '../../im/sdk'
import { linkIn } from '../../views/custom-text'
import { numberAt, textAt } from '../../views/fields'
import { originalUrl } from '../../views/message-body'
import { copyLink } from './message-menu'

interface Around {
  /** All messages of the page: pictures are leafed through. */
  readonly all: readonly Message[]
  readonly player: Player
  readonly refresh: (id: string) => void
}

/** A touch on a bubble: shows or plays what is in it. */
export async function openMessage(message: Message, { all, player, refresh }: Around): Promise<void> {
  const { ID, type, payload } = message
  if (type === TYPES.MSG_IMAGE) return showPictures(message, all)
  if (type === TYPES.MSG_VIDEO) return showVideo(payload)
  if (type === TYPES.MSG_FILE) return openFile(textAt(payload, 'fileUrl'), textAt(payload, 'fileName'))
  if (type === TYPES.MSG_LOCATION) return showPlace(payload)
  if (type === TYPES.MSG_AUDIO) {
    player.toggle(ID, textAt(payload, 'url'))
    markHeard(ID)
    return refresh(ID)
  }
  if (type === TYPES.MSG_MERGER) {
    handOver(ID, message)
    return openMergedPage(ID)
  }
  const link = type === TYPES.MSG_CUSTOM ? linkIn(payload) : ''
  if (link !== '') await copyLink(link)
}

function showPictures(message: Message, all: readonly Message[]): void {
  const pictures = all.filter(({ type, isRevoked }) => type === TYPES.MSG_IMAGE && !isRevoked)
  const urls = pictures.map(({ payload }) => originalUrl(payload))
  void wx.previewImage({ urls, current: originalUrl(message.payload) })
}

function showVideo(payload: unknown): void {
  const poster = textAt(payload, 'snapshotUrl')
  void wx.previewMedia({ sources: [{ url: textAt(payload, 'videoUrl'), type: 'video', poster }] })
}

function showPlace(payload: unknown): void {
  const [latitude, longitude] = [numberAt(payload, 'latitude'), numberAt(payload, 'longitude')]
  void wx.openLocation({ latitude, longitude, name: textAt(payload, 'description') })
}
