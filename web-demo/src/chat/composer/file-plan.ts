import { endingOf } from '../media/file-kind.ts'

/** As what a chosen file is sent. */
export type SentAs = 'image' | 'video' | 'file'

export type FilePlan =
  { readonly can: true; readonly as: SentAs } | { readonly can: false; readonly why: 'empty' | 'too-large' }

const MB = 1024 * 1024
/** The server's limits (docs/subsystems/media.md). */
const IMAGE_BYTES = 20 * MB
const FILE_BYTES = 100 * MB
const IMAGE_ENDINGS = ['jpg', 'jpeg', 'png', 'gif', 'bmp', 'webp']
const VIDEO_ENDINGS = ['mp4', 'mov']

/** What the server would not take as a picture or a video goes as a file: all can be sent that is not too large. */
export function planFor({ name, type, size }: Pick<File, 'name' | 'type' | 'size'>): FilePlan {
  if (size === 0) return { can: false, why: 'empty' }
  if (size > FILE_BYTES) return { can: false, why: 'too-large' }
  const ending = endingOf(name)
  const isImage = IMAGE_ENDINGS.includes(ending) || (ending === '' && /^image\/(jpeg|png|gif|bmp|webp)$/.test(type))
  if (isImage && size <= IMAGE_BYTES) return { can: true, as: 'image' }
  return { can: true, as: VIDEO_ENDINGS.includes(ending) ? 'video' : 'file' }
}
