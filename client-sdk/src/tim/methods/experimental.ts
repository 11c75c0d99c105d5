import type { Chat, Result } from '../chat.ts'
import { timError } from '../errors.ts'

/** Calls of the vendor's own plumbing that kits make; nothing here stands behind them (tim-semantics §2.4). */
const HARMLESS = new Set([
  'handleGroupInvitation',
  'isIntl',
  'sendComboMessage',
  'sendTRTCCustomData',
  'getTimerID',
  'getPollingTimerID',
  'isFeatureEnabledForStat',
  'statTUIKeyFeatures',
  'setApplicationID',
  'setCustomLoginInfo',
  'getServerConfig',
  'reportTUIFeatureUsage',
  'reportModalView',
  'clearLocalMessage',
  'disableMessagePullOnInvite',
  'startMessageLongPolling',
  'stopMessageLongPolling',
  'sendRoomCustomData',
  'getGroupReceiptsByUsers',
  'queryCommercialAbility',
])

/** Names a kit may ask for. `canIUseModule` answers at once, everything else with a promise. */
export function experimentalMethods(chat: Chat) {
  function callExperimentalAPI(name: 'canIUseModule', module?: unknown): boolean
  function callExperimentalAPI(
    name: 'isCommercialAbilityEnabled',
    ability: number,
  ): Promise<Result<{ enabled: boolean }>>
  function callExperimentalAPI(name: string, parameter?: unknown): Promise<Result<object>>
  function callExperimentalAPI(name: string, parameter?: unknown): boolean | Promise<Result<object>> {
    if (name === 'canIUseModule') return true
    if (name === 'isCommercialAbilityEnabled') {
      return Promise.resolve({ code: 0, data: { enabled: chat.isReady && isAbilityEnabled(Number(parameter)) } })
    }
    if (HARMLESS.has(name)) return Promise.resolve({ code: 0, data: {} })
    return Promise.reject(timError(2905, name))
  }

  return { callExperimentalAPI }
}

/** Bits of abilities that are built; they exceed 2^31, so they are compared as numbers. None is built yet. */
const ABILITIES = new Set<number>()

function isAbilityEnabled(bit: number): boolean {
  return ABILITIES.has(bit)
}
