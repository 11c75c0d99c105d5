import { MessagePlugin } from 'tdesign-vue-next'
import { codeOf } from '../../im/failure.ts'
import { reasonOf } from './failure-words.ts'

const SHOWN_MS = 4_000

/** For what a click does with a message: says why it was refused instead of leaving a rejection. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    void MessagePlugin.error({ content: reasonOf(codeOf(error)), duration: SHOWN_MS })
    return false
  }
}
