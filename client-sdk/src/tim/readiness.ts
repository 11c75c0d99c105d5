import type { EndReason } from '../core/client-api.ts'
import { TYPES } from './types.ts'

/** Why calls are refused, with TIM's number (tim-semantics §2.1 rule 6); `ready` when they are not. */
export type Readiness = 'never' | 'pending' | 'failed' | 'ready' | 'logged-out' | EndReason

export const REFUSAL_CODES: Readonly<Record<Exclude<Readiness, 'ready'>, number>> = {
  never: 2024,
  pending: 3000,
  failed: 3001,
  'logged-out': 3005,
  'displaced-by-device': 3002,
  'displaced-by-account': 3003,
  'signature-expired': 3004,
  'signed-out-by-admin': 3006,
}

export const KICKED_OUT_TYPES: Readonly<Record<EndReason, string>> = {
  'displaced-by-account': TYPES.KICKED_OUT_MULT_ACCOUNT,
  'displaced-by-device': TYPES.KICKED_OUT_MULT_DEVICE,
  'signature-expired': TYPES.KICKED_OUT_USERSIG_EXPIRED,
  'signed-out-by-admin': TYPES.KICKED_OUT_REST_API,
}

/** Numbers of the native SDKs' login status, for `getLoginStatus`. */
export const LOGIN_STATUS = { loggedIn: 1, loggingIn: 2, loggedOut: 3 } as const
