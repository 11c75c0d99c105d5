import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settle } from '../../test/kit/manual-clock.ts'
import { Inbox } from './inbox.ts'

/** An inbox whose items end when the test says so. */
function startInbox(maxPending = 100) {
  const begun: string[] = []
  const signals: string[] = []
  const ends = new Map<string, () => void>()
  const asides = new Map<string, () => void>()
  const source = { pause: () => signals.push('full'), resume: () => signals.push('room') }
  const idles: number[] = []
  const inbox = new Inbox(source, maxPending, () => idles.push(begun.length))
  const add = (name: string): void =>
    inbox.add({
      isPipelined: name.startsWith('send'),
      serve: (stepAside) => {
        begun.push(name)
        asides.set(name, stepAside)
        return new Promise((resolve) => ends.set(name, resolve))
      },
    })
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.()
    await settle()
  }
  const stepAside = (name: string): void => asides.get(name)?.()
  return { inbox, begun, signals, idles, add, end, stepAside }
}

describe('[REQ-2] requests take effect in the order received', () => {
  test('sends begin in order and do not wait for each other', () => {
    const { begun, add } = startInbox()
    for (const name of ['send 1', 'send 2', 'send 3']) add(name)
    expect(begun).toEqual(['send 1', 'send 2', 'send 3'])
  })

  test('anything else waits for all before it, and holds all after it', async () => {
    const { begun, add, end } = startInbox()
    for (const name of ['send 1', 'send 2', 'read', 'send 3', 'send 4']) add(name)
    expect(begun).toEqual(['send 1', 'send 2'])
    await end('send 2')
    expect(begun).toEqual(['send 1', 'send 2'])
    await end('send 1')
    expect(begun).toEqual(['send 1', 'send 2', 'read'])
    await end('read')
    expect(begun).toEqual(['send 1', 'send 2', 'read', 'send 3', 'send 4'])
  })

  test('two that are no sends are served one after the other', async () => {
    const { begun, add, end } = startInbox()
    add('read')
    add('pin')
    expect(begun).toEqual(['read'])
    await end('read')
    expect(begun).toEqual(['read', 'pin'])
  })

  test('what has taken its effect may step aside: those behind it begin before it is done', async () => {
    const { inbox, begun, idles, add, end, stepAside } = startInbox()
    for (const name of ['resume', 'send 1', 'read', 'send 2']) add(name)
    expect(begun).toEqual(['resume'])
    stepAside('resume')
    stepAside('resume')
    expect(begun).toEqual(['resume', 'send 1'])
    await end('send 1')
    expect(begun).toEqual(['resume', 'send 1', 'read'])
    stepAside('resume')
    expect(begun).toEqual(['resume', 'send 1', 'read'])
    await end('read')
    await end('send 2')
    expect(inbox.pending).toBe(1)
    expect(idles).toEqual([])
    await end('resume')
    expect(inbox.pending).toBe(0)
    expect(idles).toEqual([4])
  })

  test('what has stepped aside is still counted: nobody begins more than the bound by it', async () => {
    const { inbox, signals, add, end, stepAside } = startInbox(4)
    for (const name of ['resume 1', 'resume 2', 'resume 3', 'resume 4']) {
      add(name)
      stepAside(name)
    }
    expect(inbox.pending).toBe(4)
    expect(signals).toEqual(['full'])
    await end('resume 2')
    await end('resume 1')
    expect(signals).toEqual(['full', 'room'])
  })

  test('for any mixture and any order of ending: in order, and nothing beside what must be alone', async () => {
    const names = fc.array(fc.constantFrom('send', 'other'), { maxLength: 15 })
    await fc.assert(
      fc.asyncProperty(names, fc.infiniteStream(fc.nat()), async (kinds, picks) => {
        const { inbox, begun, add, end } = startInbox()
        const all = kinds.map((kind, index) => `${kind} ${index}`)
        for (const name of all) add(name)
        const ended = new Set<string>()
        while (ended.size < all.length) {
          const running = begun.filter((name) => !ended.has(name))
          expect(running.length).toBeGreaterThan(0)
          if (running.some((name) => name.startsWith('other'))) expect(running).toHaveLength(1)
          const next = running[(picks.next().value ?? 0) % running.length] ?? ''
          ended.add(next)
          await end(next)
        }
        expect(begun).toEqual(all)
        expect(inbox.pending).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the bound of an inbox', () => {
  test('is told once when it is reached, and once when half of it is free again', async () => {
    const { signals, add, end } = startInbox(4)
    for (let index = 1; index <= 6; index++) add(`send ${index}`)
    expect(signals).toEqual(['full'])
    for (let index = 1; index <= 3; index++) await end(`send ${index}`)
    expect(signals).toEqual(['full'])
    await end('send 4')
    expect(signals).toEqual(['full', 'room'])
    for (const name of ['send 7', 'send 8']) add(name)
    expect(signals).toEqual(['full', 'room', 'full'])
  })

  test('counts what waits and what is being served', async () => {
    const { inbox, add, end } = startInbox()
    for (const name of ['send 1', 'read', 'pin']) add(name)
    expect(inbox.pending).toBe(3)
    await end('send 1')
    expect(inbox.pending).toBe(2)
  })

  test('clear forgets what waits; what is being served ends', async () => {
    const { inbox, begun, add, end } = startInbox()
    add('read')
    add('pin')
    inbox.clear()
    await end('read')
    expect(begun).toEqual(['read'])
    expect(inbox.pending).toBe(0)
  })
})

test('says when nothing waits or is served any more, and not before', async () => {
  const { idles, add, end } = startInbox()
  for (const name of ['send 1', 'send 2', 'read']) add(name)
  for (const name of ['send 1', 'send 2']) await end(name)
  expect(idles).toEqual([])
  await end('read')
  expect(idles).toEqual([3])
  add('send 3')
  await end('send 3')
  expect(idles).toEqual([3, 4])
})
