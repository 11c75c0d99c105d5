import type { Payload } from '@hongyan/client-sdk'
import { describe, expect, test } from 'vitest'
import { endingOf, fileKindOf } from './file-kind.ts'
import { showBytes, showDuration } from './file-size.ts'
import { fileOf, pictureOf, placeOf, videoOf, voiceOf } from './media-payload.ts'
import { shownSize } from './shown-size.ts'

test.each([
  ['作业.PDF', 'pdf'],
  ['通知.docx', 'document'],
  ['成绩.xlsx', 'sheet'],
  ['课件.pptx', 'slides'],
  ['照片.tar.gz', 'archive'],
  ['IMG.heic', 'picture'],
  ['歌.mp3', 'sound'],
  ['电影.mkv', 'film'],
  ['readme.md', 'text'],
  ['没有后缀', 'other'],
  ['x.toString', 'other'],
  ['.constructor', 'other'],
])('%s is shown as a %s', (name, kind) => {
  expect(fileKindOf(name)).toBe(kind)
})

test('an ending is in small letters, and none where there is no name of one', () => {
  expect([endingOf('A.JPEG'), endingOf('a.'), endingOf('a.很长'), endingOf('')]).toEqual(['jpeg', '', '', ''])
})

test.each([
  [0, '0 B'],
  [-1, '0 B'],
  [NaN, '0 B'],
  [999, '999 B'],
  [1024, '1 KB'],
  [1536, '1.5 KB'],
  [1024 * 1023.9, '1 MB'],
  [12.34 * 1024 * 1024, '12 MB'],
  [5 * 1024 ** 4, '5120 GB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(showBytes(bytes)).toBe(shown)
})

test.each([
  [0, '0:00'],
  [7, '0:07'],
  [59.6, '1:00'],
  [750, '12:30'],
  [3_723, '1:02:03'],
  [Infinity, '0:00'],
])('%d seconds are shown as %s', (seconds, shown) => {
  expect(showDuration(seconds)).toBe(shown)
})

describe('the place of a picture', () => {
  test('keeps its proportions and is not enlarged', () => {
    expect(shownSize({ width: 4000, height: 3000 })).toEqual({ width: 260, height: 195 })
    expect(shownSize({ width: 3000, height: 4000 })).toEqual({ width: 210, height: 280 })
    expect(shownSize({ width: 120, height: 90 })).toEqual({ width: 120, height: 90 })
  })

  test('is never too thin to be hit, and is there when nothing is known', () => {
    expect(shownSize({ width: 10_000, height: 20 })).toEqual({ width: 260, height: 72 })
    expect(shownSize({ width: 20, height: 10_000 })).toEqual({ width: 96, height: 280 })
    expect(shownSize({ width: 0, height: 0 })).toEqual({ width: 200, height: 150 })
  })
})

describe('what a payload says', () => {
  const entry = (type: number, width: number) => ({ type, width, height: 10, size: 5, url: `u${type}`, imageUrl: '' })

  test('of a picture is told by the entries’ types, in whatever order', () => {
    const payload = { imageFormat: 2, imageInfoArray: [entry(0, 900), entry(2, 720), entry(1, 198)] }
    const { original, small, large, isGif } = pictureOf({ payload })
    expect([original.width, small.url, large.url, isGif]).toEqual([900, 'u1', 'u2', true])
  })

  test('is empty where a payload is broken', () => {
    const odd = {
      imageInfoArray: [null, 7, 'x'],
      fileName: 7,
      fileSize: '9',
      second: NaN,
      latitude: 'x',
    } as unknown as Payload
    expect(pictureOf({ payload: odd }).original.url).toBe('')
    expect(fileOf({ payload: odd })).toEqual({ url: '', name: '', bytes: 0 })
    expect(voiceOf({ payload: odd }).seconds).toBe(1)
    expect(videoOf({ payload: {} }).url).toBe('')
    expect(placeOf({ payload: {} })).toEqual({ description: '', latitude: 0, longitude: 0 })
  })
})
