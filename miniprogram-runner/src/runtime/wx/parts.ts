import type { Host } from '../host.ts'
import type { Calls } from './calls.ts'
import type { Files } from './files.ts'
import type { Network } from './network.ts'
import type { Permissions } from './permissions.ts'

/** What the groups of wx functions share. */
export interface WxParts {
  readonly host: Host
  readonly calls: Calls
  readonly files: Files
  readonly network: Network
  readonly permissions: Permissions
}
