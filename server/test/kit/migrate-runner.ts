import { connect } from '../../src/db/db.ts'
import { migrate } from '../../src/db/migrate.ts'
import { readMigrations } from '../../src/db/migrations.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { systemRandom } from '../../src/kit/random.ts'

/** A process that migrates a database with the migrations of a folder, as a server does when it starts; for tests that kill it. */
const [url = '', folder = ''] = process.argv.slice(2)
const db = connect({
  url,
  name: 'migrate',
  size: 1,
  statementDeadlineMs: 3_000,
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger(),
})
try {
  process.stdout.write(`${JSON.stringify(await migrate(db, readMigrations(folder)))}\n`)
} finally {
  await db.close()
}
