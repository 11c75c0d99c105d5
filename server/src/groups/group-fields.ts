import type { Group, GroupChange, RequestOf } from '@hongyan/protocol'
import type { GroupRow } from '../conversations/group-row.ts'

/** Only what has another value now; custom fields that are not named stay. */
export function whatChanges(group: GroupRow, wanted: Omit<RequestOf<'group.update'>, 'groupId'>): GroupChange {
  const { custom, ...plain } = wanted
  const changed = Object.entries(plain).filter(
    ([name, value]) => value !== undefined && value !== group[name as keyof typeof plain],
  )
  const merged = custom && mergeFields(group.custom, custom)
  const isCustomChanged = merged && JSON.stringify(merged) !== JSON.stringify(group.custom)
  return { ...Object.fromEntries(changed), ...(isCustomChanged ? { custom: merged } : {}) }
}

/** Fields by key: the later value counts, an empty one stays as empty. */
export function mergeFields(known: Group['custom'], named: Group['custom']): Group['custom'] {
  const fields = new Map([...known, ...named].map(({ key, value }) => [key, value]))
  return [...fields].map(([key, value]) => ({ key, value }))
}
