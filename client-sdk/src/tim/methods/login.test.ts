import { describe, expect, test } from 'vitest'
import { failure } from '../../../test/fake-client.ts'
import { EVENT } from '../events.ts'
import { makeStand, readyStand, textMessage } from '../test/stand.ts'

const TEACHER = { userID: 'teacher', userSig: 'x' }

describe('login', () => {
  test('without a server to go to rejects 2800 and says what to do', async () => {
    const { chat } = makeStand({ problem: 'where is the server?' })
    const error = await chat.login(TEACHER).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 2800, message: expect.stringContaining('where is the server?') as string })
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 2024 })
  })

  test('while one is under way: calls reject 3000, a second login 2025; after a refusal calls reject 3001', async () => {
    const { chat, client } = makeStand()
    let refuse: (error: Error) => void = () => undefined
    client.login = () => new Promise((_resolve, reject) => (refuse = reject))
    const first = chat.login(TEACHER)
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 3000 })
    await expect(chat.login(TEACHER)).rejects.toMatchObject({ code: 2025 })
    expect(chat.getLoginStatus()).toBe(2)
    refuse(failure('SIGNATURE_INVALID'))
    await expect(first).rejects.toMatchObject({ code: 70009 })
    expect(chat.getLoginStatus()).toBe(3)
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 3001 })
  })

  test('resolves, and SDK_READY comes, when the first lists are in, or 15 s later; calls are let through before', async () => {
    const { chat, client, clock, seen } = makeStand()
    let finish: () => void = () => undefined
    client.whenSynced = () => new Promise((resolve) => (finish = resolve))
    let logins = 0
    void chat.login(TEACHER).then(() => logins++)
    await clock.pass(14_000)
    expect([logins, seen(EVENT.SDK_READY).length]).toEqual([0, 0])
    await expect(chat.getMyProfile()).resolves.toMatchObject({ data: { userID: 'teacher' } })
    finish()
    await clock.pass(1)
    expect([logins, seen(EVENT.SDK_READY).length, clock.pending]).toEqual([1, 1, 0])

    await chat.logout()
    void chat.login(TEACHER).then(() => logins++)
    await clock.pass(15_001)
    expect([logins, seen(EVENT.SDK_READY).length, clock.pending]).toEqual([2, 2, 0])
  })

  test('that ends before its first lists are in rejects, and is never ready', async () => {
    const { chat, client, clock, seen } = makeStand()
    let end: (error: Error) => void = () => undefined
    client.whenSynced = () => new Promise((_resolve, reject) => (end = reject))
    const login = chat.login(TEACHER).catch((error: unknown) => error)
    await clock.pass(1)
    client.self = undefined
    client.tell({ kind: 'ended', reason: 'signature-expired' })
    end(failure('CLOSED'))
    expect(await login).toMatchObject({ code: 3004 })
    await clock.pass(1)
    expect(seen(EVENT.KICKED_OUT)).toHaveLength(1)
    expect(seen(EVENT.SDK_READY)).toEqual([])
    expect(chat.isReady()).toBe(false)
  })

  test('from within KICKED_OUT is not spoilt by the end of the one before, which had no lists yet', async () => {
    const { chat, client, clock } = makeStand()
    let end: (error: Error) => void = () => undefined
    client.whenSynced = () => new Promise((_resolve, reject) => (end = reject))
    const first = chat.login(TEACHER).catch((error: unknown) => error)
    await clock.pass(1)
    client.login = () => new Promise(() => undefined)
    chat.on(EVENT.KICKED_OUT, () => void chat.login(TEACHER))
    client.self = undefined
    client.tell({ kind: 'ended', reason: 'signature-expired' })
    end(failure('CLOSED'))
    await first
    expect(chat.getLoginStatus()).toBe(2)
  })

  test('of somebody else ends the first login before it begins', async () => {
    const { chat, clock, events } = await readyStand()
    expect(chat.getLoginStatus()).toBe(1)
    await chat.login({ userID: 'head', userSig: 'x' })
    await clock.pass(1)
    expect(chat.getLoginUser()).toBe('head')
    expect(events.map(({ name }) => name)).toEqual([EVENT.SDK_READY, EVENT.SDK_NOT_READY, EVENT.SDK_READY])
  })

  test('listeners survive a logout and hear of the next login', async () => {
    const { chat, clock, seen } = await readyStand()
    await expect(chat.logout()).resolves.toEqual({ code: 0, data: {} })
    await expect(chat.getConversationList()).rejects.toMatchObject({ code: 3005 })
    await expect(chat.logout()).rejects.toMatchObject({ code: 2024 })
    await chat.login(TEACHER)
    await clock.pass(1)
    expect(seen(EVENT.SDK_READY)).toHaveLength(2)
    expect(seen(EVENT.SDK_NOT_READY)).toHaveLength(1)
  })

  test('from within KICKED_OUT works at once, as does a logout', async () => {
    const { chat, client, clock, events } = await readyStand()
    const results: Promise<unknown>[] = []
    chat.on(EVENT.KICKED_OUT, () => {
      results.push(chat.login(TEACHER))
    })
    client.self = undefined
    client.tell({ kind: 'ended', reason: 'signature-expired' })
    await Promise.all(results)
    await clock.pass(1)
    expect(chat.isReady()).toBe(true)
    expect(events.map(({ name }) => name)).toEqual([
      ...[EVENT.SDK_READY, EVENT.KICKED_OUT, EVENT.SDK_NOT_READY, EVENT.SDK_READY],
    ])

    const other = await readyStand()
    other.chat.on(EVENT.KICKED_OUT, () => {
      results.push(other.chat.logout())
    })
    other.client.self = undefined
    other.client.tell({ kind: 'ended', reason: 'displaced-by-account' })
    await expect(Promise.all(results)).resolves.toHaveLength(2)
  })

  test('what was kept of one login is gone in the next', async () => {
    const { chat, clock } = await readyStand()
    const { message } = (await chat.sendMessage(textMessage(chat, 'x'))).data
    await chat.logout()
    await chat.login(TEACHER)
    await clock.pass(1)
    expect(chat.findMessage(message.ID)).toBeNull()
  })

  test('no list event that was due comes after the logout', async () => {
    const { chat, client, clock, seen } = await readyStand({ isThrottled: true })
    for (let i = 0; i < 2; i++) client.tell({ kind: 'conversations', ids: [], isSyncComplete: true })
    await chat.logout()
    await clock.pass(5_000)
    expect(seen(EVENT.CONVERSATION_LIST_UPDATED)).toHaveLength(1)
  })
})

test('destroy logs out, says which application it was, and leaves no timer', async () => {
  const { chat, clock, events } = await readyStand({ SDKAppID: 1400000000, isThrottled: true })
  await chat.destroy()
  expect(events.slice(1).map(({ name, data }) => [name, data])).toEqual([
    [EVENT.SDK_NOT_READY, undefined],
    [EVENT.SDK_DESTROY, { SDKAppID: 1400000000 }],
  ])
  expect(clock.pending).toBe(0)
})

test('joinGroup and its like may be called before the login, and reject with the reason without an ERROR event', async () => {
  const { chat, seen } = makeStand()
  const calls = [() => chat.joinGroup({ groupID: 'g' }), () => chat.quitGroup('g')]
  for (const call of [...calls, () => chat.getGroupOnlineMemberCount('g')]) {
    await expect(call()).rejects.toMatchObject({ code: 2024 })
  }
  expect(seen(EVENT.ERROR)).toHaveLength(0)
})
