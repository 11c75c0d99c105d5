import type { Chat, Result } from '../chat.ts'
import { timError } from '../errors.ts'
import { isDecision, type Decision } from './joining.ts'

/** Calls of the vendor's own plumbing that kits make; nothing here stands behind them (tim-semantics §2.4). */
const HARMLESS = new Set([
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
export function experimentalMethods(chat: Chat, decide: (decision: Decision) => Promise<Result<object>>) {
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
    // An invitation is decided like an application; what names none has nothing to decide.
    if (name === 'handleGroupInvitation') {
      return isDecision(parameter) ? decide(parameter) : Promise.resolve({ code: 0, data: {} })
    }
    if (HARMLESS.has(name)) return Promise.resolve({ code: 0, data: {} })
    return Promise.reject(timError(2905, name))
  }

  return { callExperimentalAPI }
}

/** Bits of abilities that are built; they exceed 2^31, so they are compared as numbers. */
const ABILITIES = new Set([
  2 ** 4, // messages for some members of a group
  2 ** 5, // receipts
  2 ** 11, // bans from live rooms
  2 ** 13, // extensions
  2 ** 15, // counters of groups
  2 ** 48, // reactions
])

function isAbilityEnabled(bit: number): boolean {
  return ABILITIES.has(bit)
}
