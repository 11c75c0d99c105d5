import { CLOSE, type UserId } from '@hongyan/protocol'
import type { Tx } from '../db/db.ts'
import { readLogins, type AccountLogin, type Login } from './login-reader.ts'
import { displacedBy, type Displacement, type LoginPolicy } from './login-rules.ts'
import { deleteLogins, insertLogins, lockAccount, lockFreeAccounts, lockFreeLogins } from './login-writer.ts'

/** Somebody who logs in, with those of his logins that are connected as far as presence knows. */
export interface FreshLogin {
  readonly userId: UserId
  readonly accountKey: number
  readonly device: string
  readonly instanceId: string
  /** The session that is being opened. */
  readonly sessionId: string
  readonly connected: ReadonlySet<number>
}

export interface AdmittedLogin {
  readonly loginKey: number
  readonly displaced: readonly Displacement[]
}

/** By the session that is being opened. */
export type Admissions = ReadonlyMap<string, AdmittedLogin>

/** Somebody whose account is locked, with those of his logins that have to go. */
interface Entering {
  readonly login: FreshLogin
  readonly displaced: readonly Displacement[]
}

/**
 * Gives each of them a place, in one transaction, and takes those away that the policy says. Left out is whose account or
 * displaced login another transaction holds at this moment, or another of these has: nobody waits for somebody else's.
 */
export async function admitTogether(tx: Tx, logins: readonly FreshLogin[], policy: LoginPolicy): Promise<Admissions> {
  // Who comes second displaces who came first, so he is the one to come later.
  const firsts = new Map([...logins].reverse().map((login) => [login.accountKey, login]))
  const free = await lockFreeAccounts(tx, [...firsts.keys()])
  const locked = [...firsts.values()].filter(({ accountKey }) => free.has(accountKey))
  const entering = await readDisplaced(tx, locked, policy)
  const leaving = entering.flatMap(({ displaced }) => displaced.map(({ loginKey }) => loginKey))
  if (leaving.length === 0) return enter(tx, entering)
  const freed = await lockFreeLogins(tx, leaving)
  return enter(
    tx,
    entering.filter(({ displaced }) => displaced.every(({ loginKey }) => freed.has(loginKey))),
  )
}

/** The same for one, who waits for his account and his logins. Refuses BUSY as lockAccount does. */
export async function admitAlone(tx: Tx, login: FreshLogin, policy: LoginPolicy): Promise<AdmittedLogin> {
  await lockAccount(tx, login.accountKey)
  const admitted = (await enter(tx, await readDisplaced(tx, [login], policy))).get(login.sessionId)
  if (!admitted) throw new Error('INSERT … RETURNING gave no row')
  return admitted
}

async function readDisplaced(tx: Tx, logins: readonly FreshLogin[], policy: LoginPolicy): Promise<readonly Entering[]> {
  const accountKeys = logins.map(({ accountKey }) => accountKey)
  const earlier = byAccount(await readLogins(tx, accountKeys))
  return logins.map((login) => ({ login, displaced: displacedFor(login, earlier.get(login.accountKey) ?? [], policy) }))
}

async function enter(tx: Tx, entering: readonly Entering[]): Promise<Admissions> {
  const leaving = entering.flatMap(({ displaced }) => displaced.map(({ loginKey }) => loginKey))
  if (leaving.length > 0) await deleteLogins(tx, leaving)
  const keys = await insertLogins(
    tx,
    entering.map(({ login }) => login),
  )
  return new Map(
    entering.flatMap(({ login, displaced }): [string, AdmittedLogin][] => {
      const loginKey = keys.get(login.accountKey)
      return loginKey === undefined ? [] : [[login.sessionId, { loginKey, displaced }]]
    }),
  )
}

function byAccount(logins: readonly AccountLogin[]): ReadonlyMap<number, readonly Login[]> {
  const found = new Map<number, Login[]>()
  for (const login of logins) {
    const others = found.get(login.accountKey)
    if (others) others.push(login)
    else found.set(login.accountKey, [login])
  }
  return found
}

function displacedFor(
  { device, instanceId, connected }: FreshLogin,
  logins: readonly Login[],
  policy: LoginPolicy,
): readonly Displacement[] {
  const own = logins.find((login) => login.instanceId === instanceId)
  const others = logins.filter((login) => login !== own)
  return [
    ...displacedBy(device, others, connected, policy),
    // A leftover of the same instance; its user is not told, since he is the one who logs in again.
    ...(own ? [{ loginKey: own.key, closeCode: CLOSE.REPLACED }] : []),
  ]
}
