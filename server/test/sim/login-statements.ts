import { insertTimeline, type Meaning, type Params, type Row, type StatementContext } from './statement-context.ts'

export const LOGIN_STATEMENTS: readonly Meaning[] = [
  ['SELECT key FROM account WHERE key = $1 FOR NO KEY UPDATE', lockAccount],
  [
    'SELECT key FROM account WHERE key = ANY($1::bigint[]) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED',
    lockFreeAccounts,
  ],
  ['INSERT INTO login', insertLogins],
  ['DELETE FROM login', deleteLogins],
  ['SELECT account_key AS "accountKey", key, device, instance_id AS "instanceId" FROM login', readLogins],
  ['SELECT key FROM login WHERE key = ANY($1::bigint[]) ORDER BY key FOR KEY SHARE SKIP LOCKED', holdLogins],
  ['SELECT key FROM login WHERE key = ANY($1::bigint[]) ORDER BY key FOR UPDATE SKIP LOCKED', lockFreeLogins],
  ['SELECT key FROM login WHERE key = ANY($1::bigint[])', readAliveLogins],
  ['SELECT key, account_key AS "accountKey", instance_id AS "instanceId" FROM login', readAliveLogins],
  ['SELECT key FROM login WHERE key = $1 FOR KEY SHARE', holdLogin],
  ['FROM account WHERE id = ANY($1::text[])', readAccounts],
  ['INSERT INTO account', insertAccounts],
  ['INSERT INTO timeline (id) SELECT', insertTimelines],
]

async function lockAccount({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  await tx.lock('account', String(params.number(1)))
  const row = tx.get('account', String(params.number(1)))
  return row ? [row] : []
}

function lockFreeAccounts({ tx }: StatementContext, params: Params): readonly Row[] {
  return params.numbers(1).flatMap((key) => {
    const row = tx.tryLock('account', String(key)) ? tx.get('account', String(key)) : undefined
    return row ? [row] : []
  })
}

function lockFreeLogins({ tx }: StatementContext, params: Params): readonly Row[] {
  return params.numbers(1).flatMap((key) => {
    const row = tx.tryLock('login', String(key)) ? tx.get('login', String(key)) : undefined
    return row ? [row] : []
  })
}

async function insertLogins({ tx, counters }: StatementContext, params: Params): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [index, accountKey] of params.numbers(1).entries()) {
    const [device, instanceId] = [params.texts(2)[index] ?? '', params.texts(3)[index] ?? '']
    const key = ++counters.login
    await tx.insert('login', { key, accountKey, device, instanceId })
    rows.push({ key, accountKey })
  }
  return rows
}

async function deleteLogins({ tx }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const key of params.numbers(1)) {
    await tx.lock('login', String(key))
    const row = tx.get('login', String(key))
    if (row) tx.delete('login', row)
  }
  return []
}

function readLogins({ tx }: StatementContext, params: Params): readonly Row[] {
  const accountKeys = new Set(params.numbers(1))
  return tx.filter('login', (row) => accountKeys.has(row.accountKey)).sort((a, b) => a.key - b.key)
}

function holdLogins({ tx, flaws }: StatementContext, params: Params): readonly Row[] {
  if (flaws.loginsAlwaysAlive) return params.numbers(1).map((key) => ({ key }))
  const alive: Row[] = []
  for (const key of [...params.numbers(1)].sort((a, b) => a - b)) {
    if (tx.tryLock('login', String(key), 'share') && tx.get('login', String(key))) alive.push({ key })
  }
  return alive
}

function readAliveLogins({ tx }: StatementContext, params: Params): readonly Row[] {
  const keys = new Set(params.numbers(1))
  return tx.filter('login', (row) => keys.has(row.key))
}

async function holdLogin({ tx, flaws }: StatementContext, params: Params): Promise<readonly Row[]> {
  tx.heldLogins.add(params.number(1))
  if (flaws.loginsAlwaysAlive) return [{ key: params.number(1) }]
  await tx.lock('login', String(params.number(1)), 'share')
  const row = tx.get('login', String(params.number(1)))
  return row ? [row] : []
}

function readAccounts({ tx }: StatementContext, params: Params): readonly Row[] {
  const ids = new Set(params.texts(1))
  return tx.filter('account', (row) => ids.has(row.id))
}

async function insertAccounts({ tx, counters }: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const [index, id] of params.texts(1).entries()) {
    const names = { nick: params.texts(2)[index] ?? '', avatar: params.texts(3)[index] ?? '' }
    await tx.insertUnlessThere('account', { key: ++counters.account, id: id as never, ...names, isDisabled: false })
  }
  return []
}

async function insertTimelines(context: StatementContext, params: Params): Promise<readonly Row[]> {
  for (const id of params.texts(1)) await insertTimeline(context, id)
  return []
}
