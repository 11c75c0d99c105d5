import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { systemClock } from '../kit/clock.ts'
import { MemorySharedUse } from './memory-shared-use.ts'
import { describeSharedUse, useOf } from './shared-use.contract.ts'
import type { SharedUse } from './shared-use.ts'

/** One node's end of what several have in common. */
let common = new MemorySharedUse(systemClock)
let ends = 0

function end(): SharedUse {
  if (ends++ % 2 === 0) common = new MemorySharedUse(systemClock)
  const shared = common
  let isClosed = false
  return {
    exchange: (uses) => (isClosed ? Promise.resolve(undefined) : shared.exchange(uses)),
    close: () => {
      isClosed = true
      return Promise.resolve()
    },
  }
}

describeSharedUse('MemorySharedUse', end)

test('it holds only what has not leaked away', async () => {
  const clock = new ManualClock()
  const shared = new MemorySharedUse(clock)
  for (let round = 0; round < 20; round++) {
    await shared.exchange(Array.from({ length: 500 }, (_, n) => useOf(`${round} ${n}`, 1, { perSecond: 1 })))
    await clock.pass(1_000)
  }
  expect(shared.size).toBeLessThanOrEqual(2_000)
  await shared.close()
  expect(await shared.exchange([useOf('anna', 1)])).toBeUndefined()
})
