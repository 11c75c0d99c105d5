import { withConsent } from './consent'
import type { PickedFile } from './outgoing'

const MOST_PICTURES = 9
const LONGEST_VIDEO_SECONDS = 60

/** Pictures and videos of the album or the camera; empty when the user chose none. */
export async function pickMedia(source: 'album' | 'camera'): Promise<readonly PickedFile[]> {
  const picked = await withConsent(() =>
    wx.chooseMedia({
      count: MOST_PICTURES,
      mediaType: ['image', 'video'],
      sourceType: [source],
      sizeType: ['compressed'],
      maxDuration: LONGEST_VIDEO_SECONDS,
    }),
  )
  if (picked === undefined) return []
  return picked.tempFiles.map((file) => {
    const kind = file.fileType === 'video' || picked.type === 'video' ? 'video' : 'image'
    return { kind, file: { type: kind, tempFiles: [file] } }
  })
}

/** Files of the user's WeChat chats: a mini-program sees no others. */
export async function pickFiles(): Promise<readonly PickedFile[]> {
  const picked = await withConsent(() => wx.chooseMessageFile({ count: MOST_PICTURES, type: 'all' }))
  if (picked === undefined) return []
  return picked.tempFiles.map((file) => {
    const kind = file.type === 'image' || file.type === 'video' ? file.type : 'file'
    return { kind, file: { type: kind, tempFiles: [file] } }
  })
}
