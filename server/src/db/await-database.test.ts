import { expect, test } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { awaitDatabase } from './await-database.ts'
import { DatabaseUnavailable } from './db-errors.ts'

/** Time passes only where somebody waits. */
function jumpingClock() {
  let nowMs = 0
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs: number, run: () => void) => {
      nowMs += delayMs
      queueMicrotask(run)
      return () => {}
    },
  }
}

function refusingWith(code: string, times: number) {
  let asked = 0
  const cause = Object.assign(new Error('no'), { code })
  return {
    asked: () => asked,
    query: () =>
      ++asked <= times ? Promise.reject(new DatabaseUnavailable('not now', { cause })) : Promise.resolve([]),
  }
}

const { signal } = new AbortController()
const options = () => ({ clock: jumpingClock(), logger: silentLogger(), signal })

test('a PostgreSQL that says it is starting is waited for', async () => {
  const db = refusingWith('57P03', 20)
  await awaitDatabase(db, options())
  expect(db.asked()).toBe(21)
})

test('one that starts for longer than a minute is given up', async () => {
  await expect(awaitDatabase(refusingWith('57P03', 1_000), options())).rejects.toBeInstanceOf(DatabaseUnavailable)
})

test('what else is wrong with it is said at once', async () => {
  const db = refusingWith('ECONNREFUSED', 1)
  await expect(awaitDatabase(db, options())).rejects.toBeInstanceOf(DatabaseUnavailable)
  expect(db.asked()).toBe(1)
})

test('a server that is told to stop meanwhile stops', async () => {
  const stopping = AbortSignal.abort(new Error('stopping'))
  await expect(awaitDatabase(refusingWith('57P03', 20), { ...options(), signal: stopping })).rejects.toThrow('stopping')
})
