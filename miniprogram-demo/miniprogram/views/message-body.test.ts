import { expect, test } from 'vitest'
import { TYPES } from '../im/sdk.ts'
import { zh } from '../text/zh.ts'
import { bodyOf, fit, originalUrl, sizeText } from './message-body.ts'

const read = (type: string, payload: Record<string, unknown>, flow = 'in', isHeard = false) =>
  bodyOf({ ID: '1', type, payload, flow }, { words: zh, isHeard: () => isHeard })

test('a picture is shown from its large copy and looked at in the original', () => {
  const imageInfoArray = [
    { type: 0, url: 'original', width: 4000, height: 3000 },
    { type: 1, url: 'small', width: 264, height: 198 },
    { type: 2, url: 'large', width: 960, height: 720 },
  ]
  expect(read(TYPES.MSG_IMAGE, { imageInfoArray })).toEqual({ type: 'image', url: 'large', width: 360, height: 270 })
  expect(originalUrl({ imageInfoArray })).toBe('original')
})

test('a very long picture keeps a width one can touch', () => {
  expect([fit(100, 4000), fit(0, 0)]).toEqual([
    { width: 120, height: 360 },
    { width: 360, height: 270 },
  ])
})

test('a recording of others is new until it was heard; an own one never is', () => {
  const isNew = [
    read(TYPES.MSG_AUDIO, { second: 4 }),
    read(TYPES.MSG_AUDIO, { second: 4 }, 'in', true),
    read(TYPES.MSG_AUDIO, { second: 4 }, 'out'),
  ]
  expect(isNew).toMatchObject([{ isNew: true, text: '4″' }, { isNew: false }, { isNew: false }])
})

test('a sticker of a kit has its name, an emoji is itself, all else a word', () => {
  const face = (data: string): unknown => read(TYPES.MSG_FACE, { index: 1, data })
  expect([face('[鼓掌]'), face('😀'), face('tt_01')]).toMatchObject([
    { text: '[鼓掌]' },
    { text: '😀' },
    { text: '[动画表情]' },
  ])
})

test('sizes are told in words', () => {
  expect([sizeText(900), sizeText(20_480), sizeText(3_500_000)]).toEqual(['900 B', '20 KB', '3.3 MB'])
})

test('a file has its ending', () => {
  expect(read(TYPES.MSG_FILE, { fileName: '春游.docx', fileSize: 2048 })).toEqual({
    type: 'file',
    text: '春游.docx',
    size: '2 KB',
    ending: 'DOCX',
  })
})
