import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'

/** What the tests of a file on Redis have in common. */
export interface RedisStand {
  /** Keeps tests on one Redis apart: another one in each test. */
  readonly prefix: string
  /** What the parts under test have told of faults, in this test. */
  readonly faults: readonly unknown[]
  readonly onFault: (err: unknown) => void
  /** Has it closed after the test. */
  keep<Part extends { close(): Promise<void> }>(part: Part): Part
}

/** Closes after each test what it kept, and fails it when anything was left unhandled; stops Redis after all of them. */
export function useRedisStand(stopRedis: () => Promise<unknown>): RedisStand {
  let prefix = ''
  let faults: unknown[] = []
  let kept: { close(): Promise<void> }[] = []
  const unhandled: unknown[] = []
  process.on('unhandledRejection', (err) => unhandled.push(err))
  process.on('uncaughtException', (err) => unhandled.push(err))
  beforeEach(() => {
    prefix = `test-${randomUUID()}:`
    faults = []
    kept = []
  })
  afterEach(async () => {
    await Promise.all(kept.map((part) => part.close()))
    expect(unhandled).toEqual([])
  })
  afterAll(stopRedis)
  return {
    get prefix() {
      return prefix
    },
    get faults() {
      return faults
    },
    onFault: (err) => faults.push(err),
    keep: (part) => {
      kept.push(part)
      return part
    },
  }
}
