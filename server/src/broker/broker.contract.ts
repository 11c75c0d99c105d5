import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Broker } from './broker.ts'

/** What the broker's receiver has got, in order. */
interface Ear {
  readonly broker: Broker
  readonly heard: [topic: string, payload: string][]
  lost: number
}

const PATIENCE = { timeout: 10_000, interval: 5 }
/** Enough that each server of a small cluster carries some of them. */
const READY = Array.from({ length: 16 }, (_, i) => `ready ${i}`)

/**
 * The guarantee of the seam, in its own words; run by every implementation.
 * `open` makes a further node of the same cluster each time it is called; `faults` is what its nodes complained of.
 */
export function describeBroker(name: string, open: () => Broker, faults: () => readonly unknown[]): void {
  describe(`${name} keeps the broker's contract`, () => {
    let here: Ear
    let there: Ear

    beforeEach(async () => {
      here = listen(open())
      there = listen(open())
      await Promise.all([here, there].flatMap(({ broker }) => READY.map((topic) => broker.subscribe(topic))))
      await barrier(here, there)
      here.heard.length = 0
      there.heard.length = 0
    })
    afterEach(async () => {
      await Promise.all([here.broker.close(), there.broker.close()])
    })

    test('what is published after subscribe resolved arrives at every subscribed node, in order, once', async () => {
      await Promise.all([here.broker.subscribe('a'), there.broker.subscribe('a')])
      const sent = Array.from({ length: 500 }, (_, i): [string, string] => ['a', `payload ${i}`])
      for (const [topic, payload] of sent.slice(0, 300)) here.broker.publish(topic, payload)
      await Promise.resolve()
      for (const [topic, payload] of sent.slice(300)) here.broker.publish(topic, payload)
      await barrier(here, there)
      expect(here.heard).toEqual(sent)
      expect(there.heard).toEqual(sent)
    })

    test('topics are kept apart, whatever they are called', async () => {
      const names = ['a', 'a:b', 'a*', '', ' ', '会话', 'c:x,y;z', 'a'.repeat(300)]
      await Promise.all(names.map((topic) => there.broker.subscribe(topic)))
      here.broker.publish('other', 'x')
      here.broker.publish('A', 'x')
      for (const topic of names) here.broker.publish(topic, `for ${topic}`)
      await barrier(here, there)
      expect(new Map(there.heard)).toEqual(new Map(names.map((topic) => [topic, `for ${topic}`])))
      expect(there.heard).toHaveLength(names.length)
      expect(here.heard).toEqual([])
    })

    test('payloads arrive as they were: empty, long, with separators, in any script', async () => {
      await there.broker.subscribe('a')
      const payloads = [
        '',
        ';',
        ',',
        '1,2;3',
        '{"text":"\\u0000\\n"}',
        '\0\r\n',
        '老师好 👩‍🏫',
        'x'.repeat(1_000_000),
        '',
      ]
      for (const payload of payloads) here.broker.publish('a', payload)
      await barrier(here, there)
      expect(there.heard.map(([, payload]) => payload)).toEqual(payloads)
    })

    test('the receiver is never called from within publish, and may publish itself', async () => {
      await here.broker.subscribe('a')
      await here.broker.subscribe('b')
      const calls: string[] = []
      here.broker.onPayload((topic, payload) => {
        if (topic === 'a') {
          here.broker.publish('b', payload)
          calls.push('after publish')
        } else calls.push(`${topic} ${payload}`)
      })
      here.broker.publish('a', '1')
      calls.push('published')
      await vi.waitFor(() => expect(calls).toContain('b 1'), PATIENCE)
      expect(calls).toEqual(['published', 'after publish', 'b 1'])
    })

    test('after unsubscribe nothing that is published later arrives', async () => {
      await Promise.all([here.broker.subscribe('a'), there.broker.subscribe('a')])
      here.broker.unsubscribe('a')
      there.broker.unsubscribe('a')
      here.broker.publish('a', 'x')
      await barrier(here, there)
      here.broker.publish('a', 'y')
      await barrier(here, there)
      expect([...here.heard, ...there.heard]).toEqual([])
    })

    test('the last of subscribe and unsubscribe counts, however fast they follow each other', async () => {
      const topics = Array.from({ length: 50 }, (_, i) => `t${i}`)
      for (let round = 0; round < 20; round += 1) {
        const wishes = topics.map((topic) => there.broker.subscribe(topic))
        const outcomes = Promise.allSettled(wishes)
        if (round % 3 === 1) await new Promise((resolve) => setImmediate(resolve))
        for (const topic of topics) there.broker.unsubscribe(topic)
        if (round % 3 === 2) await new Promise((resolve) => setImmediate(resolve))
        if (round % 5 === 4) await outcomes
      }
      await Promise.all(topics.slice(25).map((topic) => there.broker.subscribe(topic)))
      for (const topic of topics) here.broker.publish(topic, 'x')
      await barrier(here, there)
      // No order is promised between topics.
      expect(there.heard.map(([topic]) => topic).toSorted()).toEqual(topics.slice(25))
    })

    test('subscribing twice is harmless: each payload comes once, and one unsubscribe ends it', async () => {
      await Promise.all([there.broker.subscribe('a'), there.broker.subscribe('a')])
      await there.broker.subscribe('a')
      here.broker.publish('a', '1')
      await barrier(here, there)
      there.broker.unsubscribe('a')
      there.broker.unsubscribe('a')
      there.broker.unsubscribe('never subscribed')
      here.broker.publish('a', '2')
      await barrier(here, there)
      expect(there.heard).toEqual([['a', '1']])
    })

    test('thousands of topics are subscribed together and each gets its own', async () => {
      const topics = Array.from({ length: 5_000 }, (_, i) => `topic ${i}`)
      await Promise.all(topics.map((topic) => there.broker.subscribe(topic)))
      for (const topic of topics) here.broker.publish(topic, `for ${topic}`)
      await barrier(here, there)
      expect(there.heard).toHaveLength(topics.length)
      expect(there.heard.every(([topic, payload]) => payload === `for ${topic}`)).toBe(true)
    })

    test('a receiver that throws is reported and costs the others nothing', async () => {
      await there.broker.subscribe('a')
      const before = faults().length
      const heard: string[] = []
      there.broker.onPayload((_, payload) => {
        if (payload === 'bad') throw new Error('planted')
        heard.push(payload)
      })
      for (const payload of ['1', 'bad', '2']) here.broker.publish('a', payload)
      await vi.waitFor(() => expect(heard).toEqual(['1', '2']), PATIENCE)
      expect(faults().slice(before).map(String)).toEqual(['Error: planted'])
    })

    test('the counts are of what was published, dropped and received', async () => {
      const before = { here: here.broker.stats(), there: there.broker.stats() }
      await there.broker.subscribe('a')
      for (let i = 0; i < 10; i += 1) here.broker.publish('a', 'x')
      await vi.waitFor(() => expect(there.heard).toHaveLength(10), PATIENCE)
      const after = { here: here.broker.stats(), there: there.broker.stats() }
      expect(after.here).toEqual({ ...before.here, published: before.here.published + 10 })
      expect(after.there).toEqual({ ...before.there, received: before.there.received + 10 })
    })

    test('without a loss nobody is told of one', async () => {
      await barrier(here, there)
      expect([here.lost, there.lost]).toEqual([0, 0])
    })

    test('after close publish is counted as dropped, subscribe is rejected, and closing again is harmless', async () => {
      const waiting = here.broker.subscribe('late').then(
        () => 'settled',
        () => 'settled',
      )
      await here.broker.close()
      expect(await waiting).toBe('settled')
      const { dropped } = here.broker.stats()
      here.broker.publish('ready 0', 'x')
      here.broker.unsubscribe('ready 0')
      await expect(here.broker.subscribe('a')).rejects.toThrow('closed')
      await here.broker.close()
      expect(here.broker.stats().dropped).toBe(dropped + 1)
      there.broker.publish('ready 0', 'y')
      await vi.waitFor(() => expect(there.heard).toEqual([['ready 0', 'y']]), PATIENCE)
      expect(here.heard).toEqual([])
    })
  })
}

function listen(broker: Broker): Ear {
  const ear: Ear = { broker, heard: [], lost: 0 }
  broker.onPayload((topic, payload) => ear.heard.push([topic, payload]))
  broker.onLost(() => {
    ear.lost += 1
  })
  return ear
}

let barriers = 0

/** Returns when what `from` published before has arrived at both, whichever way it went, if it was to arrive at all. */
async function barrier(from: Ear, to: Ear): Promise<void> {
  const mark = `barrier ${(barriers += 1)}`
  const isHere = (ear: Ear, ready: string) => ear.heard.some(([topic, payload]) => topic === ready && payload === mark)
  for (const ready of READY) from.broker.publish(ready, mark)
  await vi.waitFor(() => {
    for (const ready of READY) {
      // At the very start the publisher's link may not be up yet, and a payload dropped then never comes.
      if (!isHere(to, ready) && from.broker.stats().dropped > 0) from.broker.publish(ready, mark)
    }
    expect(READY.every((ready) => isHere(from, ready) && isHere(to, ready))).toBe(true)
  }, PATIENCE)
  for (const ear of [from, to]) {
    const others = ear.heard.filter(([, payload]) => payload !== mark)
    ear.heard.splice(0, ear.heard.length, ...others)
  }
}
