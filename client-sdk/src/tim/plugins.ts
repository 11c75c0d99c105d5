import type { FileKind } from '@hongyan/protocol'
import type { UploadRequest } from '../core/client-api.ts'
import type { Chat } from './chat.ts'
import { isObject } from './validation.ts'

const FILE_TYPES: Readonly<Record<FileKind, number>> = { image: 1, video: 2, audio: 3, file: 255, merger: 255 }

/** The part of tim-upload-plugin that the SDK calls (tim-semantics §6.5). */
interface UploadPlugin {
  uploadFile(options: object, callback: (error: unknown, result?: unknown) => void): unknown
}

/**
 * Keeps the uploader among these plugins; of the others none is needed here, those for COS because their buckets do not
 * exist. May come before the login, and again.
 */
export function registerPlugins(chat: Chat, plugins: object): void {
  const plugin = isObject(plugins) ? plugins['tim-upload-plugin'] : undefined
  // A class, as it is published, or something made of it.
  const make = (): unknown => (typeof plugin === 'function' ? Reflect.construct(plugin, []) : plugin)
  if (plugin !== undefined && isUploader(make())) chat.uploader = (request) => uploadWith(make(), request)
}

function isUploader(value: unknown): value is UploadPlugin {
  return isObject(value) && typeof value['uploadFile'] === 'function'
}

/** What its callback says is what happened. */
function uploadWith(plugin: unknown, request: UploadRequest): Promise<void> {
  const { url, fileId, downloadUrl, kind, source, onProgress } = request
  return new Promise((resolve, reject) => {
    if (!isUploader(plugin)) return reject(new Error('tim-upload-plugin has no uploadFile'))
    const options = {
      url,
      resources: source.content,
      fileType: FILE_TYPES[kind],
      fileName: source.name,
      fileKey: fileId,
      downloadUrl,
      onProgress: (progress: unknown) => {
        const percent = isObject(progress) ? progress['percent'] : undefined
        if (typeof percent === 'number') onProgress(percent)
      },
    }
    plugin.uploadFile(options, (error, result) => {
      const status = [result, error].map(statusOf).find((one) => one !== undefined)
      // Some versions call a refusal a success; an answer without a status is one.
      if (!error && (status === undefined || status === 200)) resolve()
      else reject(Object.assign(new Error(reasonOf(error, status)), status === undefined ? {} : { status }))
    })
  })
}

function statusOf(answer: unknown): number | undefined {
  const status = isObject(answer) ? answer['statusCode'] : undefined
  return typeof status === 'number' ? status : undefined
}

function reasonOf(error: unknown, status: number | undefined): string {
  if (isObject(error) && typeof error['message'] === 'string') return error['message']
  return status === undefined ? 'tim-upload-plugin failed' : `HTTP ${status}`
}
