import { expect, test } from 'vitest'
import { METRICS } from './catalogue.ts'
import { Metrics } from './metrics.ts'

test('a count goes up by its label, and a reading is what it is at the moment of asking', async () => {
  const metrics = new Metrics()
  let connections = 3
  metrics.read('connections', () => connections)
  metrics.count('refused', { name: 'BUSY' })
  metrics.count('refused', { name: 'BUSY' })
  metrics.count('closed', { name: 'DRAINING' })
  connections = 5
  const text = await metrics.text()
  expect(text).toContain('hongyan_refused_total{name="BUSY"} 2\n')
  expect(text).toContain('hongyan_closed_total{name="DRAINING"} 1\n')
  expect(text).toContain('hongyan_connections 5\n')
})

test('a counter that is read is a counter, and is not added up from one look to the next', async () => {
  const metrics = new Metrics()
  metrics.read('requests', () => [{ labels: { command: 'message.send' }, value: 7 }])
  await metrics.text()
  const text = await metrics.text()
  expect(text).toContain('# TYPE hongyan_requests_total counter\n')
  expect(text).toContain('hongyan_requests_total{command="message.send"} 7\n')
})

test('a histogram tells how values are spread', async () => {
  const metrics = new Metrics()
  for (const messages of [1, 1, 3, 1000]) metrics.observe('commitMessages', messages)
  const text = await metrics.text()
  expect(text).toContain('hongyan_commit_messages_bucket{le="1"} 2\n')
  expect(text).toContain('hongyan_commit_messages_bucket{le="5"} 3\n')
  expect(text).toContain('hongyan_commit_messages_bucket{le="+Inf"} 4\n')
  expect(text).toContain('hongyan_commit_messages_sum 1005\n')
})

test('two nodes of one process count for themselves', async () => {
  const first = new Metrics()
  const second = new Metrics()
  first.count('refused', { name: 'BUSY' })
  expect(await second.text()).not.toContain('BUSY')
})

test('names say what they are: one metric each, counters end in _total, times are in seconds', () => {
  const specs = Object.values(METRICS)
  expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length)
  for (const { name, kind, help } of specs) {
    expect(name).toMatch(/^(hongyan|process)_[a-z_]+[a-z]$/)
    expect(name.endsWith('_total'), name).toBe(kind === 'counter')
    expect(name).not.toMatch(/_ms|millis/)
    expect(help, name).toMatch(/\.$/)
  }
})
