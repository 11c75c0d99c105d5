import { parseUserId, Refused, type UserId } from '@hongyan/protocol'
import type { AccountsService } from '../accounts/accounts-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function profileHandlers(accounts: AccountsService): FamilyHandlers<'profile'> {
  return {
    'profile.get': async (_caller, body) => ({
      profiles: [...(await accounts.profiles([...new Set(body.userIds.map(mustBeUserId))]))],
    }),
  }
}

function mustBeUserId(text: string): UserId {
  const userId = parseUserId(text)
  if (userId === undefined) throw new Refused('BAD_USER_ID')
  return userId
}
