import { reactive, readonly } from 'vue'
import { demoUsers, fetchAbout } from './about.ts'
import { openChat } from './chat.ts'
import { followConversations } from './conversations.ts'
import { followTyping } from './peers-typing.ts'
import { followGroups } from './groups.ts'
import { followPeople } from './people.ts'
import { resumeSession, signInAs } from './session.ts'

const RETRY_MS = 5_000

/** How far the page is before its first view. */
export interface Start {
  state: 'starting' | 'unreachable' | 'done'
}

const state = reactive<Start>({ state: 'starting' })
export const start: Readonly<Start> = readonly(state)

let begin: () => void
/** Resolves when the server has answered and it is known who is signed in; the router waits for it. */
export const started = new Promise<void>((resolve) => (begin = resolve))
let retryNow: () => void = () => undefined

/** Asks the server until it answers, then signs in whom the address or this tab names. */
export async function startPage(): Promise<void> {
  const { sdkAppID } = await askUntilAnswered()
  openChat(sdkAppID)
  followConversations()
  followGroups()
  followPeople()
  followTyping()
  await signInAtStart().catch(() => undefined)
  state.state = 'done'
  begin()
}

/** Does not wait for the next attempt. */
export function retryStart(): void {
  retryNow()
}

async function askUntilAnswered(): ReturnType<typeof fetchAbout> {
  for (;;) {
    try {
      return await fetchAbout()
    } catch {
      state.state = 'unreachable'
      await pause()
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, RETRY_MS)
    retryNow = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

/** `?user=t_2001` signs in as that user; demo mode only. */
async function signInAtStart(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('user')
  if (asked && demoUsers().length > 0) await signInAs(asked)
  else await resumeSession()
}
