import { CLOSE } from '@hongyan/protocol'
import type { Control } from '../timelines/payload.ts'
import type { SessionRegistry } from './session-registry.ts'

/** Carries out what a node says to the sessions of a user. */
export function obeyControl(registry: SessionRegistry, control: Control): void {
  if (control.kind === 'displaced') {
    for (const { loginKey, closeCode } of control.logins) registry.displace(loginKey, closeCode)
    return
  }
  if (control.kind !== 'replaced') return
  for (const session of registry.ofLogin(control.loginKey)) {
    if (session.id !== control.bySessionId) session.close(CLOSE.REPLACED, 'the instance has a newer connection')
  }
}
