import { beforeEach, expect, test } from 'vitest'
import { describeBroker } from './broker.contract.ts'
import { MemoryBroker, MemoryBus } from './memory-broker.ts'

let bus = new MemoryBus()
let faults: unknown[] = []
beforeEach(() => {
  bus = new MemoryBus()
  faults = []
})
const open = () => new MemoryBroker({ bus, onFault: (err) => faults.push(err) })

describeBroker('MemoryBroker', open, () => faults)

test('all payloads of a turn are handed over together in its microtask', async () => {
  const broker = open()
  const steps: string[] = []
  broker.onPayload((_, payload) => steps.push(payload))
  await broker.subscribe('a')
  broker.publish('a', '1')
  queueMicrotask(() => steps.push('next microtask'))
  broker.publish('a', '2')
  expect(steps).toEqual([])
  await Promise.resolve()
  expect(steps).toEqual(['1', '2', 'next microtask'])
})

test('without a bus the node is alone', async () => {
  const [one, other] = [new MemoryBroker({ onFault: () => {} }), new MemoryBroker({ onFault: () => {} })]
  await other.subscribe('a')
  one.publish('a', 'x')
  await Promise.resolve()
  expect(other.stats().received).toBe(0)
})
