import type { ErrorName } from '@hongyan/protocol'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/virtual-clock.ts'
import type { Outcome } from './failure.ts'
import { Requests } from './requests.ts'

interface Sent {
  readonly id: number
  readonly body: { readonly userIds: readonly string[] }
}

function make() {
  const clock = new VirtualClock()
  const sent: Sent[] = []
  const outcomes: string[] = []
  let isUp = true
  const requests = new Requests({
    clock,
    random: () => 0.5,
    timeoutMs: 15_000,
    transmit: (text) => {
      if (isUp) sent.push(JSON.parse(text) as Sent)
      return isUp
    },
  })
  const ask = (name: string, options = {}): void => {
    const settle = (outcome: Outcome<unknown>): void => {
      outcomes.push(`${name} ${outcome.ok ? 'ok' : outcome.failure}`)
    }
    requests.ask('profile.get', { userIds: [name as never] }, settle, options)
  }
  const names = (): string[] => sent.splice(0).map(({ body }) => body.userIds[0] ?? '')
  const down = (): void => {
    isUp = false
    requests.lose()
  }
  const up = (): void => {
    isUp = true
    requests.flow()
  }
  return { clock, sent, outcomes, requests, ask, names, down, up }
}

test('what was on the wire, what rested and what waited goes out again in the order it was asked', async () => {
  const { clock, sent, requests, ask, names, down, up } = make()
  up()
  for (let n = 0; n < 103; n++) ask(`n${n}`)
  const second = sent[1]
  expect(names()).toHaveLength(100)
  requests.onAnswer({ type: 'error', id: second?.id ?? 0, name: 'BUSY', isRetryable: true, retryAfterMs: 0 })
  expect(names()).toEqual(['n100'])
  down()
  ask('late')
  up()
  const again = names()
  expect(again).toEqual(Array.from({ length: 100 }, (_, n) => `n${n}`))
  await clock.pass(1000)
  expect(names()).toEqual([])
})

test('an id is never used for two sendings, and an answer to an earlier one is nobody’s', () => {
  const { sent, outcomes, requests, ask, down, up } = make()
  up()
  ask('a')
  const first = sent[0]?.id ?? 0
  down()
  up()
  const second = sent[1]?.id ?? 0
  expect(second).not.toBe(first)
  requests.onAnswer({ type: 'reply', id: first, body: {} as never })
  expect(outcomes).toEqual([])
  requests.onAnswer({ type: 'reply', id: second, body: {} as never })
  requests.onAnswer({ type: 'reply', id: second, body: {} as never })
  expect(outcomes).toEqual(['a ok'])
})

test('what belongs to a session fails with it, and at once when there is none', () => {
  const { outcomes, ask, names, down, up } = make()
  up()
  ask('sync', { scope: 'session' })
  ask('mine')
  down()
  expect(outcomes).toEqual(['sync CLOSED'])
  ask('again', { scope: 'session' })
  expect(outcomes).toEqual(['sync CLOSED', 'again CLOSED'])
  names()
  up()
  expect(names()).toEqual(['mine'])
})

test('what the server was too busy for rests as long as it says, and somewhat longer each time', async () => {
  const { clock, sent, requests, ask, up } = make()
  up()
  ask('a')
  const refuse = (retryAfterMs: number): void => {
    requests.onAnswer({
      type: 'error',
      id: sent.at(-1)?.id ?? 0,
      name: 'TOO_MANY_REQUESTS',
      isRetryable: true,
      retryAfterMs,
    })
  }
  const waited: number[] = []
  for (const hintMs of [0, 2000, 700]) {
    refuse(hintMs)
    const before = sent.length
    const fromMs = clock.monotonicMs()
    while (sent.length === before) await clock.pass(1)
    waited.push(clock.monotonicMs() - fromMs)
  }
  // Three quarters of 250, 500 and 1000 ms are its own: the random number here is always one half.
  expect(waited).toEqual([188, 2375, 1450])
})

test('each settles once, whatever comes first, and leaves no timer', async () => {
  const { clock, sent, outcomes, requests, ask, down, up } = make()
  up()
  for (const name of ['answered', 'refused', 'busy', 'silent', 'closed']) ask(name)
  const ids = sent.map(({ id }) => id)
  requests.onAnswer({ type: 'reply', id: ids[0] ?? 0, body: {} as never })
  requests.onAnswer({ type: 'error', id: ids[1] ?? 0, name: 'NOT_A_MEMBER', isRetryable: false, retryAfterMs: 0 })
  requests.onAnswer({ type: 'error', id: ids[2] ?? 0, name: 'BUSY', isRetryable: true, retryAfterMs: 0 })
  await clock.pass(15_100)
  ask('offline')
  down()
  ask('never sent')
  requests.close('CLOSED')
  await clock.pass(60_000)
  expect([...outcomes].sort()).toEqual([
    'answered ok',
    'busy BUSY',
    'closed TIMEOUT',
    'never sent CLOSED',
    'offline CLOSED',
    'refused NOT_A_MEMBER',
    'silent TIMEOUT',
  ])
  expect(clock.pending).toBe(0)
})

test('no more than a bound waits; what is too much is refused at once', () => {
  const { outcomes, ask } = make()
  for (let n = 0; n < 4100; n++) ask(`n${n}`)
  expect(outcomes).toEqual(['n4096', 'n4097', 'n4098', 'n4099'].map((name) => `${name} TOO_MANY_REQUESTS`))
})

test('what refuses because it is done already is granted, if it went out more than once and only then', () => {
  const { sent, outcomes, requests, ask, down, up } = make()
  const replyIfDone = (refusal: string): unknown => (refusal === 'ALREADY_REACTED' ? {} : undefined)
  const refuse = (name: ErrorName): void => {
    requests.onAnswer({ type: 'error', id: sent.at(-1)?.id ?? 0, name, isRetryable: false, retryAfterMs: 0 })
  }
  up()
  ask('once', { replyIfDone })
  refuse('ALREADY_REACTED')
  ask('twice', { replyIfDone })
  down()
  up()
  refuse('ALREADY_REACTED')
  ask('other', { replyIfDone })
  down()
  up()
  refuse('NO_SUCH_MESSAGE')
  down()
  ask('waited', { replyIfDone })
  up()
  refuse('ALREADY_REACTED')
  expect(outcomes).toEqual(['once ALREADY_REACTED', 'twice ok', 'other NO_SUCH_MESSAGE', 'waited ALREADY_REACTED'])
})

test('what no frame can hold is refused at once, and never sent', () => {
  const { sent, outcomes, ask, up } = make()
  up()
  ask('x'.repeat(64 * 1024))
  ask('汉'.repeat(22 * 1024))
  ask('fits')
  expect(outcomes).toEqual([expect.stringMatching(/^x+ BAD_REQUEST$/), expect.stringMatching(/^汉+ BAD_REQUEST$/)])
  expect(sent.map(({ body }) => body.userIds)).toEqual([['fits']])
})
