import { readFileSync } from 'node:fs'
import { parseUserId } from '@hongyan/protocol'
import type { NewAccount } from './account-writer.ts'

/** A users file that cannot be imported; the message says where and why, in one line. */
export class UsersFileInvalid extends Error {}

const MAX_NICK_BYTES = 500
const MAX_AVATAR_BYTES = 500

/**
 * Reads `[{ "userID": "t_2001", "nick": "王老师", "avatar": "https://…" }, …]`; nick and avatar may be absent. The field
 * is spelled as in Tencent's account import, since that is where such lists come from.
 */
export function readUsersFile(path: string): readonly NewAccount[] {
  const users = parseFile(path)
  if (!Array.isArray(users)) throw new UsersFileInvalid(`${path}: not a list of users`)
  return users.map((user: unknown, index) => userOf(user, `${path}: user ${index + 1}`))
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (err) {
    throw new UsersFileInvalid(`${path}: ${err instanceof Error ? err.message : String(err)}`)
  }
}

function userOf(user: unknown, where: string): NewAccount {
  if (typeof user !== 'object' || user === null) throw new UsersFileInvalid(`${where} is not an object`)
  const userId = 'userID' in user && typeof user.userID === 'string' ? parseUserId(user.userID) : undefined
  if (userId === undefined) throw new UsersFileInvalid(`${where} has no valid userID`)
  return {
    userId,
    nick: textOf('nick' in user ? user.nick : undefined, MAX_NICK_BYTES, `${where}: nick`),
    avatar: textOf('avatar' in user ? user.avatar : undefined, MAX_AVATAR_BYTES, `${where}: avatar`),
  }
}

function textOf(value: unknown, maxBytes: number, where: string): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw new UsersFileInvalid(`${where} is not a text`)
  if (Buffer.byteLength(value) > maxBytes) throw new UsersFileInvalid(`${where} is longer than ${maxBytes} bytes`)
  if (/[\0\p{Cs}]/u.test(value)) throw new UsersFileInvalid(`${where} holds NUL or half a surrogate pair`)
  return value
}
