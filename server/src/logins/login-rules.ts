import { CLOSE } from '@hongyan/protocol'
import type { Login } from './login-reader.ts'

/** How many instances of a user may be logged in at once. */
export interface LoginPolicy {
  /** Instances of one class of device (TIM: 1, at most 10). */
  readonly instancesPerDevice: number
  /** `each`: every class of device for itself. `one`: a login on one class ends those on all others. */
  readonly devices: 'each' | 'one'
}

export interface Displacement {
  readonly loginKey: number
  readonly closeCode: number
}

/**
 * Whom a new login displaces: of its own class the oldest above the limit, those that are not connected before those that
 * are; of other classes all, when only one class may be there.
 */
export function displacedBy(
  device: string,
  others: readonly Login[],
  connected: ReadonlySet<number>,
  policy: LoginPolicy,
): readonly Displacement[] {
  const sameClass = others.filter((login) => login.device === device)
  const inOrderOfLeaving = [...sameClass].sort(
    (a, b) => Number(connected.has(a.key)) - Number(connected.has(b.key)) || a.key - b.key,
  )
  const leaving = inOrderOfLeaving.slice(0, Math.max(0, sameClass.length + 1 - policy.instancesPerDevice))
  const otherClasses = policy.devices === 'one' ? others.filter((login) => login.device !== device) : []
  return [
    ...leaving.map(({ key }) => ({ loginKey: key, closeCode: CLOSE.DISPLACED_BY_ACCOUNT })),
    ...otherClasses.map(({ key }) => ({ loginKey: key, closeCode: CLOSE.DISPLACED_BY_DEVICE })),
  ]
}
