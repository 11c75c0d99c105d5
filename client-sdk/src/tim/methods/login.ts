import { parseUserId } from '@hongyan/protocol/constants'
import type { Self } from '../../core/client-api.ts'
import type { Chat } from '../chat.ts'
import { timError } from '../errors.ts'
import { EVENT } from '../events.ts'
import { synced } from '../first-lists.ts'
import { assertParameter, isObject, isText } from '../validation.ts'

export interface LoginResult {
  readonly actionStatus: 'OK'
  readonly errorCode: 0
  readonly errorInfo: string
  readonly a2Key?: string
  readonly tinyID?: string
  readonly repeatLogin?: true
}

/** What an instance is made with and only its beginning and its end need to know. */
export interface Place {
  readonly SDKAppID?: number
  /** Why no server can be reached from here; absent when one may be. */
  readonly problem?: string
}

/** Logging in and out. `forget` frees the instance's place among the created ones. */
export function loginMethods(chat: Chat, forget: () => void, { SDKAppID, problem }: Place) {
  async function login(options: { userID: string; userSig: string }) {
    if (chat.isReady && chat.client.self?.userId === options.userID) return repeated()
    if (chat.readiness === 'pending') throw timError(2025)
    if (!isText(options.userID)) throw timError(2002)
    if (!isText(options.userSig)) throw timError(2003)
    const userId = parseUserId(options.userID)
    if (userId === undefined) throw timError(70013)
    if (problem !== undefined) throw timError(2800, problem)
    if (chat.isReady) await logout()
    chat.readiness = 'pending'
    let self: Self | undefined
    try {
      self = await chat.client.login(userId, options.userSig)
      chat.readiness = 'ready'
      // What comes before the lists is in them, what comes after is told: who has logged in must not miss the telling.
      await synced(chat)
      // In a later task: the kits store their resolver when login() resolves (ui-kits §2).
      chat.platform.clock.after(0, () => {
        if (chat.isReady) chat.emitter.emit(EVENT.SDK_READY, undefined)
      })
      const data: LoginResult = { actionStatus: 'OK', errorCode: 0, errorInfo: '', a2Key: '', tinyID: self.tinyId }
      return { code: 0 as const, data }
    } catch (error) {
      // Once let in, it may be the next login that is pending.
      if (!self && chat.readiness === 'pending') chat.readiness = 'failed'
      throw chat.errorOf(error, 'login')
    }
  }

  async function logout() {
    if (chat.readiness !== 'ready' && chat.readiness !== 'pending') throw timError(2024)
    await chat.client.logout()
    chat.reset('logged-out')
    return { code: 0 as const, data: {} }
  }

  return {
    login: (options: { userID: string; userSig: string }) => {
      assertParameter(isObject(options), 'login', '{ userID, userSig }')
      return login(options)
    },
    logout,
    destroy: async () => {
      try {
        await logout()
      } finally {
        forget()
        chat.emitter.emit(EVENT.SDK_DESTROY, { SDKAppID })
      }
      return { code: 0 as const, data: {} }
    },
  }
}

function repeated() {
  const data: LoginResult = { actionStatus: 'OK', errorCode: 0, errorInfo: '', repeatLogin: true }
  return { code: 0 as const, data }
}
