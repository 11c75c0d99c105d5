import type { Queryable } from '../db/db.ts'

/** How the database is set. */
export interface DatabaseSettings {
  readonly version: number
  readonly fsync: string
  readonly fullPageWrites: string
  readonly synchronousCommit: string
  readonly encoding: string
  readonly maxConnections: number
  readonly usedConnections: number
}

export async function readDatabaseSettings(db: Queryable): Promise<DatabaseSettings | undefined> {
  const [row] = await db.query<DatabaseSettings>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
            current_setting('full_page_writes') AS "fullPageWrites",
            current_setting('synchronous_commit') AS "synchronousCommit",
            current_setting('server_encoding') AS encoding, current_setting('max_connections')::int AS "maxConnections",
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS "usedConnections"`,
  )
  return row
}

/** What the role we log in as may do. */
export interface RoleRights {
  readonly role: string
  readonly isSuperuser: boolean
  /** It may make tables, as migrations do. */
  readonly mayCreate: boolean
  /** Tables of ours it may not write to. */
  readonly unwritable: readonly string[]
}

export async function readRoleRights(db: Queryable): Promise<RoleRights | undefined> {
  const [row] = await db.query<RoleRights>(
    `SELECT current_user::text AS role, current_setting('is_superuser') = 'on' AS "isSuperuser",
            has_schema_privilege(current_schema(), 'CREATE') AS "mayCreate",
            (SELECT coalesce(json_agg(c.relname ORDER BY c.relname), '[]') FROM pg_class c
              WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
                AND NOT (has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
                         AND has_table_privilege(c.oid, 'DELETE') AND has_table_privilege(c.oid, 'SELECT'))) AS unwritable`,
  )
  return row
}

/** What goes on in the database now. */
export interface DatabaseActivity {
  readonly bytes: number
  /** The longest transaction of others, in seconds. */
  readonly longestTransactionS: number
  readonly longestTransactionPid: number | null
  /** Statements that have waited for a lock for more than 1 s. */
  readonly lockWaits: number
  readonly preparedTransactions: number
  /** How much of the distance to transaction-id wraparound is used up, 0 to 1. */
  readonly wraparound: number
}

export async function readDatabaseActivity(db: Queryable): Promise<DatabaseActivity | undefined> {
  const [row] = await db.query<DatabaseActivity>(
    `SELECT pg_database_size(current_database()) AS bytes,
            coalesce(extract(epoch from clock_timestamp() - l.xact_start), 0)::float8 AS "longestTransactionS",
            l.pid AS "longestTransactionPid",
            (SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND wait_event_type = 'Lock'
                AND clock_timestamp() - query_start > interval '1 s') AS "lockWaits",
            (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()) AS "preparedTransactions",
            (SELECT age(datfrozenxid)::float8 / 2147483648 FROM pg_database
              WHERE datname = current_database()) AS wraparound
       FROM (SELECT 1) AS one LEFT JOIN LATERAL (
         SELECT pid, xact_start FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
            AND backend_type = 'client backend'
          ORDER BY xact_start LIMIT 1) AS l ON true`,
  )
  return row
}

/** The database's clock, in milliseconds since the Unix epoch. */
export async function readDatabaseClock(db: Queryable): Promise<number> {
  const [row] = await db.query<{ nowMs: number }>(
    `SELECT extract(epoch from clock_timestamp())::float8 * 1000 AS "nowMs"`,
  )
  return row?.nowMs ?? 0
}
