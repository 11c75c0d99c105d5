/**
 * Why the server ended a connection. The range is the policy (rule [CLOSE-1]): 4000–4499 come back with back-off;
 * 4500–4999 do not come back by yourself. Every code that is not ours, 1000 included, means "come back": WeChat reports
 * 1000 for a mini-program that was cut in the background.
 */
export const CLOSE = {
  DRAINING: 4000,
  SLOW_CONSUMER: 4001,
  NO_PONG: 4002,
  /** The node could not keep a followed timeline complete. */
  CANNOT_FOLLOW: 4003,
  /** The same instance opened a newer connection; this one is a leftover. */
  REPLACED: 4004,
  /** The store was rewound to an earlier state: come back and rebuild (promise I12). */
  EPOCH_CHANGED: 4005,
  /** Too many connections for now. */
  BUSY: 4006,
  BAD_FRAME: 4500,
  OPEN_TIMEOUT: 4501,
  VERSION_NOT_SUPPORTED: 4502,
  SIGNATURE_INVALID: 4503,
  SIGNATURE_EXPIRED: 4504,
  DISPLACED_BY_ACCOUNT: 4505,
  DISPLACED_BY_DEVICE: 4506,
  ACCOUNT_DISABLED: 4507,
  SIGNED_OUT_BY_ADMIN: 4508,
  /** The client closed its session itself (session.close). */
  SIGNED_OUT: 4509,
} as const

export type CloseName = keyof typeof CLOSE

/** True when a client must not come back by itself after this close code. */
export function isFinalClose(code: number): boolean {
  return code >= 4500 && code <= 4999
}

/** The catalogue's name for a close code, or undefined when the code is not ours. */
export function closeName(code: number): CloseName | undefined {
  return NAMES.get(code)
}

const NAMES: ReadonlyMap<number, CloseName> = new Map(
  (Object.keys(CLOSE) as CloseName[]).map((name) => [CLOSE[name], name]),
)
