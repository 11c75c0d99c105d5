import { Refused, type Profile, type UserId } from '@hongyan/protocol'
import type { Db } from '../db/db.ts'
import type { Clock } from '../kit/clock.ts'
import { Coalescer } from '../kit/coalescer.ts'
import { profileOf, readAccounts, type Account } from './account-reader.ts'
import { createAccounts, type NewAccount } from './account-writer.ts'

const MAX_ARRIVING = 1_000

export interface AccountsDeps {
  readonly db: Db
  /** Create users when somebody first names them (AUTO_REGISTER). */
  readonly isAutoRegister: boolean
  readonly clock: Clock
}

/** Users as we know them. */
export class AccountsService {
  readonly #db: Db
  readonly #isAutoRegister: boolean
  readonly #arriving: Coalescer<UserId, Account>

  constructor(deps: AccountsDeps) {
    this.#db = deps.db
    this.#isAutoRegister = deps.isAutoRegister
    this.#arriving = new Coalescer({
      idOf: (id) => id,
      maxKeys: MAX_ARRIVING,
      clock: deps.clock,
      ask: async (ids) => new Map((await this.find(ids)).map((account) => [account.id, account])),
    })
  }

  /**
   * The account of somebody who comes, created where the operator allows it; undefined otherwise. Many come at the same
   * time, and are looked up, and created, together.
   */
  arriving(userId: UserId): Promise<Account | undefined> {
    return this.#arriving.one(userId)
  }

  /** The accounts of these users, created where the operator allows it. Refuses NO_SUCH_USER otherwise. In the order asked for. */
  async ensure(userIds: readonly UserId[]): Promise<readonly Account[]> {
    const known = await this.#byId(userIds)
    const missing = userIds.filter((userId) => !known.has(userId))
    if (missing.length === 0) return pick(known, userIds)
    if (!this.#isAutoRegister) throw new Refused('NO_SUCH_USER')
    await this.create(missing.map((userId) => ({ userId })))
    return pick(await this.#byId(userIds), userIds)
  }

  /** As `ensure`, but who does not exist and may not be created is absent. In no order. */
  async find(userIds: readonly UserId[]): Promise<readonly Account[]> {
    const known = await this.#byId(userIds)
    const missing = userIds.filter((userId) => !known.has(userId))
    if (missing.length === 0 || !this.#isAutoRegister) return [...known.values()]
    await this.create(missing.map((userId) => ({ userId })))
    return [...(await this.#byId(userIds)).values()]
  }

  /** Creates the accounts that do not exist yet; changes no existing one. */
  async create(accounts: readonly NewAccount[]): Promise<void> {
    await this.#db.transaction((tx) => createAccounts(tx, accounts), { retry: true })
  }

  /** What others see of these users; unknown ones are absent. */
  async profiles(userIds: readonly UserId[]): Promise<readonly Profile[]> {
    return (await readAccounts(this.#db, userIds)).map(profileOf)
  }

  async #byId(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Account>> {
    return new Map((await readAccounts(this.#db, userIds)).map((account) => [account.id, account]))
  }
}

function pick(accounts: ReadonlyMap<UserId, Account>, userIds: readonly UserId[]): readonly Account[] {
  return userIds.map((userId) => {
    const account = accounts.get(userId)
    if (account === undefined) throw new Refused('NO_SUCH_USER')
    return account
  })
}
