import { expect, test } from 'vitest'
import { parseClusterMap, urlAt } from './cluster-map.ts'

const INFO = 'cluster_state:ok\r\ncluster_current_epoch:7\r\n'

test('who serves which slot is read from the cluster: the first of each range, under the name it announces', () => {
  const { owners, addresses, epoch, isSound } = parseClusterMap(
    INFO,
    [
      [0, 100, ['10.0.0.1', 6379, 'id1', []], ['10.0.0.2', 6380, 'id2', []]],
      [101, 101, [null, 7000, 'id3', []]],
      [102, 102, ['', 7001, 'id4']],
      [103, 16_382, ['::1', 7002, 'id5']],
      [16_383, 16_383, ['?', 7003, 'id6']],
    ],
    'seed',
  )
  expect([0, 100, 101, 102, 103, 16_382, 16_383].map((slot) => owners[slot])).toEqual([
    '10.0.0.1:6379',
    '10.0.0.1:6379',
    'seed:7000',
    'seed:7001',
    '[::1]:7002',
    '[::1]:7002',
    undefined,
  ])
  expect(owners).toHaveLength(16_384)
  expect(addresses).toEqual(['10.0.0.1:6379', '10.0.0.2:6380', 'seed:7000', 'seed:7001', '[::1]:7002'])
  expect([epoch, isSound]).toEqual([7, true])
})

test('a server that finds the cluster broken says so, and slots of nobody have no owner', () => {
  const map = parseClusterMap('cluster_state:fail\r\n', [], 'seed')
  expect([map.isSound, map.epoch, map.owners[0]]).toEqual([false, 0, undefined])
})

test.each([
  [undefined, []],
  [INFO, 'OK'],
])('what is no answer of a cluster is a fault', (info, slots) => {
  expect(() => parseClusterMap(info, slots, 'seed')).toThrow('no Redis Cluster')
})

test('another server is reached as the first one is', () => {
  expect(urlAt('rediss://user:p%2Cw@seed:6379/0', '10.0.0.2:6380')).toBe('rediss://user:p%2Cw@10.0.0.2:6380/0')
  expect(urlAt('redis://seed', '[::1]:6379')).toBe('redis://[::1]:6379')
})
