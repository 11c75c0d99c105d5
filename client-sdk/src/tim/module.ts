import type { Platform } from '../core/client-api.ts'
import { createClient } from '../core/client.ts'
import { Chat } from './chat.ts'
import { EVENT } from './events.ts'
import { createFacade, type TimInstance } from './facade.ts'
import { TSignaling } from './tsignaling.ts'
import { TYPES } from './types.ts'

/** The version we stand in for; kits look at its first number. */
export const VERSION = '3.6.6'
/** Our own. */
export const HONGYAN_VERSION = '0.1.0'

/** What `create` takes. Other options of TIM's are tolerated. */
export interface CreateInstanceOptions {
  SDKAppID: number
  /** Where the school's server is: `https://im.school.example`. Without it: `setDefaultEndpoint`, else the page's own origin. */
  endpoint?: string
  /** A name for a further instance of the same application in one page: bots, tests, several accounts. Each is a device of its own. */
  instance?: string
  /** `false`: every change of the lists is told at once instead of once a second. */
  eventThrottling?: boolean
  /** `true`: CONVERSATION_LIST_UPDATED carries only the conversations that changed. */
  partialUpdatedConversations?: boolean
  /** `true`: MESSAGE_REVOKED also comes on the instance that revoked, as some kits need it; TIM gives it to the others only. */
  emitOwnRevoke?: boolean
  /** `true`: the user may be in several live rooms at once; otherwise joining one leaves the others. */
  unlimitedAVChatRoom?: boolean
  [option: string]: unknown
}

/** What `import TIM from …` gives. */
export interface TimModule {
  /** `null` when SDKAppID is no number, which the types forbid. The same object for the same SDKAppID and instance. */
  create(options: CreateInstanceOptions): TimInstance
  /** The server for instances that are created without an `endpoint`. */
  setDefaultEndpoint(url: string): void
  readonly EVENT: typeof EVENT
  readonly TYPES: typeof TYPES
  readonly TSignaling: typeof TSignaling
  readonly VERSION: string
  readonly HONGYAN_VERSION: string
}

const SOCKET_PATH = '/im/ws'
const NO_ENDPOINT =
  "where is the server? TIM.create({ SDKAppID, endpoint: 'https://im.school.example' }) or TIM.setDefaultEndpoint(url)"

/** The module over a platform; each entry file makes one. */
export function createModule(platform: Platform): TimModule {
  const instances = new Map<string, TimInstance>()
  let defaultEndpoint: string | undefined

  function create(options: CreateInstanceOptions): TimInstance
  function create(options: CreateInstanceOptions | undefined): TimInstance | null {
    const sdkAppId = Number(options?.SDKAppID)
    if (!options || !Number.isInteger(sdkAppId) || sdkAppId <= 0) return null
    const key = `${sdkAppId} ${options.instance ?? ''}`
    const known = instances.get(key)
    if (known) return known
    const url = socketUrl(options.endpoint ?? defaultEndpoint ?? platform.origin ?? '')
    const client = createClient({
      url,
      sdkAppId,
      platform,
      agent: `hongyan-sdk/${HONGYAN_VERSION} ${platform.device}`,
      onError: report,
    })
    const chat = new Chat({
      client,
      platform,
      isThrottled: options.eventThrottling !== false,
      isPartial: options.partialUpdatedConversations === true,
      tellsOwnRevokes: options.emitOwnRevoke === true,
      isInManyLiveRooms: options.unlimitedAVChatRoom === true,
      onThrown: report,
    })
    const place = { SDKAppID: sdkAppId, ...(url === '' ? { problem: NO_ENDPOINT } : {}) }
    const instance = createFacade(chat, () => instances.delete(key), place)
    instances.set(key, instance)
    return instance
  }

  return {
    create,
    setDefaultEndpoint: (url) => {
      defaultEndpoint = url
    },
    EVENT,
    TYPES,
    TSignaling,
    VERSION,
    HONGYAN_VERSION,
  }
}

/** `https://host` and `wss://host` are the same to us; a path of one's own is kept. Empty when it is no such address. */
export function socketUrl(endpoint: unknown): string {
  if (typeof endpoint !== 'string' || !/^(http|ws)s?:\/\/[^/\s]/i.test(endpoint)) return ''
  const url = endpoint.replace(/^http/i, 'ws').replace(/\/+$/, '')
  return /^wss?:\/\/[^/]+$/i.test(url) ? url + SOCKET_PATH : url
}

/** What an application's listener throws is its own mistake: shown where its developer looks, and nothing stops. */
function report(error: unknown): void {
  console.error('[hongyan]', error)
}
