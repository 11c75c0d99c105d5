import type { FileKind } from '@hongyan/protocol'
import type { ClientFailure } from '../../core/client-api.ts'
import { timError, TimError } from '../errors.ts'
import type { Message } from '../mapping/message.ts'

type Trouble = 'missing' | 'tooLarge' | 'badType' | 'failed'

/** TIM's numbers; where it has none of its own for a kind, the nearest of that kind. */
const CODES: Readonly<Record<FileKind, Readonly<Record<Trouble, number>>>> = {
  image: { missing: 2251, tooLarge: 2253, badType: 2252, failed: 2400 },
  audio: { missing: 2300, tooLarge: 2301, badType: 2300, failed: 2300 },
  video: { missing: 2350, tooLarge: 2351, badType: 2352, failed: 2350 },
  file: { missing: 2401, tooLarge: 2402, badType: 2400, failed: 2400 },
  merger: { missing: 2400, tooLarge: 2402, badType: 2400, failed: 2400 },
}

const TEXTS = {
  2041: '今日上传已达上限或无法上传 (no more uploads today)',
  2108: '文件为空 (the file is empty)',
  2109: 'onProgress 回调抛出异常 (onProgress threw)',
  2450: '不是合并消息 (not a merged message)',
  2451: '合并消息没有 downloadKey (the merged message has no downloadKey)',
  2452: '合并消息下载失败 (the merged list cannot be fetched)',
} as const

const TROUBLES: Readonly<Record<Trouble, string>> = {
  missing: '没有选择文件 (no file was chosen)',
  tooLarge: '文件过大 (the file is too large)',
  badType: '不支持的文件类型 (this type of file is not accepted)',
  failed: '上传失败 (the upload failed)',
}

export function mediaTrouble(kind: FileKind, trouble: Trouble, detail = ''): TimError {
  return timError(CODES[kind][trouble], [TROUBLES[trouble], detail].filter((part) => part !== '').join(': '))
}

export function mediaError(code: keyof typeof TEXTS): TimError {
  return timError(code, TEXTS[code])
}

/** What an upload's failure is in TIM's numbers. Failures of the connection and of the conversation keep theirs. */
export function uploadTrouble(kind: FileKind, error: unknown): unknown {
  if (!(error instanceof Error)) return mediaTrouble(kind, 'failed', String(error))
  if (!isFailure(error)) return mediaTrouble(kind, 'failed', error.message)
  switch (error.failure) {
    case 'FILE_TOO_LARGE':
      return mediaTrouble(kind, 'tooLarge')
    case 'BAD_FILE_TYPE':
      return mediaTrouble(kind, 'badType')
    case 'QUOTA_EXCEEDED':
      return mediaError(2041)
    case 'STORE_FULL':
    case 'FILE_INCOMPLETE':
    case 'NO_SUCH_FILE':
    case 'TICKET_INVALID':
      return mediaTrouble(kind, 'failed', error.failure)
    default:
      return error
  }
}

/** Applications read the message off a failed send's error. */
export function withMessage(error: unknown, message: Message): unknown {
  return error instanceof TimError ? new TimError(error.code, error.message, { message }) : error
}

function isFailure(error: Error): error is ClientFailure {
  return 'failure' in error
}
