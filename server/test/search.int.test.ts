import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MediaClient } from './kit/media-client.ts'
import { conversationOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { Seeker } from './kit/search-story.ts'
import { WireClient } from './kit/wire-client.ts'
import { say } from './kit/wire-group.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
const seekers: Seeker[] = []

beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'head', REVOKE_WINDOW_SECONDS: '600' } })
})
afterAll(async () => {
  await Promise.all(seekers.map((seeker) => seeker.leave()))
  await world.stop()
})

async function people<const Names extends readonly string[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: Seeker }> {
  const all: Seeker[] = []
  for (const name of names) all.push(await Seeker.login(world, name))
  seekers.push(...all)
  return all as { [Index in keyof Names]: Seeker }
}

describe('what is found of a message', () => {
  test('is any part of its text, in Chinese and in whichever case', async () => {
    const [wang, ma] = await people('wang1', 'ma1')
    await wang.tell('ma1', '明天请带语文课本和 Workbook 12')
    await wang.tell('ma1', '下午开家长会')
    for (const keyword of ['语文', '课本', 'workBOOK', 'book 1', '明天请带语文课本和 Workbook 12']) {
      expect([keyword, await ma.within('C2Cwang1', keyword)]).toEqual([keyword, ['明天请带语文课本和 Workbook 12']])
    }
    expect(await ma.within('C2Cwang1', '数学')).toEqual([])
  })

  test('is the name of a file, the title of merged messages, the description of a custom message and of a place', async () => {
    const [wang, ma] = await people('wang2', 'ma2')
    const to = { to: 'ma2', conversationType: 'C2C' }
    const wire = await WireClient.open(world.endpoint(), 'wang2', { instanceId: 'files' })
    const { fileId, bytes } = await new MediaClient(world, wire, 'wang2').upload('file', Buffer.from('x'), '苹果.pdf')
    const file = { type: 'file', fileId, name: '红苹果.pdf', bytes }
    await say(wire, conversationOf('wang2', 'ma2'), '', { elements: [file] })
    const one = await wang.tell('ma2', '早')
    const payloads = { description: '去苹果园', data: '{"secret":"梨"}', extension: '梨' }
    await wang.chat.sendMessage(wang.chat.createCustomMessage({ ...to, payload: payloads }))
    const place = { description: '苹果路 1 号', longitude: 1, latitude: 2 }
    await wang.chat.sendMessage(wang.chat.createLocationMessage({ ...to, payload: place }))
    const merger = { messageList: [one], title: '苹果的聊天', abstractList: ['梨'], compatibleText: '梨' }
    await wang.chat.sendMessage(wang.chat.createMergerMessage({ ...to, payload: merger }))
    const { searchResultList } = await ma.search({ keywordList: ['苹果'], conversationID: 'C2Cwang2' })
    expect(searchResultList[0]?.messageList.map(({ type }) => type)).toEqual([
      ...['TIMRelayElem', 'TIMLocationElem', 'TIMCustomElem', 'TIMFileElem'],
    ])
    // Neither what the application carries in custom data, nor what stands in the list of merged messages.
    expect(await ma.everywhere('梨')).toEqual({})
    expect(await ma.everywhere('senderNick')).toEqual({})
    expect(await ma.everywhere('TIMTextElem')).toEqual({})
    wire.close()
  })

  test('is what is written, whatever it means to a pattern or in JSON; also of a message that was changed', async () => {
    const [wang, ma] = await people('wang3', 'ma3')
    const texts = ['100%_sure', '1000 sure', 'a\\b', 'say "hi"', 'two\nlines', '🍎é', 'tab\there', '\u0007bell']
    for (const text of texts) await wang.tell('ma3', text)
    const message = await wang.tell('ma3', 'first')
    message.payload['text'] = 'now: "50%"\n\\done'
    await wang.chat.modifyMessage(message)
    for (const [keyword, text] of [
      ['0%_', '100%_sure'],
      ['%_s', '100%_sure'],
      ['\\b', 'a\\b'],
      ['"hi"', 'say "hi"'],
      ['two\nl', 'two\nlines'],
      ['🍎', '🍎é'],
      ['b\th', 'tab\there'],
      ['\u0007', '\u0007bell'],
      ['"50%"\n\\d', 'now: "50%"\n\\done'],
    ] as const) {
      expect([keyword, await ma.within('C2Cwang3', keyword)]).toEqual([keyword, [text]])
    }
    expect(await ma.everywhere('first')).toEqual({})
    expect(await ma.everywhere('%%%%')).toEqual({})
    expect(await ma.everywhere('\\n')).toEqual({})
  })

  test('needs all keywords or one, and may be narrowed by sender, type and time', async () => {
    const [wang, ma] = await people('wang4', 'ma4')
    const to = { to: 'ma4', conversationType: 'C2C' }
    await wang.tell('ma4', '语文 作业')
    await wang.tell('ma4', '数学 作业')
    await ma.tell('wang4', '语文 谢谢')
    await wang.chat.sendMessage(wang.chat.createFaceMessage({ ...to, payload: { index: 1, data: 'x' } }))
    const conversationID = 'C2Cma4'
    const count = async (options: object): Promise<number> => {
      const { searchResultList, totalCount } = await wang.search({ conversationID, ...options })
      const found = searchResultList[0]?.messageCount ?? 0
      expect([totalCount, searchResultList[0]?.messageList.length ?? 0]).toEqual([found, found])
      return found
    }
    const keywordList = ['语文', '作业']
    expect(await count({ keywordList })).toBe(3)
    expect(await count({ keywordList, keywordListMatchType: 'and' })).toBe(1)
    expect(await count({ keywordList, senderUserIDList: ['ma4'] })).toBe(1)
    expect(await count({ keywordList, senderUserIDList: ['nobody-there'] })).toBe(0)
    expect(await count({ senderUserIDList: ['wang4', 'ma4'] })).toBe(4)
    expect(await count({ messageTypeList: ['TIMFaceElem'] })).toBe(1)
    expect(await count({ keywordList, messageTypeList: ['TIMFaceElem', 'TIMImageElem'] })).toBe(0)
    expect(await count({ keywordList, messageTypeList: ['TIMTextElem'] })).toBe(3)
    const now = Math.floor(Date.now() / 1000)
    expect(await count({ keywordList, timePosition: now + 1 })).toBe(3)
    expect(await count({ keywordList, timePosition: now - 600 })).toBe(0)
    expect(await count({ keywordList, timePosition: now + 1, timePeriod: 600 })).toBe(3)
    expect(await count({ keywordList, timePosition: now + 7200, timePeriod: 600 })).toBe(0)
    expect(await count({ keywordList, timePeriod: 3600 })).toBe(3)
  })
})

describe('[FIND-1] a search finds what the user may see, and nothing else', () => {
  test('nothing of conversations of others, in groups or one-to-one', async () => {
    const [wang, , eve] = await people('wang5', 'ma5', 'eve5')
    await wang.found('class5', 'Private', ['ma5'])
    await wang.say('class5', 'needle')
    await wang.tell('ma5', 'needle')
    expect(await eve.everywhere('needle')).toEqual({})
    for (const groupID of ['class5', 'there-is-none']) {
      const search = eve.search({ keywordList: ['needle'], conversationID: `GROUP${groupID}` })
      await expect(search).rejects.toMatchObject({ code: 10007 })
    }
    expect(await eve.search({ keywordList: ['needle'], conversationID: 'C2Cwang5' })).toEqual({
      ...{ searchResultList: [], cursor: '', totalCount: 0 },
    })
    expect(await eve.search({ senderUserIDList: ['wang5'] })).toMatchObject({ searchResultList: [] })
  })

  test('of a work group nothing from before one came, of a meeting everything; after leaving nothing at all', async () => {
    const [wang, ma] = await people('wang6', 'ma6')
    await wang.found('work6', 'Private', [])
    await wang.found('meet6', 'ChatRoom', [])
    for (const groupID of ['work6', 'meet6']) await wang.say(groupID, 'needle before')
    await wang.chat.addGroupMember({ groupID: 'work6', userIDList: ['ma6'] })
    await ma.chat.joinGroup({ groupID: 'meet6', type: 'ChatRoom' })
    for (const groupID of ['work6', 'meet6']) await wang.say(groupID, 'needle after')
    expect(await ma.within('GROUPwork6', 'needle')).toEqual(['needle after'])
    expect(await ma.within('GROUPmeet6', 'needle')).toEqual(['needle after', 'needle before'])
    expect(await ma.everywhere('needle')).toEqual({ GROUPwork6: 1, GROUPmeet6: 2 })
    await wang.chat.deleteGroupMember({ groupID: 'work6', userIDList: ['ma6'] })
    await ma.chat.quitGroup('meet6')
    expect(await ma.everywhere('needle')).toEqual({})
    await expect(ma.within('GROUPwork6', 'needle')).rejects.toMatchObject({ code: 10007 })
    await expect(ma.within('GROUPmeet6', 'needle')).rejects.toMatchObject({ code: 10007 })
  })

  test('nothing of a group that was dismissed', async () => {
    const [wang, ma] = await people('wang7', 'ma7')
    await wang.found('gone7', 'Public', ['ma7'])
    await wang.say('gone7', 'needle')
    await wang.chat.dismissGroup('gone7')
    expect([await wang.everywhere('needle'), await ma.everywhere('needle')]).toEqual([{}, {}])
  })

  test('nothing that was revoked, cleared, or deleted for oneself; the others still find what they see', async () => {
    const [wang, ma] = await people('wang8', 'ma8')
    await wang.found('class8', 'Private', ['ma8'])
    await ma.hearsOf('class8')
    await wang.say('class8', 'needle 1')
    await ma.chat.clearHistoryMessage('GROUPclass8')
    await wang.say('class8', 'needle 2')
    await wang.say('class8', 'needle 3')
    const slip = await wang.say('class8', 'needle 4')
    await wang.chat.revokeMessage(slip)
    const { messageList } = (await ma.chat.getMessageList({ conversationID: 'GROUPclass8' })).data
    await ma.chat.deleteMessage(messageList.filter(({ payload }) => payload['text'] === 'needle 2'))
    expect(await ma.within('GROUPclass8', 'needle')).toEqual(['needle 3'])
    expect(await ma.everywhere('needle')).toEqual({ GROUPclass8: 1 })
    expect(await wang.within('GROUPclass8', 'needle')).toEqual(['needle 3', 'needle 2', 'needle 1'])
    expect(await wang.search({ senderUserIDList: ['wang8'], messageTypeList: ['TIMTextElem'] })).toMatchObject({
      searchResultList: [{ conversationID: 'GROUPclass8', messageCount: 3 }],
    })
  })

  test('nothing that was said to other members alone', async () => {
    const [wang, ma, lin] = await people('wang9', 'ma9', 'lin9')
    await wang.found('class9', 'Private', ['ma9', 'lin9'])
    await wang.say('class9', 'needle for ma', ['ma9'])
    expect(await ma.within('GROUPclass9', 'needle')).toEqual(['needle for ma'])
    expect(await wang.within('GROUPclass9', 'needle')).toEqual(['needle for ma'])
    expect(await lin.within('GROUPclass9', 'needle')).toEqual([])
    expect(await lin.everywhere('needle')).toEqual({})
  })

  test('neither tips nor notices, whatever is sought', async () => {
    const [wang] = await people('wang10', 'ma10')
    await wang.found('class10', 'Public', ['ma10'], 'needle')
    await wang.chat.updateGroupProfile({ groupID: 'class10', notification: 'needle' })
    expect(await wang.everywhere('needle')).toEqual({})
    expect(await wang.everywhere('tip', 'ma10', 'class10')).toEqual({})
    const wire = await WireClient.open(world.endpoint(), 'wang10', { instanceId: 'wire' })
    const body = { keywords: [], senderIds: ['@system'], match: 'any', limit: 5 }
    expect(await wire.request('search.messages', body)).toEqual({ results: [], total: 0 })
    wire.close()
  })
})

describe('the result', () => {
  test('of all conversations holds the message where it is one, and an empty list where there are more', async () => {
    const [wang, ma] = await people('wang11', 'ma11')
    await ma.tell('wang11', 'needle a')
    await wang.found('class11', 'Private', ['ma11'])
    await ma.say('class11', 'needle b')
    await ma.say('class11', 'needle c')
    const { searchResultList, ...rest } = await wang.search({ keywordList: ['needle'] })
    // In which something was said last comes first.
    expect(searchResultList).toEqual([
      { conversationID: 'GROUPclass11', messageCount: 2, messageList: [] },
      { conversationID: 'C2Cma11', messageCount: 1, messageList: [expect.anything()] },
    ])
    expect(rest).toEqual({ cursor: '', totalCount: 2 })
    const [message] = searchResultList[1]?.messageList ?? []
    expect(message).toMatchObject({
      from: 'ma11',
      flow: 'in',
      payload: { text: 'needle a' },
      conversationID: 'C2Cma11',
    })
    // The very object that the application has, or finds later.
    expect(wang.chat.findMessage(message?.ID ?? '')).toBe(message)
  })

  test('comes in pages that follow each other without a gap and without anything twice', async () => {
    const [wang, ma] = await people('wang12', 'ma12')
    await wang.found('class12', 'Private', ['ma12'])
    for (let number = 1; number <= 7; number++) await wang.say('class12', `needle ${number}`)
    const texts: unknown[] = []
    const sizes: number[] = []
    let cursor = ''
    do {
      const page = await ma.search({ keywordList: ['needle'], conversationID: 'GROUPclass12', count: 3, cursor })
      texts.push(...(page.searchResultList[0]?.messageList ?? []).map(({ payload }) => payload['text']))
      sizes.push(page.searchResultList[0]?.messageCount ?? 0)
      expect(page.totalCount).toBe(7)
      cursor = page.cursor
      // What is said meanwhile moves nothing.
      await wang.say('class12', 'later')
    } while (cursor !== '')
    expect(sizes).toEqual([3, 3, 1])
    expect(texts).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `needle ${number}`))
  })

  test('of many conversations comes in pages, too, also while they go on', async () => {
    const [wang] = await people('wang13')
    for (let number = 1; number <= 7; number++) await wang.tell(`pupil13-${number}`, `needle ${number}`)
    const found: string[] = []
    let cursor = ''
    do {
      const page = await wang.search({ keywordList: ['needle'], count: 3, cursor })
      found.push(...page.searchResultList.map(({ conversationID }) => conversationID))
      expect(page.totalCount).toBe(7)
      cursor = page.cursor
      // The last in the order becomes the first, and is not lost.
      await wang.tell('pupil13-1', 'hello')
    } while (cursor !== '')
    expect(found).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `C2Cpupil13-${number}`))
  })

  test('of another search’s cursor, of one nobody gave, and of too many keywords is a refusal', async () => {
    const [wang] = await people('wang14')
    for (const options of [
      { cursor: 'u.1.1' },
      { cursor: 'c.1.2.3' },
      { cursor: 'a.1' },
      { cursor: 'a.1.2.3.4.-5' },
      { cursor: 'nonsense' },
      { keywordList: ['1', '2', '3', '4', '5', '6'] },
      { keywordList: ['x'.repeat(101)] },
    ]) {
      await expect(wang.search({ keywordList: ['x'], ...options })).rejects.toMatchObject({ code: 27003 })
    }
  })
})

describe('people', () => {
  async function usersFound(seeker: Seeker, options: object): Promise<readonly string[]> {
    const { searchResultList } = (await seeker.chat.searchCloudUsers(options)).data
    return searchResultList.map(({ userID }) => userID)
  }

  test('are found by nick or id among those one knows, and anybody by the whole id', async () => {
    const [wang, , , stranger, head] = await people('wang20', 'ma20', 'lin20', 'zhao20', 'head')
    for (const [seeker, nick] of [
      [seekers.at(-4), '小明妈妈二十'],
      [seekers.at(-3), '林老师二十'],
      [stranger, '赵六二十'],
    ] as const)
      await seeker?.chat.updateMyProfile({ nick })
    await wang.tell('ma20', 'hello')
    await wang.found('class20', 'Private', ['lin20'])
    expect(await usersFound(wang, { keywordList: ['二十'] })).toEqual(['ma20', 'lin20'])
    expect(await usersFound(wang, { keywordList: ['妈妈'] })).toEqual(['ma20'])
    expect(await usersFound(wang, { keywordList: ['MA2'] })).toEqual(['ma20'])
    expect(await usersFound(wang, { keywordList: ['zhao'] })).toEqual([])
    expect(await usersFound(wang, { keywordList: ['zhao20'] })).toEqual(['zhao20'])
    expect(await usersFound(wang, { keywordList: ['林', '二十'], keywordListMatchType: 'and' })).toEqual(['lin20'])
    expect(await usersFound(stranger, { keywordList: ['二十'] })).toEqual(['zhao20'])
    expect(await usersFound(head, { keywordList: ['二十'] })).toEqual(['ma20', 'lin20', 'zhao20'])
    expect(await usersFound(head, { keywordList: ['@system', 'system'] })).toEqual([])
    await wang.chat.deleteGroupMember({ groupID: 'class20', userIDList: ['lin20'] })
    expect(await usersFound(wang, { keywordList: ['二十'] })).toEqual(['ma20'])
  })

  test('may be narrowed by what they say of themselves, and come in pages', async () => {
    const [wang, a, b] = await people('wang21', 'amy21', 'ben21')
    await a.chat.updateMyProfile({ nick: '甲二一', gender: 'Gender_Type_Female', birthday: 19_900_101 })
    await b.chat.updateMyProfile({ nick: '乙二一', gender: 'Gender_Type_Male', birthday: 20_000_101 })
    await wang.found('class21', 'Private', ['amy21', 'ben21', 'cat21'])
    const keywordList = ['21']
    expect(await usersFound(wang, { keywordList })).toEqual(['wang21', 'amy21', 'ben21', 'cat21'])
    expect(await usersFound(wang, { keywordList, userGenderType: 'Gender_Type_Female' })).toEqual(['amy21'])
    expect(await usersFound(wang, { keywordList, userGenderType: 'Gender_Type_Unknown' })).toEqual(['wang21', 'cat21'])
    expect(await usersFound(wang, { keywordList, miniBirthday: 19_950_101 })).toEqual(['ben21'])
    expect(await usersFound(wang, { keywordList, maxBirthday: 19_950_101 })).toEqual(['amy21'])
    const first = (await wang.chat.searchCloudUsers({ keywordList, count: 3 })).data
    expect([first.searchResultList.length, first.totalCount]).toEqual([3, 4])
    const second = (await wang.chat.searchCloudUsers({ keywordList, count: 3, cursor: first.cursor })).data
    expect([second.searchResultList.map(({ userID }) => userID), second.totalCount, second.cursor]).toEqual([
      ...[['cat21'], 4, ''],
    ])
    expect(first.searchResultList[1]).toMatchObject({ nick: '甲二一', birthday: 19_900_101 })
  })

  test('are found by everybody, where the operator says so', async () => {
    const open = await startWorld({ env: { SEARCH_PEOPLE: 'everyone' } })
    const [wang, other] = [await Seeker.login(open, 'wang23'), await Seeker.login(open, 'other23')]
    expect(await usersFound(wang, { keywordList: ['23'] })).toEqual(['wang23', 'other23'])
    await Promise.all([wang.leave(), other.leave()])
    await open.stop()
  })

  test('are not found once their account is disabled', async () => {
    const [head] = await people('head')
    await people('dora22')
    expect(await usersFound(head, { keywordList: ['dora22'] })).toEqual(['dora22'])
    await withAdmin(world.databaseUrl, (lane) => lane.run("UPDATE account SET is_disabled = true WHERE id = 'dora22'"))
    expect(await usersFound(head, { keywordList: ['dora22'] })).toEqual([])
  })
})

describe('groups', () => {
  test('are found by name or id: one’s own, and those that anybody may find', async () => {
    const [wang, eve] = await people('wang30', 'eve30')
    await wang.found('pub30', 'Public', [], '三年级家长')
    await wang.found('work30', 'Private', [], '三年级教师')
    await wang.found('gone30', 'Public', [], '三年级旧群')
    await wang.chat.dismissGroup('gone30')
    const found = async (seeker: Seeker, options: object): Promise<readonly string[]> =>
      (await seeker.chat.searchCloudGroups(options)).data.searchResultList.map(({ groupID }) => groupID)
    expect(await found(wang, { keywordList: ['三年级'] })).toEqual(['work30', 'pub30'])
    expect(await found(eve, { keywordList: ['三年级'] })).toEqual(['pub30'])
    expect(await found(eve, { keywordList: ['work30', 'PUB30'] })).toEqual(['pub30'])
    expect(await found(wang, { keywordList: ['三年级'], groupTypeList: ['Private'] })).toEqual(['work30'])
    expect(await found(wang, { keywordList: ['三年级'], groupTypeList: ['AVChatRoom'] })).toEqual([])
    const { data } = await wang.chat.searchCloudGroups({ keywordList: ['三年级'], count: 1 })
    expect([data.totalCount, data.searchResultList[0]]).toEqual([2, expect.objectContaining({ name: '三年级教师' })])
    const next = (await wang.chat.searchCloudGroups({ keywordList: ['三年级'], count: 1, cursor: data.cursor })).data
    expect([next.totalCount, next.cursor, next.searchResultList[0]?.groupID]).toEqual([2, '', 'pub30'])
  })

  test('of one’s own are searched for members, by name card, nick or id, group by group', async () => {
    const [wang, ma, eve] = await people('wang31', 'ma31', 'eve31')
    await ma.chat.updateMyProfile({ nick: '小红妈妈' })
    await wang.found('a31', 'Private', ['ma31', 'lin31'])
    await wang.found('b31', 'Public', ['ma31', 'eve31'])
    await eve.found('secret31', 'Private', ['ma31'])
    await ma.chat.setGroupMemberNameCard({ groupID: 'b31', nameCard: '三班 小红' })
    const found = async (options: object): Promise<readonly string[]> => {
      const { data } = await wang.chat.searchCloudGroupMembers(options)
      return data.searchResultList.map(
        ({ groupInfo, memberList }) => `${groupInfo.groupID}: ${memberList.map(({ userID }) => userID).join(' ')}`,
      )
    }
    expect(await found({ keywordList: ['小红'] })).toEqual(['b31: ma31', 'a31: ma31'])
    expect(await found({ keywordList: ['三班'] })).toEqual(['b31: ma31'])
    expect(await found({ keywordList: ['31'], groupIDList: ['a31'] })).toEqual(['a31: wang31 ma31 lin31'])
    expect(await found({ keywordList: ['小红'], groupTypeList: ['Private'] })).toEqual(['a31: ma31'])
    expect(await found({ keywordList: ['31'], groupIDList: ['secret31', 'no-such-group'] })).toEqual([])
    const pages: unknown[] = []
    let cursor = ''
    do {
      const { data } = await wang.chat.searchCloudGroupMembers({ keywordList: ['31'], count: 2, cursor })
      for (const { groupInfo, memberList } of data.searchResultList)
        pages.push(...memberList.map(({ userID }) => `${groupInfo.groupID} ${userID}`))
      expect(data.totalCount).toBe(6)
      cursor = data.cursor
    } while (cursor !== '')
    expect(pages).toEqual(['b31 wang31', 'b31 ma31', 'b31 eve31', 'a31 wang31', 'a31 ma31', 'a31 lin31'])
  })
})

test('whoever searches faster than anybody reads is refused, and may search again a moment later', async () => {
  const wire = await WireClient.open(world.endpoint(), 'fast40')
  const body = { keywords: ['x'], match: 'any', limit: 1 }
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => wire.request('search.users', body)))
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as Error).message] : []))
  expect(new Set(refusals)).toEqual(new Set(['TOO_MANY_REQUESTS']))
  expect(answers.length - refusals.length).toBeGreaterThanOrEqual(20)
  wire.close()
})
