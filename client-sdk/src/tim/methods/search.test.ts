import type { UserProfile } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { CLASS, classStand, GROUP, lastAsked, member, says } from '../test/group-stand.ts'
import { readyStand, WITH_PARENT } from '../test/stand.ts'

const ada: UserProfile = {
  userId: 'ada' as UserProfile['userId'],
  nick: '艾达',
  avatar: '',
  details: { gender: 'female' },
  changedAtMs: 1_700_000_000_000,
}

describe('searchCloudMessages', () => {
  test('asks in our words, and gives what was found in TIM’s', async () => {
    const stand = await classStand()
    const { chat, client } = stand
    const message = says(stand, 'parent', '语文作业')
    client.answer('search.messages', {
      results: [
        { conversationId: CLASS, count: 1, messages: [message] },
        { conversationId: WITH_PARENT, count: 3, messages: [] },
      ],
      total: 9,
      next: 'a.1',
    })
    const { data } = await chat.searchCloudMessages({
      keywordList: ['语文', ''],
      keywordListMatchType: 'and',
      senderUserIDList: ['parent', 'no user id'],
      messageTypeList: ['TIMTextElem', 'TIMRelayElem', 'TIMGroupTipElem'],
      timePosition: 1_700_000_000,
      timePeriod: 60,
      count: 99,
      cursor: 'a.0',
    })
    expect(lastAsked(stand)).toEqual({
      command: 'search.messages',
      body: {
        ...{ keywords: ['语文'], match: 'all', limit: 50, after: 'a.0', senderIds: ['parent'] },
        ...{ types: ['text', 'merger'], beforeMs: 1_700_000_001_000, periodMs: 61_000 },
      },
    })
    expect(data).toEqual({
      searchResultList: [
        { conversationID: 'GROUPclass1', messageCount: 1, messageList: [expect.anything()] },
        { conversationID: 'C2Cparent', messageCount: 3, messageList: [] },
      ],
      cursor: 'a.1',
      totalCount: 9,
    })
    expect(chat.findMessage(data.searchResultList[0]?.messageList[0]?.ID ?? '')).toBe(
      data.searchResultList[0]?.messageList[0],
    )
  })

  test('looks into one conversation, for one of the keywords, by pages of twenty', async () => {
    const stand = await readyStand()
    stand.client.answer('search.messages', { results: [], total: 0 })
    const options = { keywordList: ['a'], conversationID: 'C2Cparent', cursor: '', timePosition: 0, timePeriod: 0 }
    const { data } = await stand.chat.searchCloudMessages(options)
    expect(lastAsked(stand)?.body).toEqual({
      ...{ keywords: ['a'], match: 'any', limit: 20, senderIds: [], types: [], conversationId: WITH_PARENT },
    })
    expect(data).toEqual({ searchResultList: [], cursor: '', totalCount: 0 })
    await expect(stand.chat.searchCloudMessages({ keywordList: ['a'], conversationID: 'x' })).rejects.toMatchObject({
      code: 2503,
    })
  })

  test('goes on where nothing was found yet, five requests long', async () => {
    const stand = await readyStand()
    let pages = 0
    stand.client.answer('search.messages', () => ({ results: [], total: 0, next: `a.${++pages}` }))
    expect((await stand.chat.searchCloudMessages({ keywordList: ['a'] })).data.cursor).toBe('a.5')
    expect(stand.client.asked.map(({ body }) => 'after' in body && body.after)).toEqual([
      ...[false, 'a.1', 'a.2', 'a.3', 'a.4'],
    ])
  })
})

describe('people and groups', () => {
  test('users are profiles', async () => {
    const stand = await readyStand()
    stand.client.answer('search.users', { users: [ada], total: 1 })
    const narrowed = { userGenderType: 'Gender_Type_Female', miniBirthday: 19_900_101, maxBirthday: 20_000_101 }
    const { data } = await stand.chat.searchCloudUsers({ keywordList: ['艾'], ...narrowed })
    expect(lastAsked(stand)?.body).toEqual({
      ...{ keywords: ['艾'], match: 'any', limit: 20, gender: 'female', bornFrom: 19_900_101, bornTo: 20_000_101 },
    })
    expect(data).toMatchObject({ searchResultList: [{ userID: 'ada', nick: '艾达' }], cursor: '', totalCount: 1 })
  })

  test('groups are the objects that the application has', async () => {
    const stand = await classStand()
    const { group } = (await stand.chat.getGroupProfile({ groupID: 'class1' })).data
    stand.client.answer('search.groups', { groups: [GROUP, { ...GROUP, groupId: 'other' as never }], total: 2 })
    const { data } = await stand.chat.searchCloudGroups({ keywordList: ['三'], groupTypeList: ['Public', 'Private'] })
    expect(lastAsked(stand)?.body).toEqual({ keywords: ['三'], match: 'any', limit: 20, types: ['public', 'work'] })
    expect(data.searchResultList[0]).toBe(group)
    expect(data.searchResultList[1]).toMatchObject({ groupID: 'other', name: '三年级二班' })
  })

  test('members come group by group', async () => {
    const stand = await classStand()
    stand.client.answer('search.members', {
      results: [{ group: GROUP, members: [member('ma')] }],
      total: 4,
      next: 'm.1',
    })
    const { data } = await stand.chat.searchCloudGroupMembers({ keywordList: ['妈'], groupIDList: ['class1'] })
    expect(lastAsked(stand)?.body).toEqual({
      ...{ keywords: ['妈'], match: 'any', limit: 20, types: [], groupIds: ['class1'] },
    })
    expect(data).toMatchObject({
      searchResultList: [{ groupInfo: { groupID: 'class1' }, memberList: [{ userID: 'ma', role: 'Member' }] }],
      cursor: 'm.1',
      totalCount: 4,
    })
  })
})

describe('a search', () => {
  test('for nothing rejects 3153 without asking', async () => {
    const { chat, client } = await readyStand()
    for (const search of [
      () => chat.searchCloudMessages({}),
      () => chat.searchCloudMessages({ keywordList: [''], senderUserIDList: [], messageTypeList: [] }),
      () => chat.searchCloudUsers({ keywordList: [] }),
      () => chat.searchCloudGroups({ groupTypeList: ['Public'] }),
      () => chat.searchCloudGroupMembers({ groupIDList: ['class1'] }),
    ]) {
      await expect(search()).rejects.toMatchObject({ code: 3153 })
    }
    expect(client.asked).toEqual([])
  })

  test('by what means nothing here rejects 27003 instead of finding everything', async () => {
    const { chat, client } = await readyStand()
    for (const search of [
      () => chat.searchCloudMessages({ keywordList: ['a'], messageTypeList: ['TIMGroupTipElem'] }),
      () => chat.searchCloudMessages({ keywordList: ['a'], senderUserIDList: ['no user id'] }),
      () => chat.searchCloudUsers({ keywordList: ['a'], userGenderType: 'Gender_Type_Other' }),
      () => chat.searchCloudGroups({ keywordList: ['a'], groupTypeList: ['Room'] }),
    ]) {
      await expect(search()).rejects.toMatchObject({ code: 27003 })
    }
    expect(client.asked).toEqual([])
  })

  test('is refused by TIM’s numbers', async () => {
    const { chat, client } = await readyStand()
    for (const [name, code] of [
      ['BAD_REQUEST', 27003],
      ['TOO_MANY_REQUESTS', 60018],
      ['NOT_A_MEMBER', 10007],
    ] as const) {
      client.failing.set('search.users', name)
      await expect(chat.searchCloudUsers({ keywordList: ['a'] })).rejects.toMatchObject({ code })
    }
  })

  test('is refused 2996 when there were twenty within five seconds, of all kinds together', async () => {
    const stand = await readyStand()
    stand.client.answer('search.users', { users: [], total: 0 })
    stand.client.answer('search.groups', { groups: [], total: 0 })
    for (let number = 0; number < 10; number++) {
      await stand.chat.searchCloudUsers({ keywordList: ['a'] })
      await stand.chat.searchCloudGroups({ keywordList: ['a'] })
    }
    await expect(stand.chat.searchCloudUsers({ keywordList: ['a'] })).rejects.toMatchObject({ code: 2996 })
    await stand.clock.pass(5_000)
    await stand.chat.searchCloudUsers({ keywordList: ['a'] })
  })
})
