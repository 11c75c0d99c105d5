import type { MediaInspector, UploadRequest } from '../core/client-api.ts'
import { httpFailure, textIn } from './http-failure.ts'

interface WxAnswer {
  readonly statusCode: number
  readonly data?: unknown
}

interface WxFailure {
  readonly errMsg?: string
}

interface WxTask {
  abort(): void
}

/** What is used of `wx` for files. */
export interface WxFiles {
  uploadFile(options: {
    readonly url: string
    readonly filePath: string
    readonly name: string
    readonly timeout: number
    readonly success: (answer: WxAnswer) => void
    readonly fail: (failure: WxFailure) => void
  }): (WxTask & { onProgressUpdate?(listen: (progress: { readonly progress: number }) => void): void }) | undefined
  request(options: {
    readonly url: string
    readonly method: 'GET' | 'PUT'
    readonly data?: string
    readonly header?: { readonly [name: string]: string }
    readonly dataType: string
    readonly responseType: 'text'
    readonly success: (answer: WxAnswer) => void
    readonly fail: (failure: WxFailure) => void
  }): WxTask | undefined
  getFileSystemManager?(): {
    getFileInfo(options: {
      readonly filePath: string
      readonly success: (info: { readonly size: number }) => void
      readonly fail: () => void
    }): void
  }
}

/** WeChat's own is a minute; a transfer that does not move is ended by the client. */
const TIMEOUT_MS = 3600_000

/** POST as a form: all that uploadFile can. A text needs no file and is PUT. */
export function postFile(api: WxFiles, request: UploadRequest): Promise<void> {
  const { url, source, onProgress, onStarted } = request
  const text = textIn(source.content)
  if (text !== undefined) return putText(api, request, text)
  const filePath = source.content
  if (typeof filePath !== 'string') return Promise.reject(new Error('no path of a file'))
  return new Promise((resolve, reject) => {
    const task = api.uploadFile({
      url,
      filePath,
      name: 'file',
      timeout: TIMEOUT_MS,
      ...settling(() => resolve(), reject),
    })
    task?.onProgressUpdate?.(({ progress }) => onProgress(progress / 100))
    onStarted?.(() => task?.abort())
  })
}

function putText(api: WxFiles, { url, onStarted }: UploadRequest, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const header = { 'content-type': 'application/octet-stream' }
    const task = api.request({ url, method: 'PUT', data, header, ...AS_TEXT, ...settling(() => resolve(), reject) })
    onStarted?.(() => task?.abort())
  })
}

export function requestText(api: WxFiles, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const answered = ({ data }: WxAnswer): void => {
      if (typeof data === 'string') resolve(data)
      else reject(new Error('no text'))
    }
    api.request({ url, method: 'GET', ...AS_TEXT, ...settling(answered, reject) })
  })
}

/** Or it is parsed as JSON. */
const AS_TEXT = { dataType: 'text', responseType: 'text' } as const

/** WeChat calls every answer a success. */
function settling(resolve: (answer: WxAnswer) => void, reject: (error: Error) => void) {
  return {
    success: (answer: WxAnswer) =>
      answer.statusCode === 200 ? resolve(answer) : reject(httpFailure(answer.statusCode)),
    fail: ({ errMsg }: WxFailure) => reject(new Error(errMsg ?? 'the transfer failed')),
  }
}

/** What a mini-program can tell of a file of its. */
export function miniprogramInspector(api: WxFiles): MediaInspector {
  return {
    localUrl: (content) => (typeof content === 'string' ? content : ''),
    // Pickers say no size of covers, and some tell that of before the compression.
    bytesOf: (content) =>
      new Promise((resolve) => {
        const files = typeof content === 'string' ? api.getFileSystemManager?.() : undefined
        if (typeof content !== 'string' || files === undefined) return resolve(undefined)
        files.getFileInfo({ filePath: content, success: ({ size }) => resolve(size), fail: () => resolve(undefined) })
      }),
  }
}
