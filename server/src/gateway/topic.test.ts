import { parseUserId, userTimeline, type TimelineId } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import { RecordingSession } from '../../test/kit/scripted-feed.ts'
import { Follower, Topic } from './topic.ts'

function timelineOf(name: string): TimelineId {
  const userId = parseUserId(name)
  if (userId === undefined) throw new Error('not a user id')
  return userTimeline(userId)
}

function startTopic() {
  const topic = new Topic(timelineOf('anna'), Promise.resolve())
  let made = 0
  const deliver = (offset: number): boolean =>
    topic.deliver(offset, () => {
      made++
      return Buffer.from(`{"timeline":"u:anna","offset":${offset}}`)
    })
  const join = (id: string): Follower => {
    const follower = new Follower(topic, new RecordingSession(id))
    topic.followers.add(follower)
    return follower
  }
  return { topic, deliver, join, made: () => made }
}

function offsetsOf(follower: Follower): readonly number[] {
  return (follower.session as RecordingSession).offsetsOf(follower.topic.id)
}

describe('a topic', () => {
  test('[PUSH-1] hands on only what is next, and knows when it is behind', () => {
    const { topic, deliver, join } = startTopic()
    const follower = join('s1')
    expect(topic.tryGoLive(follower, 3)).toBe(true)
    for (const offset of [3, 2, 4, 4, 6, 7]) deliver(offset)
    expect(offsetsOf(follower)).toEqual([4])
    expect(topic.isBehind).toBe(true)
    for (const offset of [5, 6, 7]) deliver(offset)
    expect(offsetsOf(follower)).toEqual([4, 5, 6, 7])
    expect(topic.isBehind).toBe(false)
  })

  test('with nobody live it delivers nothing, makes no frame and is not behind, but remembers how far things went', () => {
    const { topic, deliver, join, made } = startTopic()
    const follower = join('s1')
    deliver(1)
    deliver(2)
    expect(made()).toBe(0)
    expect(topic.isBehind).toBe(false)
    expect(topic.tryGoLive(follower, 1)).toBe(false)
    expect(topic.tryGoLive(follower, 2)).toBe(true)
  })

  test('makes a frame once for all, and none for what is old', () => {
    const { topic, deliver, join, made } = startTopic()
    for (const id of ['s1', 's2', 's3']) topic.tryGoLive(join(id), 0)
    deliver(1)
    deliver(1)
    expect(made()).toBe(1)
  })

  test('who read further than the others is not pushed again what he has', () => {
    const { topic, deliver, join } = startTopic()
    const slow = join('slow')
    const fast = join('fast')
    topic.tryGoLive(slow, 5)
    expect(topic.tryGoLive(fast, 8)).toBe(true)
    expect(topic.isBehind).toBe(true)
    for (const offset of [6, 7, 8, 9]) deliver(offset)
    expect(offsetsOf(slow)).toEqual([6, 7, 8, 9])
    expect(offsetsOf(fast)).toEqual([9])
  })

  test('after its last live follower left, the next one says where it stands', () => {
    const { topic, deliver, join } = startTopic()
    const first = join('s1')
    topic.tryGoLive(first, 3)
    topic.remove(first)
    topic.remove(first)
    expect(topic.hasLive).toBe(false)
    const second = join('s2')
    expect(topic.tryGoLive(second, 2)).toBe(false)
    expect(topic.tryGoLive(second, 7)).toBe(true)
    deliver(8)
    expect(offsetsOf(second)).toEqual([8])
    expect(offsetsOf(first)).toEqual([])
  })

  test('keeps what is heard while somebody is being brought to now, or before a gap is closed', () => {
    const { topic, deliver, join } = startTopic()
    const heard = { frame: '{}', isParticular: false }
    topic.keep(5, heard)
    expect(topic.heardAt(5)).toBeUndefined()
    const first = join('s1')
    topic.keep(1, heard)
    expect(topic.heardAt(1)).toEqual(heard)
    topic.tryGoLive(first, 1)
    expect(topic.heardAt(1)).toBeUndefined()
    topic.keep(2, heard)
    deliver(2)
    expect(topic.heardAt(2)).toBeUndefined()
    topic.keep(4, heard)
    deliver(4)
    expect(topic.heardAt(4)).toEqual(heard)
    deliver(3)
    deliver(4)
    expect(topic.heardAt(4)).toBeUndefined()
    const second = join('s2')
    topic.keep(5, heard)
    deliver(5)
    expect(topic.heardAt(5)).toEqual(heard)
    topic.remove(second)
    expect(topic.heardAt(5)).toBeUndefined()
  })

  test('who has left is not made live any more', () => {
    const { topic, deliver, join } = startTopic()
    const follower = join('s1')
    topic.remove(follower)
    expect(topic.tryGoLive(follower, 0)).toBe(true)
    expect(topic.hasLive).toBe(false)
    deliver(1)
    expect(offsetsOf(follower)).toEqual([])
  })
})
