import type { RoomsService } from '../rooms/rooms-service.ts'
import type { SearchService } from '../search/search-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function searchHandlers(search: SearchService, rooms: RoomsService): FamilyHandlers<'search'> {
  return {
    'search.messages': (caller, body) => search.messages(caller, body),
    'search.users': (caller, body) => search.users(caller, body),
    'search.groups': async (caller, body) => {
      const found = await search.groups(caller, body)
      return { ...found, groups: found.groups.map((group) => rooms.counted(group)) }
    },
    'search.members': (caller, body) => search.members(caller, body),
  }
}
