import { MessagePlugin } from 'tdesign-vue-next'
import { failureOf } from '../words/failures.ts'

const SHOWN_MS = 4_000

/** Says that what was asked for is done. */
export function toast(text: string): void {
  void MessagePlugin.success({ content: text, duration: SHOWN_MS })
}

/** Says something that is neither good nor bad. */
export function toastInfo(text: string): void {
  void MessagePlugin.info({ content: text, duration: SHOWN_MS })
}

/** Says that not all of what was asked for is done, or what to do first. */
export function toastWarning(text: string): void {
  void MessagePlugin.warning({ content: text, duration: SHOWN_MS })
}

export function toastFailure(err: unknown): void {
  void MessagePlugin.error({ content: failureOf(err), duration: SHOWN_MS })
}

/** For what a click starts: says why it failed instead of leaving a rejection. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (err) {
    toastFailure(err)
    return false
  }
}
