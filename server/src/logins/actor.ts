import type { UserId } from '@hongyan/protocol'
import type { Acting } from './login-reader.ts'

/** Who acts, under which login, and as what the others see him. */
export interface Actor extends Acting {
  readonly userId: UserId
  readonly accountKey: number
  readonly nick: string
  readonly avatar: string
}
