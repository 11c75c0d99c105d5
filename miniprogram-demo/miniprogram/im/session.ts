import { isObject, numberAt, textAt } from '../views/fields'
import { chat, openChat } from './chat'
import { isPassing } from './error-text'
import { askSignature } from './school'
import { TYPES } from './sdk'
import { createStore } from './store'

/** How somebody proves who he is. A demo user has no signature of his own: the server gives one. */
export type Account =
  | { readonly kind: 'demo'; readonly userID: string }
  | { readonly kind: 'signed'; readonly userID: string; readonly userSig: string; readonly sdkAppID: number }

export type Session =
  | { readonly state: 'signedOut' }
  | { readonly state: 'signingIn'; readonly userID: string }
  /** The first login found no server; it is tried again. */
  | { readonly state: 'waiting'; readonly userID: string }
  | { readonly state: 'signedIn'; readonly userID: string }
  | { readonly state: 'kicked'; readonly userID: string; readonly reason: string }

const KEY = 'account'
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 30_000

export const session = createStore<Session>({ state: 'signedOut' })

let retryTimer: number | undefined
let retryMs = FIRST_RETRY_MS

/** Who is signed in; empty for nobody. */
export function me(): string {
  const current = session.get()
  return current.state === 'signedOut' ? '' : current.userID
}

/** Signs in whoever was signed in last. False when there is nobody. */
export function restore(): boolean {
  const account = remembered()
  if (account === undefined) return false
  void attempt(account)
  return true
}

/** Rejects when the server says no; the account is remembered only when it said yes. */
export async function signIn(account: Account): Promise<void> {
  stopRetrying()
  session.set({ state: 'signingIn', userID: account.userID })
  try {
    await login(account)
  } catch (error) {
    session.set({ state: 'signedOut' })
    throw error
  }
  wx.setStorageSync(KEY, account)
  session.set({ state: 'signedIn', userID: account.userID })
}

export async function signOut(): Promise<void> {
  stopRetrying()
  wx.removeStorageSync(KEY)
  const wasSignedIn = session.get().state === 'signedIn'
  session.set({ state: 'signedOut' })
  if (wasSignedIn) await chat().logout()
}

/** After a kick, or when the user does not want to wait. */
export function signInAgain(): void {
  const account = remembered()
  if (account === undefined) session.set({ state: 'signedOut' })
  else void attempt(account)
}

/** The device is back on the network or in the foreground: no need to wait any longer. The SDK cares for all later losses. */
export function retryNow(): void {
  if (session.get().state !== 'waiting') return
  retryMs = FIRST_RETRY_MS
  signInAgain()
}

/** A login nobody waits for: what may pass is tried again, what does not ends at the sign-in page. */
async function attempt(account: Account): Promise<void> {
  stopRetrying()
  session.set({ state: 'signingIn', userID: account.userID })
  try {
    await login(account)
    retryMs = FIRST_RETRY_MS
    session.set({ state: 'signedIn', userID: account.userID })
  } catch (error) {
    if (isPassing(error)) return retryLater(account)
    const reason = TYPES.KICKED_OUT_USERSIG_EXPIRED
    session.set({ state: 'kicked', userID: account.userID, reason })
  }
}

function retryLater(account: Account): void {
  session.set({ state: 'waiting', userID: account.userID })
  retryTimer = setTimeout(() => void attempt(account), retryMs)
  retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
}

function stopRetrying(): void {
  if (retryTimer !== undefined) clearTimeout(retryTimer)
  retryTimer = undefined
}

async function login(account: Account): Promise<void> {
  const { userID } = account
  const { sdkAppID, userSig } = account.kind === 'signed' ? account : await askSignature(userID)
  await openChat(sdkAppID, onKicked).login({ userID, userSig })
}

function onKicked(reason: string): void {
  const account = remembered()
  // A demo user's signature is renewed without a word; a school's own application would ask its back end here.
  if (reason === TYPES.KICKED_OUT_USERSIG_EXPIRED && account?.kind === 'demo') void attempt(account)
  else session.set({ state: 'kicked', userID: me(), reason })
}

function remembered(): Account | undefined {
  const stored = wx.getStorageSync<unknown>(KEY)
  if (!isObject(stored)) return undefined
  const [userID, userSig] = [textAt(stored, 'userID'), textAt(stored, 'userSig')]
  if (userID === '') return undefined
  if (stored['kind'] === 'demo') return { kind: 'demo', userID }
  return { kind: 'signed', userID, userSig, sdkAppID: numberAt(stored, 'sdkAppID') }
}
