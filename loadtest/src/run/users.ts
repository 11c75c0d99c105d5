import { readFileSync } from 'node:fs'
import { BadSetting } from './settings.ts'

export interface GivenUser {
  readonly userId: string
  /** Empty when it is to be made. */
  readonly userSig: string
}

/** Reads users from a JSON file: a list of `{"userId": …, "userSig": …}`, or of user ids. Throws BadSetting. */
export function readUsers(path: string): readonly GivenUser[] {
  const list: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(list)) throw new BadSetting(`${path}: a list of users is needed`)
  return list.map((item: unknown, index) => {
    if (typeof item === 'string') return { userId: item, userSig: '' }
    const { userId, userSig = '' } = (typeof item === 'object' && item !== null ? item : {}) as Partial<GivenUser>
    if (typeof userId === 'string' && typeof userSig === 'string') return { userId, userSig }
    throw new BadSetting(`${path}: item ${index} is no user`)
  })
}
