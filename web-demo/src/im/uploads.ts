import { shallowReactive } from 'vue'

/** What this page knows of a file that it sends itself, before the server says it. */
export interface Upload {
  /** The part that is uploaded, 0 to 1. */
  readonly part: number
  /** Where the file can be shown from without fetching it: a blob: address. */
  readonly localUrl: string
  /** As it is shown; 0 when it is no picture. */
  readonly width: number
  readonly height: number
}

/** The SDK keeps local addresses of so many files alive. */
const KEPT = 200

const uploads = shallowReactive(new Map<string, Upload>())

/** Undefined for what others sent, or another tab. Reactive. */
export function uploadOf(messageID: string): Upload | undefined {
  return uploads.get(messageID)
}

export function noteUpload(messageID: string, known: Partial<Upload>): void {
  const before = uploads.get(messageID) ?? { part: 0, localUrl: '', width: 0, height: 0 }
  uploads.set(messageID, { ...before, ...known })
  for (const oldest of uploads.keys()) {
    if (uploads.size <= KEPT) return
    uploads.delete(oldest)
  }
}
