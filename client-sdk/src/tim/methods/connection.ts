import type { Chat } from '../chat.ts'
import type { TimListener } from '../emitter.ts'
import { LOGIN_STATUS } from '../readiness.ts'
import { assertParameter, isObject, isText } from '../validation.ts'
import { callExperimentalAPI } from './experimental.ts'

/** Everything that needs no login. */
export function connectionMethods(chat: Chat) {
  return {
    on: (name: string, handler: TimListener, context?: unknown) => {
      assertParameter(isText(name) && typeof handler === 'function', 'on', '(name, handler, context?)')
      chat.emitter.on(name, handler, context)
    },
    once: (name: string, handler: TimListener, context?: unknown) => {
      assertParameter(isText(name) && typeof handler === 'function', 'once', '(name, handler, context?)')
      chat.emitter.once(name, handler, context)
    },
    off: (name: string, handler: TimListener) => chat.emitter.off(name, handler),
    /** Plugins are for uploads, push and word filters, none of which is needed here; registering one is no mistake. */
    registerPlugin: (plugins: object) => {
      assertParameter(isObject(plugins), 'registerPlugin', '{ name: plugin }')
    },
    setLogLevel: (level: number) => {
      assertParameter(typeof level === 'number', 'setLogLevel', 'a number')
    },
    getLoginUser: () => chat.client.self?.userId ?? '',
    getLoginStatus: () => {
      if (chat.isReady) return LOGIN_STATUS.loggedIn
      return chat.readiness === 'pending' ? LOGIN_STATUS.loggingIn : LOGIN_STATUS.loggedOut
    },
    getServerTime: () => chat.client.serverNowMs(),
    isReady: () => chat.isReady,
    callExperimentalAPI: (name: string, parameter?: unknown) => callExperimentalAPI(chat, name, parameter),
  }
}
