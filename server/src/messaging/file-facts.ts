import type { ErrorName } from '@hongyan/protocol'
import type { PreparedDraft } from './draft.ts'

/** A file that a sender may show: he could open it himself. */
export interface ShowableFile {
  readonly accountKey: number
  readonly fileId: string
}

/** Which files the senders of a batch may show. */
export class FileFacts {
  readonly #showable: ReadonlySet<string>

  constructor(showable: readonly ShowableFile[]) {
    this.#showable = new Set(showable.map(({ accountKey, fileId }) => `${accountKey} ${fileId}`))
  }

  /** Naming a file must not be a way to open it: only what one may open may be shown. */
  refusalOf(senderKey: number, { fileIds }: Pick<PreparedDraft, 'fileIds'>): ErrorName | undefined {
    return fileIds.every((fileId) => this.#showable.has(`${senderKey} ${fileId}`)) ? undefined : 'NO_SUCH_FILE'
  }
}
