import type { MigrationState } from '../db/migration-state.ts'
import type { DatabaseActivity, DatabaseSettings, RoleRights } from './database-reader.ts'
import { ok, problem, warning, type Symptom } from './finding.ts'

const MIN_VERSION = 160_000
/** What the pools of one node take together. */
const CONNECTIONS_PER_NODE = 12
const LONG_TRANSACTION_S = 60
const MEBIBYTE = 1 << 20

/** Its version, and whether it keeps what it confirms. */
export function judgeSettings(settings: DatabaseSettings, place: string): readonly Symptom[] {
  const { version, encoding, maxConnections, usedConnections } = settings
  const name = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`
  const durability = {
    fsync: settings.fsync,
    full_page_writes: settings.fullPageWrites,
    synchronous_commit: settings.synchronousCommit,
  }
  const lossy = Object.entries(durability).filter(([, value]) => value === 'off' || value === 'local')
  return [
    version >= MIN_VERSION
      ? ok(`${place}:${name}`, `${place}: ${name}`)
      : problem(
          { zh: `${name} 太旧`, en: `${name} is too old` },
          { zh: '需要 PostgreSQL 16 或更新版本。', en: 'PostgreSQL 16 or newer is needed.' },
        ),
    ...lossy.map(([setting, value]) =>
      problem(
        {
          zh: `${setting} = ${value}:断电会丢失已确认的消息`,
          en: `${setting} = ${value}: a power cut loses messages that were confirmed`,
        },
        {
          zh: `设为 ${setting} = on 并重载配置;在此之前服务器拒绝启动。`,
          en: `Set ${setting} = on and reload; until then the server refuses to start.`,
        },
      ),
    ),
    ...(encoding === 'UTF8'
      ? []
      : [
          problem(
            { zh: `数据库编码是 ${encoding}`, en: `the database is encoded in ${encoding}` },
            {
              zh: "重建数据库:CREATE DATABASE … ENCODING 'UTF8'。",
              en: "Make it anew: CREATE DATABASE … ENCODING 'UTF8'.",
            },
          ),
        ]),
    ...(maxConnections - usedConnections >= CONNECTIONS_PER_NODE
      ? []
      : [
          warning(
            {
              zh: `连接数 ${usedConnections}/${maxConnections},余量不足一个节点`,
              en: `${usedConnections} of ${maxConnections} connections are taken: no room for another node`,
            },
            {
              zh: `调大 max_connections:每个节点 ${CONNECTIONS_PER_NODE} 个。`,
              en: `Raise max_connections: each node takes ${CONNECTIONS_PER_NODE}.`,
            },
          ),
        ]),
  ]
}

/** How its tables and this program stand to each other. */
export function judgeMigrations({ missing, foreign, changed }: MigrationState): Symptom {
  if (foreign.length > 0) {
    return problem(
      {
        zh: `数据库比本程序新(多出迁移 ${foreign.join('、')})`,
        en: `the database is newer than this program (it has ${foreign.join(', ')})`,
      },
      { zh: '更新本程序;旧版本拒绝在新库上启动。', en: 'Update this program; an older one refuses to start on it.' },
    )
  }
  if (changed.length > 0) {
    return problem(
      {
        zh: `迁移 ${changed.join('、')} 与本程序自带的不同`,
        en: `migration ${changed.join(', ')} is not the one this program brings`,
      },
      {
        zh: '此库可能由改动过的程序建立:请使用原来的程序,或从备份恢复。',
        en: 'It may have been made by a changed program: use that one, or restore a backup.',
      },
    )
  }
  if (missing.length === 0) return ok('表结构是最新的', 'its tables are up to date')
  return warning(
    { zh: `表结构落后 ${missing.length} 个迁移`, en: `its tables are ${missing.length} migrations behind` },
    { zh: '下次启动服务器时会自动迁移;先做备份。', en: 'The next start of the server migrates them; back up first.' },
  )
}

/** Whether our role may do what we need. */
export function judgeRights({ role, isSuperuser, mayCreate, unwritable }: RoleRights): readonly Symptom[] {
  if (isSuperuser) return [ok(`以超级用户 ${role} 登录`, `logged in as superuser ${role}`)]
  const found: Symptom[] = []
  if (!mayCreate) {
    found.push(
      problem(
        { zh: `用户 ${role} 不能建表,升级时无法迁移`, en: `${role} may not make tables: an upgrade cannot migrate` },
        {
          zh: `以管理员执行:GRANT CREATE, USAGE ON SCHEMA public TO "${role}";`,
          en: `As an administrator: GRANT CREATE, USAGE ON SCHEMA public TO "${role}";`,
        },
      ),
    )
  }
  if (unwritable.length > 0) {
    found.push(
      problem(
        {
          zh: `用户 ${role} 不能读写表 ${unwritable.join('、')}`,
          en: `${role} may not read and write ${unwritable.join(', ')}`,
        },
        {
          zh: `把表的所有者改为它:ALTER TABLE … OWNER TO "${role}";`,
          en: `Make it their owner: ALTER TABLE … OWNER TO "${role}";`,
        },
      ),
    )
  }
  return found.length > 0 ? found : [ok(`用户 ${role} 权限足够`, `${role} has the rights it needs`)]
}

/** What goes on in it now. */
export function judgeActivity(activity: DatabaseActivity): readonly Symptom[] {
  const mebibytes = Math.ceil(activity.bytes / MEBIBYTE)
  return [
    ok(`数据库大小 ${mebibytes} MiB`, `its size is ${mebibytes} MiB`),
    ...judgeTransactions(activity),
    ...judgeLocks(activity),
    ...judgeWraparound(activity),
  ]
}

function judgeTransactions({ longestTransactionS, longestTransactionPid }: DatabaseActivity): readonly Symptom[] {
  if (longestTransactionS <= LONG_TRANSACTION_S) return []
  const seconds = Math.round(longestTransactionS)
  const pid = longestTransactionPid ?? 0
  return [
    warning(
      {
        zh: `有事务已运行 ${seconds} 秒(进程 ${pid})`,
        en: `a transaction has been open for ${seconds} s (process ${pid})`,
      },
      {
        zh: `查明它在做什么;不需要时:SELECT pg_terminate_backend(${pid});`,
        en: `Find out what it does; if it is of no use: SELECT pg_terminate_backend(${pid});`,
      },
    ),
  ]
}

function judgeLocks({ lockWaits, preparedTransactions }: DatabaseActivity): readonly Symptom[] {
  const waits = warning(
    {
      zh: `${lockWaits} 条语句等锁超过 1 秒`,
      en: `${lockWaits} statements have waited for a lock for more than 1 s`,
    },
    { zh: '用 pg_blocking_pids(pid) 找出持锁者。', en: 'pg_blocking_pids(pid) names who holds it.' },
  )
  const prepared = warning(
    {
      zh: `有 ${preparedTransactions} 个悬置的两阶段事务`,
      en: `${preparedTransactions} prepared transactions are left`,
    },
    {
      zh: '它们会一直持锁:COMMIT PREPARED 或 ROLLBACK PREPARED。',
      en: 'They hold their locks for ever: COMMIT PREPARED or ROLLBACK PREPARED.',
    },
  )
  return [...(lockWaits > 0 ? [waits] : []), ...(preparedTransactions > 0 ? [prepared] : [])]
}

function judgeWraparound({ wraparound }: DatabaseActivity): readonly Symptom[] {
  if (wraparound <= 0.5) return []
  const percent = Math.round(wraparound * 100)
  return [
    problem(
      {
        zh: `事务号已用去 ${percent}%,用尽时数据库停止写入`,
        en: `${percent} % of the transaction ids are used up; then it stops writing`,
      },
      {
        zh: '检查 autovacuum 是否开启,并执行 VACUUM FREEZE。',
        en: 'Check that autovacuum is on, and run VACUUM FREEZE.',
      },
    ),
  ]
}
