import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conversationOf, refusalOf } from './kit/pair.ts'
import { until } from './kit/until.ts'
import { entriesOf, follow, foundGroup, say } from './kit/wire-group.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const LIKE = { reactionId: '👍' }
const EXTENSIBLE = { extensible: true }

describe('reactions', () => {
  test('are seen by everybody, counted, and taken back', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'public', ['ra_t', 'ra_a', 'ra_b'])
    const [, anna, bert] = clients
    if (!anna || !bert) throw new Error('no members')
    await anna.request('profile.update', { nick: '安娜' })
    const seq = await say(owner, conversationId, 'good news')
    await anna.request('reaction.add', { conversationId, seq, ...LIKE })
    await bert.request('reaction.add', { conversationId, seq, ...LIKE })
    await bert.request('reaction.add', { conversationId, seq, reactionId: 'heart' })
    await until('the sender sees them', () => entriesOf(owner, 'reaction').length === 3)
    expect(entriesOf(owner, 'reaction')[1]).toMatchObject({
      seq,
      messageId: expect.stringMatching(/^\d+-d\d+$/),
      userId: 'ra_b',
      added: true,
      total: 2,
      users: [{ userId: 'ra_a', nick: '安娜' }, { userId: 'ra_b' }],
    })
    const listOf = (usersPerReaction: number): ReturnType<typeof anna.request<'reaction.list'>> =>
      anna.request('reaction.list', { conversationId, seqs: [seq, 1], usersPerReaction })
    expect((await listOf(1)).messages).toEqual([
      {
        seq,
        reactions: [
          { reactionId: '👍', total: 2, isMine: true, users: [{ userId: 'ra_a', nick: '安娜', avatar: '' }] },
          { reactionId: 'heart', total: 1, isMine: false, users: [{ userId: 'ra_b', nick: '', avatar: '' }] },
        ],
      },
    ])
    expect((await listOf(0)).messages[0]?.reactions[0]).toMatchObject({ total: 2, users: [] })
    await anna.request('reaction.remove', { conversationId, seq, ...LIKE })
    await until('the sender sees that', () => entriesOf(owner, 'reaction').length === 4)
    expect(entriesOf(owner, 'reaction')[3]).toMatchObject({ added: false, total: 1, users: [{ userId: 'ra_b' }] })
    const refused = (command: 'reaction.add' | 'reaction.remove', reactionId: string): Promise<string> =>
      refusalOf(bert.request(command, { conversationId, seq, reactionId }))
    expect(await refused('reaction.add', '👍')).toBe('ALREADY_REACTED')
    expect(await refused('reaction.remove', 'none')).toBe('NO_SUCH_REACTION')
    expect(await refusalOf(anna.request('reaction.remove', { conversationId, seq, ...LIKE }))).toBe('NOT_REACTED')
  })

  test('are ten kinds at most, and all who react are listed page by page in their order', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'work', ['rk_t', 'rk_a', 'rk_b', 'rk_c'])
    const seq = await say(owner, conversationId, 'vote')
    for (let kind = 0; kind < 10; kind++)
      await owner.request('reaction.add', { conversationId, seq, reactionId: `kind ${kind}` })
    const eleventh = owner.request('reaction.add', { conversationId, seq, reactionId: 'kind 10' })
    expect(await refusalOf(eleventh)).toBe('TOO_MANY_REACTIONS')
    for (const client of [clients[3], clients[1], clients[2]])
      await client?.request('reaction.add', { conversationId, seq, reactionId: 'kind 4' })
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await owner.request('reaction.users', {
        conversationId,
        seq,
        reactionId: 'kind 4',
        limit: 3,
        ...(after === undefined ? {} : { after }),
      })
      found.push(...page.users.map(({ userId }) => userId))
      after = page.next
    } while (after !== undefined)
    expect(found).toEqual(['rk_t', 'rk_c', 'rk_a', 'rk_b'])
  })

  test('that race are all counted once', async () => {
    const users = Array.from({ length: 8 }, (_, index) => `rr_${index}`)
    const { conversationId, owner, clients } = await foundGroup(world, 'public', users)
    const seq = await say(owner, conversationId, 'race')
    const answers = await Promise.all(
      [...clients, ...clients].map((client) =>
        refusalOf(client.request('reaction.add', { conversationId, seq, ...LIKE })),
      ),
    )
    expect(answers.filter((answer) => answer === 'nothing')).toHaveLength(8)
    expect(answers.filter((answer) => answer === 'ALREADY_REACTED')).toHaveLength(8)
    await until('all are seen', () => entriesOf(owner, 'reaction').length === 8)
    expect(entriesOf(owner, 'reaction').map(({ total }) => total)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('go with their message when it is revoked, and no new ones come', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'public', ['rv_t', 'rv_a'])
    const anna = clients[1] ?? owner
    const seq = await say(owner, conversationId, 'slip', EXTENSIBLE)
    await anna.request('reaction.add', { conversationId, seq, ...LIKE })
    await anna.request('extension.set', { conversationId, seq, extensions: [{ key: 'k', value: 'v' }] })
    await owner.request('message.revoke', { conversationId, seq })
    const asked = { conversationId, seqs: [seq], usersPerReaction: 5 }
    expect(await anna.request('reaction.list', asked)).toEqual({ messages: [] })
    expect(await anna.request('reaction.users', { conversationId, seq, ...LIKE, limit: 5 })).toEqual({ users: [] })
    expect(await anna.request('extension.list', { conversationId, seq })).toEqual({ extensions: [] })
    for (const refused of [
      anna.request('reaction.add', { conversationId, seq, reactionId: 'x' }),
      anna.request('reaction.remove', { conversationId, seq, ...LIKE }),
      anna.request('extension.set', { conversationId, seq, extensions: [{ key: 'k', value: 'w' }] }),
      anna.request('extension.delete', { conversationId, seq, keys: [] }),
    ])
      expect(await refusalOf(refused)).toBe('MESSAGE_REVOKED')
  })

  test('are possible between two people', async () => {
    const [anna, bert] = [await follow(world, 'rc_a'), await follow(world, 'rc_b')]
    const conversationId = conversationOf('rc_a', 'rc_b')
    const seq = await say(anna, conversationId, 'hi')
    await until('it arrives', () => entriesOf(bert, 'message').length === 1)
    await bert.request('reaction.add', { conversationId, seq, ...LIKE })
    await until('she sees it', () => entriesOf(anna, 'reaction').length === 1)
    const stranger = await follow(world, 'rc_c')
    const added = stranger.request('reaction.add', { conversationId, seq, ...LIKE })
    expect(await refusalOf(added)).toBe('NOT_A_MEMBER')
  })
})

describe('what is put on a message', () => {
  test('is not for those who may not see the message, nor told to them', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'public', ['vt_t', 'vt_a', 'vt_b'])
    const [, anna, bert] = clients
    if (!anna || !bert) throw new Error('no members')
    const secret = await say(owner, conversationId, 'for Anna', { receiverIds: ['vt_a'], ...EXTENSIBLE })
    await anna.request('reaction.add', { conversationId, seq: secret, ...LIKE })
    await owner.request('extension.set', { conversationId, seq: secret, extensions: [{ key: 'k', value: 'v' }] })
    const open = await say(owner, conversationId, 'for all')
    for (const client of clients)
      await until('all is heard', () => entriesOf(client, 'message').some(({ message }) => message.seq === open))
    expect([anna, owner].map((client) => entriesOf(client, 'reaction').length)).toEqual([1, 1])
    expect([anna, owner].map((client) => entriesOf(client, 'extensions').length)).toEqual([1, 1])
    expect([...entriesOf(bert, 'reaction'), ...entriesOf(bert, 'extensions')]).toEqual([])
    expect(entriesOf(bert, 'skipped')).toHaveLength(3)
    const asked = { conversationId, seqs: [secret], usersPerReaction: 5 }
    expect(await bert.request('reaction.list', asked)).toEqual({ messages: [] })
    for (const refused of [
      bert.request('reaction.add', { conversationId, seq: secret, ...LIKE }),
      bert.request('reaction.users', { conversationId, seq: secret, ...LIKE, limit: 1 }),
      bert.request('extension.list', { conversationId, seq: secret }),
      bert.request('extension.set', { conversationId, seq: secret, extensions: [{ key: 'k', value: 'w' }] }),
    ])
      expect(await refusalOf(refused)).toBe('NO_SUCH_MESSAGE')
  })

  test('is not for who came later, nor for who is gone', async () => {
    const { conversationId, groupId, owner, clients } = await foundGroup(world, 'work', ['vl_t', 'vl_a'])
    const seq = await say(owner, conversationId, 'before')
    const late = await follow(world, 'vl_late')
    await owner.request('group.invite', { groupId, userIds: ['vl_late'] })
    const react = (client: typeof late): Promise<string> =>
      refusalOf(client.request('reaction.add', { conversationId, seq, ...LIKE }))
    expect(await react(late)).toBe('NO_SUCH_MESSAGE')
    const anna = clients[1] ?? owner
    await owner.request('group.kick', { groupId, userIds: ['vl_a'] })
    expect(await react(anna)).toBe('NOT_A_MEMBER')
    expect(await refusalOf(anna.request('group.attributes', { groupId }))).toBe('NOT_A_MEMBER')
  })
})

describe('extensions', () => {
  test('are set by anybody, the last writer winning, and only what changes is told', async () => {
    const { conversationId, owner, clients } = await foundGroup(world, 'work', ['ex_t', 'ex_a'])
    const anna = clients[1] ?? owner
    const seq = await say(owner, conversationId, 'who brings what?', EXTENSIBLE)
    const set = (client: typeof anna, values: Record<string, string>): Promise<unknown> =>
      client.request('extension.set', {
        conversationId,
        seq,
        extensions: Object.entries(values).map(([key, value]) => ({ key, value })),
      })
    await set(owner, { cake: '', juice: 'Bert' })
    await set(anna, { cake: 'Anna', juice: 'Bert' })
    await set(anna, { cake: 'Anna' })
    expect(await owner.request('extension.list', { conversationId, seq })).toEqual({
      extensions: [
        { key: 'cake', value: 'Anna' },
        { key: 'juice', value: 'Bert' },
      ],
    })
    expect(await owner.request('extension.delete', { conversationId, seq, keys: ['juice', 'tea'] })).toEqual({
      keys: ['juice'],
    })
    await until('all is heard', () => entriesOf(anna, 'extensions').length === 3)
    expect(entriesOf(anna, 'extensions').map(({ set: each, deleted }) => [each, deleted])).toEqual([
      [
        [
          { key: 'cake', value: '' },
          { key: 'juice', value: 'Bert' },
        ],
        [],
      ],
      [[{ key: 'cake', value: 'Anna' }], []],
      [[], ['juice']],
    ])
    expect(await owner.request('extension.delete', { conversationId, seq, keys: [] })).toEqual({ keys: ['cake'] })
    expect(await refusalOf(owner.request('extension.delete', { conversationId, seq, keys: [] }))).toBe(
      'NO_SUCH_EXTENSION',
    )
  })

  test('have their limits, and need a message that allows them', async () => {
    const { conversationId, owner } = await foundGroup(world, 'work', ['el_t'])
    const plain = await say(owner, conversationId, 'plain')
    const set = (seq: number, extensions: object[]): Promise<string> =>
      refusalOf(owner.request('extension.set', { conversationId, seq, extensions }))
    expect(await set(plain, [{ key: 'k', value: 'v' }])).toBe('NOT_EXTENSIBLE')
    const seq = await say(owner, conversationId, 'open', EXTENSIBLE)
    expect(await set(seq, [{ key: '键'.repeat(34), value: '' }])).toBe('TOO_MANY_EXTENSIONS')
    expect(await set(seq, [{ key: 'k', value: '值'.repeat(342) }])).toBe('TOO_MANY_EXTENSIONS')
    for (let page = 0; page < 15; page++) {
      const extensions = Array.from({ length: 20 }, (_, index) => ({
        key: `${page} ${index}`,
        value: '值'.repeat(341),
      }))
      expect(await set(seq, extensions)).toBe('nothing')
    }
    expect(await set(seq, [{ key: 'one more', value: '' }])).toBe('TOO_MANY_EXTENSIONS')
    expect(await set(seq, [{ key: '0 0', value: 'changed' }])).toBe('nothing')
    expect((await owner.request('extension.list', { conversationId, seq })).extensions).toHaveLength(300)
  })
})

describe('a group’s attributes', () => {
  test('are set by any member, replaced, deleted, and told only where they change', async () => {
    const { groupId, owner, clients } = await foundGroup(world, 'public', ['at_t', 'at_a'])
    const anna = clients[1] ?? owner
    await anna.request('group.setAttributes', {
      groupId,
      attributes: { room: '302', ['__proto__']: 'x' },
      replaces: false,
    })
    await owner.request('group.setAttributes', { groupId, attributes: { room: '302', time: '8' }, replaces: false })
    await owner.request('group.setAttributes', { groupId, attributes: { room: '302' }, replaces: false })
    expect((await anna.request('group.attributes', { groupId })).attributes).toMatchObject({ room: '302', time: '8' })
    await owner.request('group.setAttributes', { groupId, attributes: { time: '9', day: 'Mon' }, replaces: true })
    expect(await anna.request('group.attributes', { groupId })).toEqual({ attributes: { day: 'Mon', time: '9' } })
    expect(await anna.request('group.deleteAttributes', { groupId, keys: ['day', 'none'] })).toEqual({ keys: ['day'] })
    expect(await refusalOf(anna.request('group.deleteAttributes', { groupId, keys: ['day'] }))).toBe(
      'NO_SUCH_ATTRIBUTE',
    )
    await until('all is told', () => entriesOf(owner, 'attributes').length === 4)
    expect(entriesOf(owner, 'attributes').map(({ set, deleted }) => [Object.keys(set), [...deleted].sort()])).toEqual([
      [['room', '__proto__'], []],
      [['time'], []],
      [
        ['time', 'day'],
        ['__proto__', 'room'],
      ],
      [[], ['day']],
    ])
    expect(await anna.request('group.deleteAttributes', { groupId, keys: [] })).toEqual({ keys: ['time'] })
  })

  test('have their limits', async () => {
    const { groupId, owner } = await foundGroup(world, 'work', ['al_t'])
    const set = (attributes: Record<string, string>): Promise<string> =>
      refusalOf(owner.request('group.setAttributes', { groupId, attributes, replaces: false }))
    expect(await set({ ['k'.repeat(33)]: '' })).toBe('TOO_MANY_ATTRIBUTES')
    expect(await set({ k: '值'.repeat(1366) })).toBe('TOO_MANY_ATTRIBUTES')
    expect(await set({ a: 'x'.repeat(4096), b: 'x'.repeat(4096), c: 'x'.repeat(4096) })).toBe('nothing')
    expect(await set({ d: 'x'.repeat(4096) })).toBe('TOO_MANY_ATTRIBUTES')
    expect(await set(Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`k${index}`, ''])))).toBe('nothing')
    expect(await set({ seventeenth: '' })).toBe('TOO_MANY_ATTRIBUTES')
    expect(await refusalOf(owner.request('group.attributes', { groupId: 'no_such_group' }))).toBe('NO_SUCH_GROUP')
  })
})

describe('a group’s counters', () => {
  test('lose nothing of what several add at once', async () => {
    const users = Array.from({ length: 5 }, (_, index) => `co_${index}`)
    const { groupId, owner, clients } = await foundGroup(world, 'public', users)
    await owner.request('group.setCounters', { groupId, counters: { votes: 10, other: 1 }, adds: false })
    const adds = clients.flatMap((client) =>
      Array.from({ length: 10 }, () =>
        client.request('group.setCounters', { groupId, counters: { votes: 1 }, adds: true }),
      ),
    )
    const values = (await Promise.all(adds)).map(({ counters }) => counters['votes'])
    expect(new Set(values).size).toBe(50)
    expect(await owner.request('group.counters', { groupId })).toEqual({ counters: { votes: 60, other: 1 } })
    await owner.request('group.setCounters', { groupId, counters: { votes: -5 }, adds: true })
    await owner.request('group.setCounters', { groupId, counters: { votes: 55 }, adds: false })
    await until('each change is told once', () => entriesOf(owner, 'counters').at(-1)?.counters['votes'] === 55)
    expect(entriesOf(owner, 'counters')).toHaveLength(52)
  })

  test('stay exact numbers, and twenty at most', async () => {
    const { groupId, owner } = await foundGroup(world, 'work', ['cl_t'])
    const set = (counters: Record<string, number>, adds: boolean): Promise<string> =>
      refusalOf(owner.request('group.setCounters', { groupId, counters, adds }))
    expect(await set({ big: Number.MAX_SAFE_INTEGER, small: -Number.MAX_SAFE_INTEGER }, false)).toBe('nothing')
    expect(await set({ big: 1 }, true)).toBe('TOO_MANY_COUNTERS')
    expect(await set({ small: -1 }, true)).toBe('TOO_MANY_COUNTERS')
    expect(await set(Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`c${index}`, 0])), true)).toBe(
      'nothing',
    )
    expect(await set({ more: 1 }, true)).toBe('TOO_MANY_COUNTERS')
    expect((await owner.request('group.counters', { groupId })).counters['big']).toBe(Number.MAX_SAFE_INTEGER)
  })
})

describe('pinned messages', () => {
  test('are pinned by leaders, shown to all as they are now, and gone when revoked', async () => {
    const { conversationId, groupId, owner, clients } = await foundGroup(world, 'public', ['pi_t', 'pi_a'])
    const anna = clients[1] ?? owner
    const [first, second] = [await say(owner, conversationId, 'one'), await say(anna, conversationId, 'two')]
    const pin = (client: typeof anna, seq: number, pinned: boolean): Promise<string> =>
      refusalOf(client.request('group.pinMessage', { conversationId, seq, pinned }))
    expect(await pin(anna, first, true)).toBe('NOT_PERMITTED')
    expect(await pin(owner, first, true)).toBe('nothing')
    expect(await pin(owner, second, true)).toBe('nothing')
    expect(await pin(owner, second, true)).toBe('ALREADY_PINNED')
    expect(await pin(owner, 999, true)).toBe('NO_SUCH_MESSAGE')
    expect(await pin(owner, 999, false)).toBe('NOT_PINNED')
    const pinned = async (): Promise<unknown> =>
      (await anna.request('group.pinnedMessages', { groupId })).pinned.map(({ message, by }) => [
        message.seq,
        by.userId,
      ])
    expect(await pinned()).toEqual([
      [second, 'pi_t'],
      [first, 'pi_t'],
    ])
    await until('members hear', () => entriesOf(anna, 'message-pinned').length === 2)
    expect(entriesOf(anna, 'message-pinned')[0]).toEqual({
      kind: 'message-pinned',
      seq: first,
      pinned: true,
      by: { userId: 'pi_t', nick: '', avatar: '' },
    })
    await anna.request('message.revoke', { conversationId, seq: second })
    expect(await pinned()).toEqual([[first, 'pi_t']])
    expect(await pin(owner, second, true)).toBe('MESSAGE_REVOKED')
    expect(await pin(owner, first, false)).toBe('nothing')
    expect(await pinned()).toEqual([])
  })

  test('are ten at most, revoked ones not counted; in work groups any member pins', async () => {
    const { conversationId, groupId, owner, clients } = await foundGroup(world, 'work', ['pt_t', 'pt_a'])
    const anna = clients[1] ?? owner
    const seqs: number[] = []
    for (let index = 0; index < 11; index++) seqs.push(await say(anna, conversationId, String(index)))
    const pin = (seq: number | undefined): Promise<string> =>
      refusalOf(anna.request('group.pinMessage', { conversationId, seq, pinned: true }))
    for (const seq of seqs.slice(0, 10)) expect(await pin(seq)).toBe('nothing')
    expect(await pin(seqs[10])).toBe('TOO_MANY_PINNED')
    await anna.request('message.revoke', { conversationId, seq: seqs[0] })
    expect(await pin(seqs[10])).toBe('nothing')
    expect((await owner.request('group.pinnedMessages', { groupId })).pinned).toHaveLength(10)
  })

  test('are not for everybody where the message is not, and show no history to who came later', async () => {
    const { conversationId, groupId, owner } = await foundGroup(world, 'public', ['pv_t', 'pv_a'])
    const secret = await say(owner, conversationId, 'for Anna', { receiverIds: ['pv_a'] })
    const pinned = owner.request('group.pinMessage', { conversationId, seq: secret, pinned: true })
    expect(await refusalOf(pinned)).toBe('NOT_FOR_THIS_GROUP')
    const seq = await say(owner, conversationId, 'old')
    await owner.request('group.pinMessage', { conversationId, seq, pinned: true })
    const late = await follow(world, 'pv_late')
    await owner.request('group.invite', { groupId, userIds: ['pv_late'] })
    const newer = await say(owner, conversationId, 'new')
    await owner.request('group.pinMessage', { conversationId, seq: newer, pinned: true })
    const seen = (await late.request('group.pinnedMessages', { groupId })).pinned
    expect(seen.map(({ message }) => message.seq)).toEqual([newer])
  })
})

test('what a user wants to hear is set for all conversations he is in, and his other devices hear of what changed', async () => {
  const { conversationId, clients, owner } = await foundGroup(world, 'public', ['re_t', 're_a'])
  const anna = clients[1] ?? owner
  const pc = await follow(world, 're_a', { instanceId: 'pc' })
  const peer = conversationOf('re_t', 're_a')
  await say(owner, peer, 'hi')
  const conversationIds = [conversationId, peer, conversationOf('re_t', 're_x'), 'group:none']
  const reply = await anna.request('conversation.remind', { conversationIds, remind: 'silent' })
  expect([...reply.conversationIds].sort()).toEqual([peer, conversationId].sort())
  await anna.request('conversation.remind', { conversationIds: [peer], remind: 'discard' })
  await anna.request('conversation.remind', { conversationIds: [peer], remind: 'discard' })
  const both = await anna.request('conversation.remind', { conversationIds: [conversationId, peer], remind: 'discard' })
  expect(both.conversationIds).toHaveLength(2)
  await until('the other device hears', () => entriesOf(pc, 'remind').length === 3)
  expect(entriesOf(pc, 'remind').map((entry) => [entry.conversationIds.length, entry.remind])).toEqual([
    [2, 'silent'],
    [1, 'discard'],
    [1, 'discard'],
  ])
  expect((await pc.request('conversation.get', { conversationId })).conversation.remind).toBe('discard')
  expect((await owner.request('conversation.get', { conversationId })).conversation.remind).toBe('notify')
})
