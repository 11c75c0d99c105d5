import type { CommandName } from '@hongyan/protocol'
import type { Claim } from '../rates/rates.ts'
import type { Admitted } from './door.ts'

/** Those whose answers are long, or need many rows to be read. */
const READS: ReadonlySet<string> = new Set<CommandName>([
  'sync.snapshot',
  'message.history',
  'group.find',
  'group.members',
  'group.findMembers',
  'receipt.readers',
  'reaction.users',
])

/**
 * What a request counts as. Sends, reads and the rest are counted apart: who reads much may still write, and who writes
 * much may still say what he has read. Sends to a group are counted where it is known that they are allowed.
 */
export function claimsOf(command: string, { account, loginKey }: Admitted): readonly Claim[] {
  const key: string = account.id
  if (command === 'message.send' || command === 'message.sendVolatile') {
    return [
      { limit: 'sends of a user', key },
      { limit: 'sends of a device', key: String(loginKey) },
    ]
  }
  if (READS.has(command)) return [{ limit: 'reads of a user', key }]
  if (command === 'group.create')
    return [
      { limit: 'requests of a user', key },
      { limit: 'groups founded by a user', key },
    ]
  return [{ limit: 'requests of a user', key }]
}
