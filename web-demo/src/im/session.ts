import type { Profile } from '@hongyan/client-sdk'
import { reactive, readonly } from 'vue'
import { isDemo, fetchUserSig } from './about.ts'
import { chat, EVENT, listen } from './chat.ts'
import { codeOf } from './failure.ts'
import { forget, recall, remember, type Lifetime } from '../look/storage.ts'

/** Who is signed in, and how the page stands with the server. */
export interface Session {
  /** Empty while nobody is signed in. */
  userID: string
  profile: Profile | undefined
  /** Lists and messages may be asked for. */
  isReady: boolean
  net: 'connected' | 'connecting' | 'disconnected'
  /** TIM's reason why this device was signed out; undefined as long as it was not. */
  kickedOut: string | undefined
  /** Grows with every sign-in: what depends on who is signed in is made anew. */
  signIns: number
  /** TIM's code of why nobody is signed in any more or again; 0 for no such reason. */
  endedBy: number
}

interface Account {
  readonly userID: string
  readonly userSig: string
}

const state = reactive<Session>({
  userID: '',
  profile: undefined,
  isReady: false,
  net: 'connecting',
  kickedOut: undefined,
  signIns: 0,
  endedBy: 0,
})

export const session = readonly(state) as Readonly<Session>

const SIGNED_IN = 'signed-in'
const SIGNATURE_EXPIRED = 70_001
/** The server could not be asked: who was signed in is not forgotten for that. */
const NO_ANSWER: ReadonlySet<number> = new Set([2800, 2801])
let account: Account | undefined
let isListening = false

/** Resolves when the first lists are in, or 15 s after the server has let the user in; `session.isReady` follows. Rejects with TIM's code. */
export async function signIn(userID: string, userSig: string, kept: { readonly for: Lifetime } = { for: 'tab' }) {
  listenOnce()
  await chat.login({ userID, userSig })
  account = { userID, userSig }
  Object.assign(state, { userID, kickedOut: undefined, endedBy: 0, signIns: state.signIns + 1 })
  remember(SIGNED_IN, account, kept)
}

/** Demo mode: without a password. */
export async function signInAs(userID: string): Promise<void> {
  await signIn(userID, await fetchUserSig(userID))
}

/** The same user again, after this device was signed out. Rejects with TIM's code, 70001 when a new signature is needed. */
export async function signInAgain(): Promise<void> {
  if (!account) return
  if (isDemo()) return signInAs(account.userID)
  if (state.kickedOut === 'userSigExpired') throw Object.assign(new Error('expired'), { code: SIGNATURE_EXPIRED })
  await signIn(account.userID, account.userSig)
}

/** `reason` is TIM's code of why the user did not want it himself. */
export async function signOut(reason = 0): Promise<void> {
  forget(SIGNED_IN)
  account = undefined
  await chat.logout().catch(() => undefined)
  Object.assign(state, { userID: '', profile: undefined, isReady: false, kickedOut: undefined, endedBy: reason })
}

/** Who was signed in in this tab before it was loaded again still is. */
export async function resumeSession(): Promise<void> {
  const before = recall<Account>(SIGNED_IN)
  if (!before) return
  try {
    await signIn(before.userID, before.userSig, { for: 'tab' })
  } catch (error) {
    state.endedBy = codeOf(error)
    if (!NO_ANSWER.has(state.endedBy)) forget(SIGNED_IN)
  }
}

/** Shows what was changed of the own profile. */
export async function updateMyProfile(fields: Parameters<typeof chat.updateMyProfile>[0]): Promise<void> {
  const { data } = await chat.updateMyProfile(fields)
  state.profile = { ...data }
}

function listenOnce(): void {
  if (isListening) return
  isListening = true
  listen(EVENT.SDK_READY, () => {
    state.isReady = true
    state.net = 'connected'
    // Without an answer it stays as it was until the next time the SDK is ready.
    loadProfile().catch(() => undefined)
  })
  listen(EVENT.SDK_NOT_READY, () => (state.isReady = false))
  listen(EVENT.NET_STATE_CHANGE, ({ state: net }) => (state.net = net))
  listen(EVENT.PROFILE_UPDATED, ([profile]) => profile && (state.profile = { ...profile }))
  listen(EVENT.KICKED_OUT, ({ type }) => {
    // Another tab of this browser may be who came: what it keeps is its own.
    forget(SIGNED_IN, { for: 'tab' })
    state.kickedOut = type
  })
}

async function loadProfile(): Promise<void> {
  const { data } = await chat.getMyProfile()
  state.profile = { ...data }
}
