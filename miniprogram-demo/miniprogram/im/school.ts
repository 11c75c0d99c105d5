import { readConfig } from '../config'
import { listAt, numberAt, textAt } from '../views/fields'
import { getJson } from './promise'

/** Somebody as whom a server in demo mode lets anybody sign in. */
export interface DemoUser {
  readonly userID: string
  readonly nick: string
  readonly role: string
}

/** What a server tells before anybody has signed in. */
export interface School {
  readonly sdkAppID: number
  /** Empty in production. */
  readonly demoUsers: readonly DemoUser[]
}

export async function askSchool(): Promise<School> {
  const answer = await getJson(`${readConfig().endpoint}/im/about`)
  const demoUsers = listAt(answer, 'demoUsers').map((user) => ({
    userID: textAt(user, 'userID'),
    nick: textAt(user, 'nick'),
    role: textAt(user, 'role'),
  }))
  return { sdkAppID: numberAt(answer, 'sdkAppID'), demoUsers }
}

/** Only a server in demo mode gives signatures to whoever asks. In production the school's back end does, to its users. */
export async function askSignature(userID: string): Promise<{ readonly sdkAppID: number; readonly userSig: string }> {
  const answer = await getJson(`${readConfig().endpoint}/im/usersig?userID=${encodeURIComponent(userID)}`)
  return { sdkAppID: numberAt(answer, 'sdkAppID'), userSig: textAt(answer, 'userSig') }
}
