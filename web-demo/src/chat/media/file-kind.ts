/** What a file is, as far as its name says: decides its picture and nothing else. */
export type FileKind =
  'pdf' | 'document' | 'sheet' | 'slides' | 'archive' | 'picture' | 'sound' | 'film' | 'text' | 'other'

const ENDINGS: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  pdf: 'pdf ofd',
  document: 'doc docx docm dot dotx odt rtf wps pages',
  sheet: 'xls xlsx xlsm csv tsv ods et numbers',
  slides: 'ppt pptx pptm pps ppsx odp dps key',
  archive: 'zip rar 7z gz tgz tar bz2 xz zst',
  picture: 'jpg jpeg png gif bmp webp svg heic heif tif tiff psd avif',
  sound: 'mp3 m4a aac wav flac ogg oga opus amr wma',
  film: 'mp4 mov m4v webm mkv avi wmv flv mpg mpeg 3gp',
  text: 'txt md log json xml html css js ts py java c cpp h yml yaml ini',
}

export function fileKindOf(name: string): FileKind {
  const ending = endingOf(name)
  const found = Object.entries(ENDINGS).find(([, endings]) => endings.split(' ').includes(ending))
  return isFileKind(found?.[0]) ? found[0] : 'other'
}

/** In small letters, without the dot; empty when there is none. */
export function endingOf(name: string): string {
  return /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

function isFileKind(word: string | undefined): word is Exclude<FileKind, 'other'> {
  return word !== undefined && Object.hasOwn(ENDINGS, word)
}
