import { expect, onTestFinished, test } from 'vitest'
import { MemoryBroker } from '../src/broker/memory-broker.ts'
import { METRICS } from '../src/metrics/catalogue.ts'
import { conversationOf, Pair, refusalOf } from './kit/pair.ts'
import { parseExposition, type Exposition } from './kit/exposition.ts'
import { until } from './kit/until.ts'
import { openingOf, WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

async function scrape(world: World, node = 0): Promise<Exposition> {
  const answer = await fetch(`${world.endpoint(node)}/metrics`)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseExposition(await answer.text())
}

async function start(nodes = 1): Promise<World> {
  const world = await startWorld({ nodes })
  onTestFinished(() => world.stop())
  return world
}

test('what was done is what is counted, on the node where it was done', async () => {
  const world = await start(2)
  const pair = await Pair.meet(world)
  const far = await WireClient.open(world.endpoint(1), 'bert', { instanceId: 'far' })
  await far.request('sync.snapshot', {})
  let sent = 1
  const say = async (): Promise<void> => void (await pair.say({ type: 'text', text: `secret words ${++sent}` }))
  const lags = async (): Promise<number> => (await scrape(world, 1)).value('hongyan_delivery_lag_seconds_count')
  // What comes while he is catching up is read from the log; from the first that is pushed, all are.
  const before = await until('the other node pushes', async () => say().then(lags))
  for (let n = 0; n < 9; n++) await say()
  await until('the other node has pushed them too', async () => (await lags()) >= before + 9)
  await refusalOf(
    pair.anna.request('message.send', {
      ...pair.draftOf({ type: 'text', text: 'x' }),
      conversationId: conversationOf('carl', 'bert'),
    }),
  )
  await refusalOf(pair.anna.request('no.such.command' as never, {}))
  const stranger = await WireClient.connect(world.endpoint())
  await refusalOf(stranger.request('session.open', openingOf('mallory', { userSig: 'eJx-nonsense' })))
  await stranger.closed
  far.close()

  const near = await scrape(world)
  expect(near.value('hongyan_connections')).toBe(2)
  expect(near.value('hongyan_sessions')).toBe(2)
  expect(near.value('hongyan_connections_opened_total')).toBe(3)
  expect(near.value('hongyan_logins_total', { kind: 'fresh' })).toBe(2)
  expect(near.value('hongyan_logins_total', { kind: 'resumed' })).toBe(0)
  expect(near.sum('hongyan_logins_refused_total')).toBe(1)
  expect(near.value('hongyan_sends_accepted_total')).toBe(sent)
  expect(near.value('hongyan_sends_refused_total', { name: 'NOT_A_MEMBER' })).toBe(1)
  expect(near.value('hongyan_refused_total', { name: 'NOT_A_MEMBER' })).toBe(1)
  expect(near.value('hongyan_refused_total', { name: 'UNKNOWN_COMMAND' })).toBe(1)
  expect(near.value('hongyan_refused_total', { name: 'BUSY' })).toBe(0)
  expect(near.value('hongyan_requests_total', { command: 'message.send' })).toBe(sent + 1)
  expect(near.value('hongyan_closed_total', { name: 'SIGNATURE_INVALID' }), 'mallory was sent away').toBe(1)
  expect(near.value('hongyan_closed_total', { name: 'SLOW_CONSUMER' })).toBe(0)
  // One at a time, so each in a transaction of its own; the refused one never got there.
  expect(near.value('hongyan_commits_total')).toBe(sent)
  expect(near.value('hongyan_commits_failed_total')).toBe(0)
  expect(near.value('hongyan_commit_messages_count')).toBe(sent)
  expect(near.value('hongyan_commit_messages_sum')).toBe(sent)
  expect(near.value('hongyan_commit_messages_bucket', { le: '1' })).toBe(sent)
  expect(near.value('hongyan_commit_duration_seconds_count')).toBe(sent)
  expect(near.value('hongyan_send_duration_seconds_count')).toBe(sent)
  expect(near.value('hongyan_sends_waiting')).toBe(0)
  // The first one came with the beginning of the conversation.
  expect(near.value('hongyan_delivery_lag_seconds_count')).toBeGreaterThanOrEqual(sent - 1)
  expect(near.value('hongyan_delivered_entries_total')).toBeGreaterThanOrEqual(sent - 1)
  expect(near.value('hongyan_draining')).toBe(0)
  expect(near.value('hongyan_broker_up')).toBe(1)
  expect(near.value('hongyan_database_connections', { pool: 'send' })).toBeGreaterThanOrEqual(1)
  expect(near.value('hongyan_database_connections_lost_total', { pool: 'send' })).toBe(0)
  expect(near.value('process_resident_memory_bytes')).toBeGreaterThan(20e6)

  const remote = await scrape(world, 1)
  expect(remote.value('hongyan_sends_accepted_total')).toBe(0)
  expect(remote.value('hongyan_delivery_lag_seconds_count')).toBeGreaterThanOrEqual(before + 9)
  expect(remote.value('hongyan_delivery_lag_seconds_count')).toBeLessThanOrEqual(sent)
  expect(remote.value('hongyan_delivery_lag_seconds_sum')).toBeLessThan(60)
  await until('the far connection is gone', async () => (await scrape(world, 1)).value('hongyan_connections') === 0)
  expect((await scrape(world, 1)).value('hongyan_closed_total', { name: 'OTHER' })).toBe(1)
  pair.close()
})

test('every metric has its help, its type and a value, and none names a person or a conversation', async () => {
  const world = await start()
  const pair = await Pair.meet(world)
  const found = await scrape(world)
  for (const { name, kind, help } of Object.values(METRICS)) {
    expect(found.families.get(name), name).toMatchObject({ kind, help })
    // Labels of these come from what happens.
    if (!['hongyan_sends_refused_total', 'hongyan_logins_refused_total'].includes(name)) {
      expect(found.families.get(name)?.samples.length, `${name} has no value`).toBeGreaterThan(0)
    }
  }
  expect([...found.families.keys()].sort()).toEqual(
    Object.values(METRICS)
      .map(({ name }) => name)
      .sort(),
  )
  for (const [name, { samples }] of found.families) {
    for (const { labels } of samples) expect(Object.values(labels).join(' '), name).not.toMatch(/anna|bert|c2c/)
  }
  pair.close()
})

test('what the broker did not bring is found by the sweeper, and counted', async () => {
  // Each node has a broker of its own: nothing is heard of the other.
  const world = await startWorld({ nodes: 2, brokerOf: () => new MemoryBroker({ onFault: () => {} }) })
  onTestFinished(() => world.stop())
  const pair = await Pair.meet(world)
  const far = await WireClient.open(world.endpoint(1), 'bert', { instanceId: 'far' })
  await far.request('sync.snapshot', {})
  const repairs = (await scrape(world, 1)).value('hongyan_sweeper_repairs_total')
  const found = await until('the sweeper brings them', async () => {
    await pair.say({ type: 'text', text: 'unheard' })
    const seen = await scrape(world, 1)
    // In the middle of a repair its entries are counted, and the gap not yet.
    const isRepaired = seen.value('hongyan_gaps_repaired_total') >= 1
    return isRepaired && seen.value('hongyan_repaired_entries_total') >= 3 ? seen : undefined
  })
  expect(found.value('hongyan_sweeper_repairs_total')).toBeGreaterThan(repairs)
  // Nothing came another way.
  expect(found.value('hongyan_delivery_lag_seconds_count')).toBe(found.value('hongyan_repaired_entries_total'))
  expect((await scrape(world, 0)).value('hongyan_repaired_entries_total')).toBe(0)
  far.close()
  pair.close()
})
