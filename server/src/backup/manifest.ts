import { BackupRefused } from './backup-refused.ts'

/** Of the folder's layout and of the manifest. A program reads its own and older ones. */
export const BACKUP_FORMAT = 1

export const MANIFEST_FILE = 'manifest.json'
/** The manifest's own hash, as `sha256sum` writes it. */
export const MANIFEST_HASH_FILE = 'manifest.sha256'
/** There while a backup is being made, and afterwards where that broke off. */
export const UNFINISHED_FILE = 'UNFINISHED'

/** A file of the backup, by its place in the folder. */
export interface Part {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export interface TablePart extends Part {
  readonly table: string
  /** In the order in which they lie in the file. */
  readonly columns: readonly string[]
  readonly rows: number
  /** See rows-digest.ts. */
  readonly rowsDigest: string
}

/** Where a sequence had come to. */
export interface SequencePlace {
  readonly table: string
  readonly column: string
  readonly last: number
}

export type MediaPart =
  /** The part lists the files: a line `<SHA-256> <bytes>` each. */
  | { readonly kind: 'included'; readonly list: Part; readonly files: number; readonly bytes: number }
  /** Whoever made the backup keeps the content by other means. */
  | { readonly kind: 'left-out' }

/** What a backup consists of. It is written last: a folder without it is no backup. */
export interface Manifest {
  readonly format: number
  /** The version of the program that made it. */
  readonly program: string
  /** When its snapshot was taken, as ISO 8601. */
  readonly takenAt: string
  readonly postgres: string
  /** The store's epoch at that time; a restored store gets another. */
  readonly epoch: string
  readonly migrations: readonly { readonly tag: string; readonly hash: string }[]
  readonly tables: readonly TablePart[]
  readonly sequences: readonly SequencePlace[]
  readonly media: MediaPart
}

/** Where a file's content lies in the folder. */
export function mediaFile(hash: string): string {
  return `media/${hash.slice(0, 2)}/${hash}`
}

/** Reads what `JSON.stringify` of a manifest gave. Refuses what is none, and formats of later programs. */
export function parseManifest(text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BackupRefused(`${MANIFEST_FILE} is damaged: it is not JSON`)
  }
  const format: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined
  if (typeof format !== 'number') throw new BackupRefused(`${MANIFEST_FILE} is not a manifest of a backup`)
  if (format > BACKUP_FORMAT)
    throw new BackupRefused(`the backup was made by a newer program (format ${format}); update the program`)
  // Its hash has been compared: it is what a program of ours has written.
  return value as Manifest
}
