import { groupConversationId, LIMITS, type ErrorFrame } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conversationOf, refusalOf } from './kit/pair.ts'
import { until } from './kit/until.ts'
import { openingOf, WireClient, WireError } from './kit/wire-client.ts'
import { entriesOf, follow, foundGroup, say, type WireGroup } from './kit/wire-group.ts'
import { startWorld, userSigOf, type World } from './kit/world.ts'

/** Rates as they are by default, but for those of sends, which a test shall reach sooner. */
const ENV = { SENDS_PER_SECOND_PER_USER: '40', GROUPS_FOUNDED_PER_HOUR_PER_USER: '3' }
const PEERS = Array.from({ length: 20 }, (_, n) => `peer${n}`)
const ROUNDS = 5

let world: World
let peers: readonly WireClient[]
let group: WireGroup

beforeAll(async () => {
  world = await startWorld({ env: ENV })
  peers = await Promise.all(PEERS.map((userId) => follow(world, userId)))
  group = await foundGroup(world, 'work', ['teacher', 'flooder', 'pupil'])
})
afterAll(() => world.stop())

interface Tally {
  readonly asked: number
  readonly granted: readonly string[]
  readonly refused: readonly ErrorFrame['error'][]
}

/** Asks so often, so many at once, and for as long as the others need; counts what becomes of it. */
async function flood(client: WireClient, command: string, bodyOf: (n: number) => object, until: Promise<unknown>) {
  let isOver = false
  void until.finally(() => (isOver = true))
  const granted: string[] = []
  let asked = 0
  const from = client.frames.length
  while (!isOver || asked < 400) {
    const answers = Array.from({ length: 100 }, () => {
      const name = `f${asked++}`
      const body = bodyOf(asked)
      return refusalOf(client.request(command as 'message.send', body)).then((refusal) => {
        if (refusal === 'nothing') granted.push('clientMsgId' in body ? String(body.clientMsgId) : name)
      })
    })
    await Promise.all(answers)
  }
  const refused = client.frames.slice(from).flatMap((frame) => (frame.type === 'error' ? [frame.error] : []))
  return { asked, granted, refused } satisfies Tally
}

/** Twenty talk in pairs, each also reading; rejects when one of them is refused anything, or a message is not there. */
async function chat(label: string): Promise<void> {
  await Promise.all(
    peers.map(async (client, index) => {
      const conversationId = conversationOf(PEERS[index] ?? '', PEERS[index ^ 1] ?? '')
      const said: string[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const text = `${label} ${index} ${round}`
        await say(client, conversationId, text)
        said.push(text)
        await client.request('message.history', { conversationId, direction: 'older', limit: LIMITS.historyPage })
      }
      const partner = peers[index ^ 1]
      await until('the partner has all of it', () => {
        const heard = partner
          ? entriesOf(partner, 'message').map(({ message }) => JSON.stringify(message.elements))
          : []
        return said.every((text) => heard.filter((elements) => elements.includes(`"${text}"`)).length === 1)
      })
    }),
  )
}

function expectHints(refused: readonly ErrorFrame['error'][], name: string): void {
  expect(refused.length).toBeGreaterThan(100)
  for (const error of refused) expect(error).toMatchObject({ name, retryable: true })
  for (const { retryAfterMs = 0 } of refused) {
    expect(Number.isInteger(retryAfterMs) && retryAfterMs > 0 && retryAfterMs <= 10_000).toBe(true)
  }
}

describe('S-R1: one floods while twenty talk, and none of them is refused', () => {
  test('with messages: what was granted is there once, what was not is refused with a hint when to come again', async () => {
    const flooder = await follow(world, 'flooder1')
    const conversationId = conversationOf('flooder1', 'victim')
    const chatting = chat('messages')
    const { granted, refused } = await flood(
      flooder,
      'message.send',
      (n) => ({ conversationId, clientMsgId: `c${n}`, elements: [{ type: 'text', text: 'flood' }] }),
      chatting,
    )
    await chatting
    expectHints(refused, 'TOO_MANY_REQUESTS')
    // The same messages again, as often as it takes, are stored once: none that was acknowledged is lost or doubled.
    await until('all pushes', () => entriesOf(flooder, 'message').length >= granted.length)
    const stored = entriesOf(flooder, 'message').map(({ message }) => message.id.split('-').slice(1).join('-'))
    expect(stored.toSorted()).toEqual(granted.toSorted())
    const { retryAfterMs = 0 } = refused.at(-1) ?? {}
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
    expect(await say(flooder, conversationId, 'patient')).toBeGreaterThan(0)
    flooder.close()
  })

  test('with pages of history: he is refused, and may still write', async () => {
    const flooder = await follow(world, 'flooder2')
    const conversationId = conversationOf('flooder2', 'victim')
    const chatting = chat('history')
    const { granted, refused } = await flood(
      flooder,
      'message.history',
      () => ({ conversationId, direction: 'older', limit: LIMITS.historyPage }),
      chatting,
    )
    expect(await say(flooder, conversationId, 'still')).toBeGreaterThan(0)
    await chatting
    expectHints(refused, 'TOO_MANY_REQUESTS')
    expect(granted.length).toBeGreaterThanOrEqual(40)
    flooder.close()
  })

  test('with logins, good ones and bad ones, of his own and in the name of another, all from one address', async () => {
    const chatting = chat('logins')
    const attempts: Promise<string>[] = []
    for (let n = 0; n < 100; n++) {
      attempts.push(openOnce('flooder3', {}))
      attempts.push(openOnce('peer0', { userSig: userSigOf('flooder3') }))
      if (n % 10 === 0) await Promise.all(attempts)
    }
    const answers = await Promise.all(attempts)
    await chatting
    expect(answers.filter((answer) => answer === 'TOO_MANY_REQUESTS').length).toBeGreaterThan(80)
    expect(answers.filter((answer) => answer === 'SIGNATURE_OF_OTHER_USER').length).toBeLessThan(50)
    // Who was impersonated so often, and everybody else at the address, comes in as ever.
    expect(await openOnce('peer0', { instanceId: 'another' })).toBe('nothing')
    const morning = await Promise.all(Array.from({ length: 100 }, (_, n) => openOnce(`parent${n}`, {})))
    expect(morning.filter((answer) => answer !== 'nothing')).toEqual([])
  })

  test('a group: one member cannot use up what all may say there, and who may not speak takes nothing from them', async () => {
    const [teacher, flooder, pupil] = group.clients
    if (!teacher || !flooder || !pupil) throw new Error('somebody is missing')
    const strangers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => follow(world, `stranger_${name}`)))
    const refusals = (client: WireClient): readonly string[] =>
      client.frames.flatMap((frame) => (frame.type === 'error' ? [frame.error.name] : []))
    const talking = (async () => {
      // Those who may not speak hold what is the members' for the moment it takes to refuse them: at first all at once.
      await until('the strangers have begun', () => strangers.every((client) => refusals(client).length > 100))
      for (let n = 0; n < 10; n++) {
        await say(teacher, group.conversationId, `teacher ${n}`)
        await say(pupil, group.conversationId, `pupil ${n}`)
      }
    })()
    const draft = (n: number): object => ({
      conversationId: group.conversationId,
      clientMsgId: `g${n}`,
      elements: [{ type: 'text', text: 'flood' }],
    })
    const [tally, ...outside] = await Promise.all([
      flood(flooder, 'message.send', draft, talking),
      ...strangers.map((client) => flood(client, 'message.send', draft, talking)),
    ])
    await talking
    expect(tally.refused.length).toBeGreaterThan(100)
    expect(tally.refused.some(({ name }) => name === 'TOO_MANY_MESSAGES')).toBe(true)
    expect(tally.granted.length).toBeGreaterThan(0)
    expect(outside.flatMap(({ granted }) => granted)).toEqual([])
    expect(strangers.every((client) => refusals(client).includes('NOT_A_MEMBER'))).toBe(true)
    const { messages } = await teacher.request('message.history', {
      conversationId: groupConversationId(group.groupId),
      direction: 'older',
      limit: LIMITS.historyPage,
    })
    const texts = messages.map(({ elements }) => JSON.stringify(elements)).join()
    for (let n = 0; n < 10; n++) expect(texts).toContain(`"teacher ${n}"`)
    for (const client of strangers) client.close()
  })

  test('so many groups an hour, and the next is refused until long after', async () => {
    const founder = await follow(world, 'founder')
    const found = (n: number) =>
      founder.request('group.create', { type: 'work', requestId: `r${n}`, groupId: `f${n}`, name: 'x', members: [] })
    for (let n = 0; n < 3; n++) await found(n)
    await expect(found(3)).rejects.toThrow(new WireError('TOO_MANY_REQUESTS'))
    const refusal = founder.frames.findLast((frame) => frame.type === 'error')
    expect(refusal).toMatchObject({ error: { retryAfterMs: expect.any(Number) } })
    expect(refusal?.type === 'error' && refusal.error.retryAfterMs).toBeGreaterThan(1_000_000)
    founder.close()
  })
})

/** The name of the error an opening is refused with; `nothing` when it is not. */
async function openOnce(userId: string, fields: object): Promise<string> {
  const client = await WireClient.connect(world.endpoint())
  const answer = await refusalOf(client.request('session.open', openingOf(userId, fields)))
  client.close()
  return answer
}
