import { TYPES } from '../im/sdk'
import { isObject, listAt, numberAt, textAt } from './fields'
import type { Words } from '../text/zh'

const MOST_NAMES = 3

/** What happened in a group, as a sentence. `me` is called "you". */
export function tipText(payload: unknown, me: string, words: Words): string {
  const { says } = words
  const by = nameOf(isObject(payload) ? payload['operatorInfo'] : undefined, textAt(payload, 'operatorID'), me, words)
  const names = namesIn(payload, me, words)
  switch (numberAt(payload, 'operationType')) {
    case TYPES.GRP_TIP_MBR_JOIN:
      return isByThemselves(payload) ? says.joined(names) : says.invited(by, names)
    case TYPES.GRP_TIP_MBR_QUIT:
      return says.quit(names === '' ? by : names)
    case TYPES.GRP_TIP_MBR_KICKED_OUT:
      return says.removed(by, names)
    case TYPES.GRP_TIP_MBR_SET_ADMIN:
      return says.adminSet(names)
    case TYPES.GRP_TIP_MBR_CANCELED_ADMIN:
      return says.adminUnset(names)
    case TYPES.GRP_TIP_GRP_PROFILE_UPDATED:
      return profileText(isObject(payload) ? payload['newGroupProfile'] : undefined, by, me, words)
    case TYPES.GRP_TIP_MBR_PROFILE_UPDATED:
      return muteText(payload, by, names, words)
    default:
      return words.tags.tip
  }
}

function isByThemselves(payload: unknown): boolean {
  const joined = listAt(payload, 'userIDList')
  return joined.length === 1 && joined[0] === textAt(payload, 'operatorID')
}

function profileText(changed: unknown, by: string, me: string, words: Words): string {
  const { says } = words
  if (!isObject(changed)) return says.changed(by)
  if ('groupName' in changed) return says.renamed(by, textAt(changed, 'groupName'))
  if ('notification' in changed) return says.noticed(by, textAt(changed, 'notification'))
  if ('ownerID' in changed) return says.owner(nameOf(undefined, textAt(changed, 'ownerID'), me, words))
  if ('muteAllMembers' in changed) return changed['muteAllMembers'] === true ? says.mutedAll(by) : says.unmutedAll(by)
  if ('introduction' in changed) return says.introduced(by)
  if ('avatar' in changed) return says.pictured(by)
  return says.changed(by)
}

function muteText(payload: unknown, by: string, names: string, words: Words): string {
  const seconds = numberAt(listAt(payload, 'memberList')[0], 'muteTime')
  if (seconds === 0) return words.says.unmutedMember(by, names)
  return words.says.mutedMember(by, names, words.says.muteFor(seconds))
}

function namesIn(payload: unknown, me: string, words: Words): string {
  const members = listAt(payload, 'memberList')
  const names =
    members.length > 0
      ? members.map((member) => nameOf(member, textAt(member, 'userID'), me, words))
      : listAt(payload, 'userIDList').map((id) => nameOf(undefined, String(id), me, words))
  const shown = names.slice(0, MOST_NAMES).join(words.says.and)
  return names.length > MOST_NAMES ? words.says.andMore(shown, names.length) : shown
}

function nameOf(person: unknown, userID: string, me: string, words: Words): string {
  if (userID === me) return words.chat.you
  const nick = textAt(person, 'nick')
  return nick === '' ? userID : nick
}
