import type { Chat } from '../chat.ts'
import type { Subscribe, TimListener } from '../event-data.ts'
import { registerPlugins } from '../plugins.ts'
import { LOGIN_STATUS } from '../readiness.ts'
import { assertParameter, isObject, isText } from '../validation.ts'

/** Everything that needs no login. */
export function connectionMethods(chat: Chat) {
  const on: Subscribe = (name: string, handler: TimListener, context?: unknown) => {
    assertParameter(isText(name) && typeof handler === 'function', 'on', '(name, handler, context?)')
    chat.emitter.on(name, handler, context)
  }
  const once: Subscribe = (name: string, handler: TimListener, context?: unknown) => {
    assertParameter(isText(name) && typeof handler === 'function', 'once', '(name, handler, context?)')
    chat.emitter.once(name, handler, context)
  }

  return {
    on,
    once,
    /** With or without the context it was registered with. */
    off: (name: string, handler: TimListener, _context?: unknown) => chat.emitter.off(name, handler),
    /** An uploader is used; plugins for push and word filters are not needed here, and registering one is no mistake. */
    registerPlugin: (plugins: object) => {
      assertParameter(isObject(plugins), 'registerPlugin', '{ name: plugin }')
      registerPlugins(chat, plugins)
    },
    setLogLevel: (level: number) => {
      assertParameter(typeof level === 'number', 'setLogLevel', 'a number')
    },
    getLoginUser: (): string => chat.client.self?.userId ?? '',
    getLoginStatus: () => {
      if (chat.isReady) return LOGIN_STATUS.loggedIn
      return chat.readiness === 'pending' ? LOGIN_STATUS.loggingIn : LOGIN_STATUS.loggedOut
    },
    getServerTime: () => chat.client.serverNowMs(),
    isReady: () => chat.isReady,
  }
}
