import type { ErrorName } from '@hongyan/protocol'
import type { ClientFailure } from './client-api.ts'

/** Why a request did not succeed: the refusal's name, or what kept the answer away. */
export type Failure = ErrorName | 'TIMEOUT' | 'NO_NETWORK' | 'NOT_LOGGED_IN' | 'CLOSED'

/** How a request ended. */
export type Outcome<Body> =
  | { readonly ok: true; readonly body: Body }
  /** `isFinal` when asking again cannot help. */
  | { readonly ok: false; readonly failure: Failure; readonly isFinal: boolean }

/** The error an application's promise rejects with. */
export function clientFailure(failure: Failure): ClientFailure {
  return Object.assign(new Error(failure), { failure })
}
