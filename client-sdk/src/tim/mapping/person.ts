import type { Person } from '@hongyan/protocol'
import { toTimUserID } from './ids.ts'

/** Somebody as TIM names him in tips, reactions and the like. */
export interface TimPerson {
  userID: string
  nick: string
  avatar: string
}

export function toTimPerson({ userId, nick = '', avatar = '' }: Person): TimPerson {
  return { userID: toTimUserID(userId), nick, avatar }
}

/** A field of an application's own, on a group, a member or a user. */
export interface CustomField {
  key: string
  value: string
}

export function isFieldList(value: unknown): value is readonly CustomField[] {
  return (
    Array.isArray(value) &&
    value.every(
      (field: Partial<CustomField> | null) => typeof field?.key === 'string' && typeof field.value === 'string',
    )
  )
}
