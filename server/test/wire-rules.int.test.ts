import {
  conversationTimeline,
  systemConversationId,
  userTimeline,
  type ConversationId,
  type Entry,
  type GroupId,
  type SentElement,
  type TimelineId,
  type UserId,
} from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, Listener, nextId, shortOf, timelineOf } from './kit/group-story.ts'
import { MediaClient } from './kit/media-client.ts'
import { conversationOf, refusalOf } from './kit/pair.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

// One story for each rule of docs/PROTOCOL.md about groups, corrections, receipts and files, as a client sees it.

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world.stop())

let stories = 0

/** A group of a teacher and two parents, each on a device, with names of its own. */
async function foundClass(type: 'work' | 'public' | 'meeting' = 'public') {
  const story = ++stories
  const groupId = `class${story}`
  const open = (name: string, index: number): Promise<Listener> => Listener.open(world, `${name}${story}`, index % 2)
  const [teacher, ann, ben] = await Promise.all([open('t', 0), open('ann', 1), open('ben', 0)])
  await found(teacher, groupId, type, [ann.userId, ben.userId])
  for (const one of [teacher, ann, ben]) await one.hears(groupId, 'tip:joined')
  const conversationId = `group:${groupId}` as ConversationId
  return { groupId, conversationId, timeline: timelineOf(groupId), teacher, ann, ben }
}

function kindsOf(listener: Listener, timeline: TimelineId): readonly (readonly [number, string])[] {
  return listener.pushed(timeline).map(({ offset, entry }) => [offset, entry.kind] as const)
}

function ownEntries(listener: Listener): readonly Entry[] {
  return listener.pushed(userTimeline(listener.userId as UserId)).map(({ entry }) => entry)
}

describe('a group and its timeline', () => {
  test('[GRP-1] membership begins with a joined entry: from its offset on the session follows, without being asked', async () => {
    const { groupId, conversationId, timeline, teacher } = await foundClass('meeting')
    await teacher.say(groupId, 'before')
    const late = await Listener.open(world, `late${stories}`, 1)
    await late.wire.request('group.join', { groupId })
    await teacher.say(groupId, 'after')
    await late.hears(groupId, 'tip:joined', 'after')
    const joined = ownEntries(late).find((entry) => entry.kind === 'joined' && entry.conversationId === conversationId)
    expect(joined).toMatchObject({ offset: 2, seq: 2, countable: 2 })
    expect(late.pushed(timeline).map(({ offset }) => offset)).toEqual([3, 4])
    expect(await refusalOf(late.wire.request('sync.pull', { timeline, after: 1 }))).toBe('TOO_FAR_BEHIND')
    const history = { conversationId, direction: 'older', limit: 10 }
    expect((await late.wire.request('message.history', history)).messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect((await late.state(groupId)).base).toMatchObject({ seq: 2 })
  })

  test('[GRP-1] where a group shows no history, nothing from before is shown', async () => {
    const { groupId, conversationId, teacher } = await foundClass('work')
    await teacher.say(groupId, 'before')
    const late = await Listener.open(world, `late${stories}`)
    await teacher.wire.request('group.invite', { groupId, userIds: [late.userId] })
    await late.hears(groupId, 'tip:joined')
    const history = { conversationId, direction: 'older', limit: 10 }
    expect((await late.wire.request('message.history', history)).messages.map(({ seq }) => seq)).toEqual([3])
    expect((await late.state(groupId)).clearedSeq).toBe(2)
  })

  test('[GRP-2] membership ends at the very entry that says so, for each of the user’s sessions', async () => {
    const { groupId, conversationId, timeline, teacher, ann, ben } = await foundClass()
    const second = await Listener.open(world, ann.userId, 0, { instanceId: 'second' })
    await teacher.wire.request('group.kick', { groupId, userIds: [ann.userId] })
    await teacher.say(groupId, 'after')
    await ben.hears(groupId, 'tip:kicked', 'after')
    for (const session of [ann, second]) {
      await until('the devices are told', () => ownEntries(session).some(({ kind }) => kind === 'left'))
      expect(session.heard(groupId)).not.toContain('tip:kicked')
      expect(session.heard(groupId)).not.toContain('after')
    }
    expect(kindsOf(ann, timeline)).toEqual([[1, 'message']])
    const resume = { epoch: ann.snapshot.epoch, cursors: [{ timeline, offset: 1 }] }
    expect(await second.wire.request('sync.resume', resume)).toEqual({ resets: [], gone: [timeline] })
    await teacher.wire.request('group.invite', { groupId, userIds: [ann.userId] })
    await until('she follows again', () => ann.pushed(timeline).length > 1)
    expect(kindsOf(ann, timeline)).toEqual([
      [1, 'message'],
      [4, 'message'],
    ])
    const back = await Listener.open(world, ann.userId, 1, { instanceId: 'back' })
    expect(await back.wire.request('sync.resume', resume)).toEqual({ resets: [timeline], gone: [] })
    expect((await back.state(groupId)).conversationId).toBe(conversationId)
  })

  test('[GRP-2] the end of a group is the last entry of it that anybody gets', async () => {
    const { groupId, conversationId, teacher, ann, ben } = await foundClass()
    await teacher.wire.request('group.dismiss', { groupId })
    for (const one of [teacher, ann, ben]) {
      await one.hears(groupId, 'dismissed')
      await until('his devices are told', () => ownEntries(one).some(({ kind }) => kind === 'left'))
      expect(await refusalOf(one.say(groupId, 'anybody?'))).toBe('NOT_A_MEMBER')
    }
    const { conversations } = await ann.wire.request('sync.snapshot', {})
    expect(conversations.map((state) => state.conversationId)).not.toContain(conversationId)
  })

  test('[GRP-3] what is for some alone is skipped by the others, wherever they read it', async () => {
    const { groupId, conversationId, timeline, teacher, ann, ben } = await foundClass()
    await teacher.say(groupId, 'secret', { receiverIds: [ann.userId], extensible: true })
    const change = { conversationId, seq: 2, version: 0, elements: [{ type: 'text', text: 'more of it' }] }
    await teacher.wire.request('message.modify', change)
    await ann.wire.request('reaction.add', { conversationId, seq: 2, reactionId: '[ok]' })
    await teacher.say(groupId, 'open')
    for (const one of [teacher, ann, ben]) await one.hears(groupId, 'open')
    expect(ann.heard(groupId)).toEqual(['tip:joined', 'secret', 'modified', 'reaction', 'open'])
    const skipped = [
      { kind: 'skipped', seq: 2 },
      { kind: 'skipped', seq: 0 },
      { kind: 'skipped', seq: 0 },
    ]
    const between = (entries: readonly { readonly entry: Entry }[]): Entry[] =>
      entries.slice(1, 4).map(({ entry }) => entry)
    expect(between(ben.pushed(timeline))).toEqual(skipped)
    const pull = await ben.wire.request('sync.pull', { timeline, after: 0 })
    expect(between(pull.entries)).toEqual(skipped)
    const back = await WireClient.open(world.endpoint(1), ben.userId, { instanceId: 'back' })
    await back.request('sync.resume', { epoch: ben.snapshot.epoch, cursors: [{ timeline, offset: 0 }] })
    expect(between(back.frames.filter((frame) => frame.type === 'push'))).toEqual(skipped)
    const history = { conversationId, direction: 'older', limit: 10 }
    expect((await ben.wire.request('message.history', history)).messages.map(({ seq }) => seq)).toEqual([1, 3])
    expect((await ben.state(groupId)).lastMessage?.seq).toBe(3)
    expect(await refusalOf(ben.wire.request('reaction.add', { conversationId, seq: 2, reactionId: '[ok]' }))).toBe(
      'NO_SUCH_MESSAGE',
    )
    expect(JSON.stringify([ben.wire.frames, back.frames])).not.toMatch(/secret|more of it/)
    back.close()
  })

  test('[GRP-4] what the server says is said by nobody else, takes its place in the order, and stays as it is', async () => {
    const { groupId, conversationId, teacher, ann } = await foundClass()
    const tip = ann.pushed(timelineOf(groupId))[0]?.entry
    expect(tip).toMatchObject({ message: { senderId: '@system', seq: 1, elements: [{ tip: { op: 'joined' } }] } })
    const system = systemConversationId(ann.userId as UserId)
    await until('she has a notice', () => ann.pushed(conversationTimeline(system)).length > 0)
    expect(ann.pushed(conversationTimeline(system)).map(({ entry }) => shortOf(entry))).toEqual(['notice:invited'])
    const onTip = { conversationId, seq: 1 }
    expect(await refusalOf(teacher.wire.request('message.revoke', onTip))).toBe('NOT_REVOCABLE')
    const change = { ...onTip, version: 0, elements: [{ type: 'text', text: 'x' }] }
    expect(await refusalOf(teacher.wire.request('message.modify', change))).toBe('NOT_MODIFIABLE')
    const forged = { type: 'tip', tip: { op: 'quit', by: { userId: 'x' }, users: [{ userId: 'x' }], memberCount: 0 } }
    expect(await refusalOf(ann.say(groupId, 'x', { elements: [forged] }))).toBe('BAD_REQUEST')
    const said = { clientMsgId: nextId(), elements: [{ type: 'text', text: 'x' }] }
    for (const id of [system, systemConversationId(teacher.userId as UserId)]) {
      expect(await refusalOf(ann.wire.request('message.send', { conversationId: id, ...said }))).toBe('NOT_A_MEMBER')
    }
    expect(await refusalOf(Listener.open(world, '@system'))).toBe('BAD_USER_ID')
  })

  test('[GRP-5] a group that one is not in looks like one that does not exist', async () => {
    const { conversationId } = await foundClass('work')
    const stranger = await Listener.open(world, `stranger${stories}`)
    const answersIn = (id: ConversationId): Promise<readonly (string | undefined)[]> =>
      Promise.all(
        [
          stranger.wire.request('conversation.get', { conversationId: id }),
          stranger.wire.request('message.history', { conversationId: id, direction: 'older', limit: 1 }),
          stranger.wire.request('message.send', {
            conversationId: id,
            clientMsgId: nextId(),
            elements: [{ type: 'text', text: 'x' }],
          }),
          stranger.wire.request('sync.pull', { timeline: conversationTimeline(id), after: 0 }),
          stranger.wire.request('receipt.read', { conversationId: id, seq: 1 }),
        ].map((request) => refusalOf(request)),
      )
    const answers = await answersIn(conversationId)
    expect(new Set(answers)).toEqual(new Set(['NOT_A_MEMBER']))
    expect(await answersIn('group:nowhere' as ConversationId)).toEqual(answers)
  })

  test('[REQ-5] a founding that is sent again founds nothing new, whatever else it says', async () => {
    const { teacher, ann } = await foundClass()
    const founding = { requestId: nextId(), type: 'public', name: 'first' }
    const first = await teacher.wire.request('group.create', founding)
    const again = await teacher.wire.request('group.create', { ...founding, name: 'second' })
    expect(again.group).toMatchObject({ groupId: first.group.groupId, name: 'first' })
    const hers = await ann.wire.request('group.create', founding)
    expect(hers.group.groupId).not.toBe(first.group.groupId)
    const taken = { ...founding, requestId: nextId(), groupId: first.group.groupId.replace('@TGS#', 'x') }
    await teacher.wire.request('group.create', taken)
    expect(await refusalOf(ann.wire.request('group.create', { ...taken, requestId: nextId() }))).toBe('GROUP_ID_TAKEN')
    expect(await refusalOf(teacher.wire.request('group.create', { ...taken, requestId: nextId() }))).toBe(
      'GROUP_ID_TAKEN_BY_YOU',
    )
  })
})

test('what is named twice in one request counts once', async () => {
  const { groupId, conversationId, timeline, teacher, ann, ben } = await foundClass()
  const said = await teacher.say(groupId, 'to you both', { wantsReceipts: true })
  const twice = <T>(item: T): T[] => [item, item]
  const { seq } = said
  const { epoch } = ann.snapshot
  const { wire } = ann
  const requests = [
    () => wire.request('conversation.remind', { conversationIds: twice(conversationId), remind: 'silent' }),
    () => wire.request('receipt.send', { conversationId, seqs: twice(seq) }),
    () => teacher.wire.request('receipt.counts', { conversationId, seqs: twice(seq) }),
    () => wire.request('reaction.add', { conversationId, seq, reactionId: 'ok' }),
    () => wire.request('reaction.list', { conversationId, seqs: twice(seq), usersPerReaction: 10 }),
    () => wire.request('sync.snapshot', { conversationIds: twice(conversationId) }),
    () => wire.request('sync.resume', { epoch, cursors: twice({ timeline, offset: 1 }) }),
    () => wire.request('group.find', { groupIds: twice(groupId as GroupId) }),
    () => wire.request('group.findMembers', { groupId, userIds: twice(ben.userId as UserId) }),
    () => wire.request('profile.get', { userIds: twice(ben.userId as UserId) }),
    () => wire.request('message.delete', { conversationId, seqs: twice(seq) }),
    () => teacher.wire.request('group.invite', { groupId, userIds: twice('new' as UserId) }),
    () => wire.request('conversation.hide', { conversationIds: twice(conversationId), clears: true }),
    () => teacher.wire.request('group.kick', { groupId, userIds: twice(ben.userId as UserId) }),
  ]
  for (const request of requests) await request()
})

describe('corrections', () => {
  const saying = (text: string): SentElement[] => [{ type: 'text', text }]

  test('[MOD-1] a change names the version it changes: of two at once one is made, and the message keeps its place', async () => {
    const { groupId, conversationId, timeline, teacher, ann } = await foundClass()
    const { seq, offset } = await teacher.say(groupId, 'draft')
    const change = (text: string, version: number): Promise<unknown> =>
      teacher.wire.request('message.modify', { conversationId, seq, version, elements: saying(text) })
    const answers = await Promise.allSettled([change('one', 0), change('two', 0)])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await refusalOf(change('three', 0))).toBe('MODIFY_CONFLICT')
    expect(await change('four', 1)).toMatchObject({ version: 2 })
    await until('she has both', () => ann.heard(groupId).filter((short) => short === 'modified').length === 2)
    const entries = ann.pushed(timeline).map(({ entry }) => entry)
    expect(entries.slice(-2)).toMatchObject([
      { kind: 'modified', seq, version: 1, elements: saying('one'), by: teacher.userId },
      { kind: 'modified', seq, version: 2, elements: saying('four'), by: teacher.userId },
    ])
    const { lastMessage, countable } = await ann.state(groupId)
    expect(lastMessage).toMatchObject({ seq, version: 2, elements: saying('four') })
    expect(countable).toBe(2)
    // The log says what is true now, also at the old place.
    const { entries: pulled } = await ann.wire.request('sync.pull', { timeline, after: offset - 1 })
    expect(pulled[0]?.entry).toMatchObject({ message: { seq, version: 2, elements: saying('four') } })
    const id = (await ann.say(groupId, 'mine')).seq
    expect(await refusalOf(change('x', 9))).toBe('MODIFY_CONFLICT')
    const hers = { conversationId, seq: id, version: 0, elements: saying('corrected by the teacher') }
    expect(await teacher.wire.request('message.modify', hers)).toMatchObject({ version: 1 })
  })

  test('[MOD-2] revoking wins: what is revoked is nowhere any more, and nothing can be done to it', async () => {
    const { groupId, conversationId, timeline, teacher, ann } = await foundClass()
    const { seq, offset } = await teacher.say(groupId, 'the password is rosebud')
    await ann.hears(groupId, 'the password is rosebud')
    const onIt = { conversationId, seq }
    const revoked = await teacher.wire.request('message.revoke', { ...onIt, reason: 'typo' })
    expect(await teacher.wire.request('message.revoke', onIt)).toEqual(revoked)
    await ann.hears(groupId, 'revoked')
    const change = { ...onIt, version: 0, elements: saying('x') }
    expect(await refusalOf(teacher.wire.request('message.modify', change))).toBe('MESSAGE_REVOKED')
    const late = await Listener.open(world, ann.userId, 1, { instanceId: 'late' })
    const answers = [
      await late.wire.request('message.history', { conversationId, direction: 'older', limit: 10 }),
      await late.wire.request('sync.pull', { timeline, after: offset - 1 }),
      await late.state(groupId),
    ]
    expect(JSON.stringify([answers, late.snapshot])).not.toContain('rosebud')
    expect(answers[1]).toMatchObject({ entries: [{ entry: { message: { seq, elements: [], revoked: {} } } }, {}] })
  })
})

describe('reading and receipts', () => {
  test('[RCPT-1] in a group reading is between a user and his devices; between two the other sees it', async () => {
    const { groupId, conversationId, timeline, teacher, ann, ben } = await foundClass()
    const { seq } = await teacher.say(groupId, 'one')
    await teacher.say(groupId, 'two')
    const second = await Listener.open(world, ann.userId, 0, { instanceId: 'second' })
    const read = (upTo: number): Promise<unknown> => ann.wire.request('receipt.read', { conversationId, seq: upTo })
    expect(await read(seq)).toEqual({ readSeq: seq })
    expect(await read(1)).toEqual({ readSeq: seq })
    expect(await read(99)).toEqual({ readSeq: seq + 1 })
    await until('her other device', () => ownEntries(second).some(({ kind }) => kind === 'read-here'))
    expect(ownEntries(second).find(({ kind }) => kind === 'read-here')).toMatchObject({ conversationId, base: { seq } })
    await ben.say(groupId, 'done')
    for (const one of [teacher, ben]) {
      await one.hears(groupId, 'done')
      expect(one.pushed(timeline).every(({ entry }) => entry.kind === 'message')).toBe(true)
    }
    const pair = conversationOf(teacher.userId, ann.userId)
    const said = { conversationId: pair, clientMsgId: nextId(), elements: [{ type: 'text', text: 'x' }] }
    const toHer = await teacher.wire.request('message.send', said)
    await ann.wire.request('receipt.read', { conversationId: pair, seq: toHer.seq })
    await until('he sees it', () =>
      teacher.pushed(conversationTimeline(pair)).some(({ entry }) => entry.kind === 'read'),
    )
  })

  test('[RCPT-2] a receipt counts of who was there and was meant; who leaves is no longer waited for, and stays counted if he read', async () => {
    const { groupId, conversationId, teacher, ann, ben } = await foundClass()
    const { seq } = await teacher.say(groupId, 'sign', { needsReceipt: true })
    const forAnn = (await teacher.say(groupId, 'you', { needsReceipt: true, receiverIds: [ann.userId] })).seq
    const plain = (await teacher.say(groupId, 'plain')).seq
    const late = await Listener.open(world, `late${stories}`)
    await teacher.wire.request('group.invite', { groupId, userIds: [late.userId] })
    const seqs = [seq, forAnn, plain]
    const counts = async (): Promise<unknown> =>
      (await teacher.wire.request('receipt.counts', { conversationId, seqs })).counts
    expect(await counts()).toEqual([
      { seq, read: 0, unread: 2 },
      { seq: forAnn, read: 0, unread: 1 },
    ])
    for (const one of [ann, ben, late, teacher]) await one.wire.request('receipt.send', { conversationId, seqs })
    await ann.wire.request('receipt.send', { conversationId, seqs })
    expect(await counts()).toEqual([
      { seq, read: 2, unread: 0 },
      { seq: forAnn, read: 1, unread: 0 },
    ])
    expect((await ann.state(groupId)).readSeq).toBe(0)
    await ann.wire.request('group.quit', { groupId })
    expect(await counts()).toContainEqual({ seq, read: 2, unread: 0 })
    const unseen = (await teacher.say(groupId, 'again', { needsReceipt: true })).seq
    const waiting = { conversationId, seq: unseen, filter: 'unread', limit: 10 }
    expect(new Set((await teacher.wire.request('receipt.readers', waiting)).userIds)).toEqual(
      new Set([ben.userId, late.userId]),
    )
    await ben.wire.request('group.quit', { groupId })
    expect((await teacher.wire.request('receipt.readers', waiting)).userIds).toEqual([late.userId])
  })

  test('[RCPT-3] the sender hears numbers that are true by themselves, and only he', async () => {
    const { groupId, conversationId, teacher, ann, ben } = await foundClass()
    const { seq } = await teacher.say(groupId, 'sign', { needsReceipt: true })
    for (const one of [ann, ben]) await one.wire.request('receipt.send', { conversationId, seqs: [seq] })
    const told = (one: Listener): unknown[] =>
      one.wire.frames.flatMap((frame) =>
        frame.type === 'volatile' && frame.entry.kind === 'receipt-counts' ? frame.entry.counts : [],
      )
    await until('the last numbers', () => told(teacher).some((count) => (count as { unread: number }).unread === 0))
    expect(told(teacher).at(-1)).toEqual({ seq, read: 2, unread: 0 })
    expect([...told(ann), ...told(ben)]).toEqual([])
    const others = ann.wire.request('receipt.counts', { conversationId, seqs: [seq] })
    expect((await others).counts).toEqual([])
  })
})

describe('files', () => {
  const fileOf = (fileId: string, bytes: number): SentElement => ({ type: 'file', fileId, name: 'a.txt', bytes })
  const content = Buffer.from('a file')

  test('[FILE-1] a ticket takes exactly the bytes it was asked for, by PUT or by POST, once', async () => {
    const { ann, ben } = await foundClass()
    const media = new MediaClient(world, ann.wire, ann.userId)
    const { fileId, path } = await media.ticket('file', content.length, { name: 'a.txt', to: ben.userId })
    expect(await refusalOf(ann.wire.request('media.info', { fileId }))).toBe('NO_SUCH_FILE')
    expect((await media.put(path, Buffer.from('a fil'))).refusal).toBe('FILE_INCOMPLETE')
    expect((await media.put(path, content)).status).toBe(200)
    expect(await ann.wire.request('media.info', { fileId })).toMatchObject({
      fileId,
      kind: 'file',
      bytes: content.length,
    })
    expect(await refusalOf(ben.wire.request('media.info', { fileId }))).toBe('NO_SUCH_FILE')
    const other = await media.ticket('file', content.length, { to: ben.userId })
    expect((await media.put(other.path.replace(other.fileId, fileId), content)).refusal).toBe('TICKET_INVALID')
    expect((await media.post(other.path, content, { key: 'as another store wants it' })).status).toBe(200)
  })

  test('[FILE-2] only a file that one may open may be shown: naming it opens nothing', async () => {
    const { groupId, conversationId, ann, ben, teacher } = await foundClass()
    const media = new MediaClient(world, ann.wire, ann.userId)
    const { fileId } = await media.upload('file', content, 'a.txt')
    const element = fileOf(fileId, content.length)
    const stranger = await Listener.open(world, `stranger${stories}`)
    const steal = {
      conversationId: conversationOf(stranger.userId, ben.userId),
      clientMsgId: nextId(),
      elements: [element],
    }
    expect(await refusalOf(stranger.wire.request('message.send', steal))).toBe('NO_SUCH_FILE')
    expect(await refusalOf(ben.say(groupId, 'x', { elements: [element] }))).toBe('NO_SUCH_FILE')
    const { seq } = await ann.say(groupId, 'x', { elements: [element] })
    expect(await refusalOf(stranger.wire.request('message.send', steal))).toBe('NO_SUCH_FILE')
    await ben.say(groupId, 'x', { elements: [element] })
    const plain = await teacher.say(groupId, 'plain')
    const other = { conversationId, seq: plain.seq, version: 0, elements: [fileOf('A'.repeat(22), 1)] }
    expect(await refusalOf(teacher.wire.request('message.modify', other))).toBe('NO_SUCH_FILE')
    expect(seq).toBe(2)
  })

  test('[FILE-3] whether a file may be opened is asked every time: of the login, the membership and the message', async () => {
    const { groupId, conversationId, ann, ben, teacher } = await foundClass()
    const media = new MediaClient(world, ann.wire, ann.userId)
    const { fileId } = await media.upload('file', content, 'a.txt')
    const mediaOf = (one: Listener): MediaClient => new MediaClient(world, one.wire, one.userId)
    const token = await mediaOf(ben).token()
    const statuses = async (): Promise<number[]> => [
      (await media.get(fileId)).status,
      (await mediaOf(ben).get(fileId, { token })).status,
      (await mediaOf(teacher).get(fileId)).status,
    ]
    expect(await statuses()).toEqual([200, 404, 404])
    const { seq } = await ann.say(groupId, 'x', { elements: [fileOf(fileId, content.length)] })
    expect(await statuses()).toEqual([200, 200, 200])
    await teacher.wire.request('group.kick', { groupId, userIds: [ben.userId] })
    expect(await statuses()).toEqual([200, 404, 200])
    const stranger = await Listener.open(world, `stranger${stories}`)
    const hidden = await mediaOf(stranger).get(fileId)
    const absent = await mediaOf(stranger).get('A'.repeat(22))
    expect([hidden.status, hidden.body]).toEqual([absent.status, absent.body])
    const second = await Listener.open(world, teacher.userId, 1, { instanceId: 'second' })
    const secondToken = await mediaOf(second).token()
    expect((await mediaOf(second).get(fileId, { token: secondToken })).status).toBe(200)
    await second.wire.request('session.close', {})
    expect((await media.get(fileId, { token: secondToken })).status).toBe(404)
    await ann.wire.request('message.revoke', { conversationId, seq })
    expect(await statuses()).toEqual([404, 404, 404])
  })
})
