import { expect, test } from 'vitest'
import { Metrics } from './metrics.ts'

test('a count goes up by name, and a reading is what it is at the moment of asking', async () => {
  const metrics = new Metrics()
  let connections = 3
  metrics.addReading('connections', 'Connections of this node.', () => connections)
  metrics.countRefused('BUSY')
  metrics.countRefused('BUSY')
  metrics.countClosed('DRAINING')
  connections = 5
  const text = await metrics.text()
  expect(text).toContain('hongyan_refused_total{name="BUSY"} 2')
  expect(text).toContain('hongyan_closed_total{name="DRAINING"} 1')
  expect(text).toContain('hongyan_connections 5')
})

test('two nodes of one process count for themselves', async () => {
  const first = new Metrics()
  const second = new Metrics()
  first.countRefused('BUSY')
  expect(await second.text()).not.toContain('BUSY')
})
