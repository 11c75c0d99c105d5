import { MessagePlugin } from 'tdesign-vue-next'
import { failureOf } from '../words/failures.ts'

const SHOWN_MS = 4_000

export function toast(text: string): void {
  void MessagePlugin.success({ content: text, duration: SHOWN_MS })
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
