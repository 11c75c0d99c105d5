import { LIMITS, type Entry, type TimelineId, type UserId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { ScriptedLog } from '../../test/kit/scripted-feed.ts'
import { systemClock } from '../kit/clock.ts'
import { countThatFits, SyncService } from './sync-service.ts'

const ANNA = 'u:anna' as TimelineId
const TALK = 'c:c2c:anna:bert' as TimelineId
const UNKNOWN = 'c:c2c:anna:carla' as TimelineId

function startSync(entries: Readonly<Record<string, number>>): SyncService {
  const log = new ScriptedLog()
  for (const [timeline, count] of Object.entries(entries)) {
    for (let index = 0; index < count; index++) log.append(timeline as TimelineId, { kind: 'read' } as never)
  }
  return new SyncService({ db: {} as never, log, clock: systemClock })
}

/** The user's from these offsets on. */
function mine(joined: Readonly<Record<string, number>>): ReadonlyMap<TimelineId, { readonly joinedOffset: number }> {
  return new Map(Object.entries(joined).map(([id, joinedOffset]) => [id as TimelineId, { joinedOffset }]))
}

async function plan(sync: SyncService, offset: number, joinedOffset = 0): Promise<'resumed' | 'reset' | 'neither'> {
  const { cursors, resets } = await sync.planResume([{ timeline: TALK, offset }], mine({ [TALK]: joinedOffset }))
  if (cursors.length > 0) expect(cursors).toMatchObject([{ timeline: TALK, after: offset }])
  return cursors.length > 0 ? 'resumed' : resets.length > 0 ? 'reset' : 'neither'
}

test('[SYNC-6] a cursor is resumed as long as it is not too far behind, nor beyond the end', async () => {
  const head = LIMITS.catchUpEntries + 5
  const sync = startSync({ [TALK]: head })
  expect(await plan(sync, head)).toBe('resumed')
  expect(await plan(sync, 5)).toBe('resumed')
  expect(await plan(sync, 4)).toBe('reset')
  expect(await plan(sync, 0)).toBe('reset')
  expect(await plan(sync, head + 1)).toBe('reset')
  expect(await plan(sync, Number.MAX_SAFE_INTEGER)).toBe('reset')
})

test('[SYNC-6] [I11] a cursor from before the user came is of an earlier membership: what lies between was not for him', async () => {
  const sync = startSync({ [TALK]: 9 })
  expect(await plan(sync, 5, 5)).toBe('resumed')
  expect(await plan(sync, 9, 9)).toBe('resumed')
  expect(await plan(sync, 4, 5)).toBe('reset')
  expect(await plan(sync, 0, 1)).toBe('reset')
})

test('[SYNC-6] each cursor is judged by itself', async () => {
  const sync = startSync({ [ANNA]: 3, [TALK]: LIMITS.catchUpEntries + 1 })
  const asked = [
    { timeline: ANNA, offset: 3 },
    { timeline: TALK, offset: 0 },
  ]
  expect(await sync.planResume(asked, mine({ [ANNA]: 0, [TALK]: 0 }))).toEqual({
    cursors: [{ timeline: ANNA, after: 3, head: 3 }],
    resets: [TALK],
  })
})

test('[SYNC-7] what is not the user’s is neither resumed nor reset', async () => {
  const sync = startSync({ [TALK]: 3 })
  const asked = [
    { timeline: UNKNOWN, offset: 0 },
    { timeline: TALK, offset: 1 },
  ]
  expect(await sync.planResume(asked, mine({}))).toEqual({ cursors: [], resets: [] })
})

test('[EPOCH-2] only cursors of this epoch are worth anything', async () => {
  const sync = startSync({})
  await expect(sync.assertEpoch('epoch')).resolves.toBeUndefined()
  for (const epoch of ['', 'another', 'EPOCH']) {
    await expect(sync.assertEpoch(epoch)).rejects.toMatchObject({ code: 'EPOCH_CHANGED' })
  }
})

/** A service whose user is a member of the conversation since an offset, or not at all. */
function syncOf(entries: readonly Entry[], joinedOffset: number | undefined): SyncService {
  const log = new ScriptedLog()
  for (const entry of entries) log.append(TALK, entry)
  const rows = joinedOffset === undefined ? [] : [{ accountKey: 1, timeline: TALK, timelineKey: 1, joinedOffset }]
  return new SyncService({ db: { query: () => Promise.resolve(rows) } as never, log, clock: systemClock })
}

const anna = { userId: 'anna' as UserId, accountKey: 1 }

function saying(text: string, fields: object = {}): Entry {
  const message = { seq: 7, senderId: 'bert', elements: [{ type: 'text', text }], ...fields }
  return { kind: 'message', message } as unknown as Entry
}

function removalOf(userId: string): Entry {
  const tip = { op: 'kicked', users: [{ userId }] }
  return {
    kind: 'message',
    message: { seq: 7, senderId: '@system', elements: [{ type: 'tip', tip }] },
  } as unknown as Entry
}

describe('a pull', () => {
  test('[I11] is refused to who is no member, and before where he came', async () => {
    const entries = [saying('a'), saying('b'), saying('c')]
    await expect(syncOf(entries, undefined).pull(anna, { timeline: TALK, after: 0 })).rejects.toMatchObject({
      code: 'NOT_A_MEMBER',
    })
    await expect(syncOf(entries, 2).pull(anna, { timeline: TALK, after: 1 })).rejects.toMatchObject({
      code: 'TOO_FAR_BEHIND',
    })
    const page = await syncOf(entries, 2).pull(anna, { timeline: TALK, after: 2 })
    expect(page.entries.map(({ offset }) => offset)).toEqual([3])
  })

  test('asks whether he is a member after it has read: who was removed meanwhile gets nothing of it', async () => {
    const log = new ScriptedLog()
    log.append(TALK, saying('a'))
    const asked: string[] = []
    const { entriesAfter } = log
    log.entriesAfter = (...args) => {
      asked.push('entries')
      return entriesAfter.apply(log, args)
    }
    const db = {
      query: () => {
        asked.push('members')
        return Promise.resolve([])
      },
    }
    const sync = new SyncService({ db: db as never, log, clock: systemClock })
    await expect(sync.pull(anna, { timeline: TALK, after: 0 })).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
    expect(asked).toEqual(['entries', 'members'])
  })

  test('shows what is for others, and his own removal in an earlier life, as skipped', async () => {
    const entries = [
      saying('for carla', { receiverIds: ['carla'] }),
      removalOf('anna'),
      saying('c'),
      removalOf('carla'),
    ]
    const page = await syncOf(entries, 0).pull(anna, { timeline: TALK, after: 0 })
    expect(page.entries.map(({ entry }) => entry)).toEqual([
      { kind: 'skipped', seq: 7 },
      { kind: 'skipped', seq: 0 },
      entries[2],
      entries[3],
    ])
    expect(page.more).toBe(false)
  })

  test('[SYNC-8] ends where its bytes are full, and says that there is more', async () => {
    const long = saying('x'.repeat(LIMITS.pageBytes / 3))
    const sync = syncOf([long, long, long, long], 0)
    const seen: number[] = []
    for (let after = 0, more = true; more;) {
      const page = await sync.pull(anna, { timeline: TALK, after })
      expect(page.entries.length).toBeGreaterThan(0)
      expect(JSON.stringify(page.entries).length).toBeLessThan(LIMITS.pageBytes * 1.1)
      seen.push(...page.entries.map(({ offset }) => offset))
      after = seen.at(-1) ?? 0
      more = page.more
    }
    expect(seen).toEqual([1, 2, 3, 4])
  })

  test('too far behind is refused, unless it is not his at all', async () => {
    const entries = Array.from({ length: LIMITS.catchUpEntries + 1 }, () => saying('x'))
    const pull = (joinedOffset: number | undefined): Promise<unknown> =>
      syncOf(entries, joinedOffset).pull(anna, { timeline: TALK, after: 0 })
    await expect(pull(0)).rejects.toMatchObject({ code: 'TOO_FAR_BEHIND' })
    await expect(pull(undefined)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
  })
})

describe('[SYNC-8] what fits into one page', () => {
  const of = (...bytes: number[]): string[] => bytes.map((count) => 'x'.repeat(count - 2))

  test('is what stays within its bytes, and one always does', () => {
    const full = LIMITS.pageBytes
    expect(countThatFits([])).toBe(0)
    expect(countThatFits(of(full))).toBe(1)
    expect(countThatFits(of(full + 1))).toBe(1)
    expect(countThatFits(of(full + 1, 2))).toBe(1)
    expect(countThatFits(of(full / 2, full / 2))).toBe(2)
    expect(countThatFits(of(full / 2, full / 2, 2))).toBe(2)
    expect(countThatFits(of(2, full, 2))).toBe(1)
  })

  test('is counted in bytes, not in letters', () => {
    const chinese = '王'.repeat(LIMITS.pageBytes / 3 - 1)
    expect(countThatFits([chinese])).toBe(1)
    expect(countThatFits([chinese, 'x'])).toBe(1)
    expect(countThatFits(['x', chinese])).toBe(1)
  })
})

test.each(['x', '1.5', '1e300', 'NaN', '9007199254740992'])('%j is no place of a page', async (after) => {
  const sync = startSync({})
  await expect(sync.planSnapshot({ userId: 'anna' as never, accountKey: 1 }, { after })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  })
})
