import { numberAt, textAt } from '../views/fields'

/** The user closed a chooser: nothing is wrong. */
export function isCancelled(error: unknown): boolean {
  return /cancel/i.test(textAt(error, 'errMsg'))
}

/** The user has not agreed to the privacy notice yet, or has said no to it. */
export function needsConsent(error: unknown): boolean {
  return numberAt(error, 'errno') === 104 || /privacy/i.test(textAt(error, 'errMsg'))
}

/** The user, or the system, said no to the microphone, the album … before. */
export function isDenied(error: unknown): boolean {
  return /auth den|auth deny|authorize|permission|system.*denied/i.test(textAt(error, 'errMsg'))
}

/** `wx.request` as a promise of the answer's body; another status than 200 rejects with `{ code }`. */
export function getJson(url: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    wx.request({
      url,
      timeout: 10_000,
      success: ({ statusCode, data }) => (statusCode === 200 ? resolve(data) : reject(new HttpFailure(statusCode))),
      fail: () => reject(new HttpFailure(0)),
    })
  })
}

/** An answer that is none: its status, or 0 when there was no answer at all. */
export class HttpFailure extends Error {
  readonly code: number

  constructor(status: number) {
    super(`status ${status}`)
    this.code = status
  }
}
