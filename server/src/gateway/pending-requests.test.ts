import { expect, test } from 'vitest'
import { settle } from '../../test/kit/manual-clock.ts'
import { PendingRequests } from './pending-requests.ts'

function start() {
  const told: string[] = []
  const connection = { pause: () => told.push('pause'), resume: () => told.push('resume') }
  const requests = new PendingRequests(connection, () => told.push('idle'))
  const ends = new Map<number, () => void>()
  const add = (id: number): void => {
    requests.add(id, { isPipelined: true, serve: () => new Promise((resolve) => ends.set(id, resolve)) })
  }
  const end = async (id: number): Promise<void> => {
    requests.answered(id)
    ends.get(id)?.()
    await settle()
  }
  return { requests, told, add, end }
}

test('an id is taken until its answer is on its way', async () => {
  const { requests, add, end } = start()
  add(1)
  expect([requests.has(1), requests.has(2)]).toEqual([true, false])
  await end(1)
  expect(requests.has(1)).toBe(false)
})

test('nothing of it is needed once everything is done', async () => {
  const { told, add, end } = start()
  add(1)
  add(2)
  await end(1)
  expect(told).toEqual([])
  await end(2)
  expect(told).toEqual(['idle'])
})

test('while it is shut for a flood it is needed, whatever is done meanwhile', async () => {
  const { requests, told, add, end } = start()
  add(1)
  requests.shutForFlood()
  await end(1)
  expect(requests.isFlooded).toBe(true)
  expect(told).toEqual(['pause'])
  requests.openAfterFlood()
  expect(told).toEqual(['pause', 'resume', 'idle'])
})

test('opened again with requests under way, it waits for them', async () => {
  const { requests, told, add, end } = start()
  requests.shutForFlood()
  add(1)
  requests.openAfterFlood()
  expect(told).toEqual(['pause', 'resume'])
  await end(1)
  expect(told).toEqual(['pause', 'resume', 'idle'])
})
