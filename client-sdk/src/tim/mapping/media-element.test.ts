import { describe, expect, test } from 'vitest'
import { TYPES } from '../types.ts'
import { copyOfPayload, toMediaElement, toTimMediaElement, type MediaElement } from './media-element.ts'
import type { ImageInfo } from './payload.ts'
import { toMergerElement } from './merger-element.ts'

const FILE = 'f'.repeat(22)
const COVER = 'c'.repeat(22)
const LIST = 'l'.repeat(22)

function urlOf(fileId: string, variant?: 'small' | 'large'): string {
  return `https://im/${fileId.slice(0, 1)}${variant === undefined ? '' : `/${variant}`}?t=mine`
}

type Image = Extract<MediaElement, { type: 'image' }>

function image(width: number, height: number): Image {
  return {
    type: 'image',
    fileId: FILE,
    format: 'png',
    bytes: 9_000,
    width,
    height,
    small: { bytes: 1_000, width: 264, height: 198 },
    large: { bytes: 4_000, width: 960, height: 720 },
  }
}

describe('a picture', () => {
  test('has three addresses: original, small, large, by their numbers', () => {
    expect(toTimMediaElement(image(4000, 3000), urlOf)).toEqual({
      type: TYPES.MSG_IMAGE,
      content: {
        uuid: FILE,
        imageFormat: 3,
        imageInfoArray: [
          entry(0, 1, 9_000, 4000, 3000, 'https://im/f?t=mine'),
          entry(1, 3, 1_000, 264, 198, 'https://im/f/small?t=mine'),
          entry(2, 2, 4_000, 960, 720, 'https://im/f/large?t=mine'),
        ],
      },
    })
  })

  test('that is small already is its own smaller copy: by its shorter edge, up to 198 and 720', () => {
    const shown = (width: number, height: number): unknown[] => {
      const { imageInfoArray } = toTimMediaElement(image(width, height), urlOf).content
      return (imageInfoArray as { url: string; width: number }[]).map((one) => `${one.width} ${one.url}`)
    }
    const original = (width: number) => `${width} https://im/f?t=mine`
    expect(shown(900, 198)).toEqual([original(900), original(900), original(900)])
    expect(shown(900, 199)).toEqual([original(900), '264 https://im/f/small?t=mine', original(900)])
    expect(shown(900, 720)).toEqual([original(900), '264 https://im/f/small?t=mine', original(900)])
    expect(shown(900, 721)[2]).toBe('960 https://im/f/large?t=mine')
    expect(shown(0, 0)).toEqual([original(0), original(0), original(0)])
  })

  test('goes back over the wire the same, in whichever order its entries stand', () => {
    const { type, content } = toTimMediaElement(image(4000, 3000), urlOf)
    expect(toMediaElement({ type, content })).toEqual(image(4000, 3000))
    const [first, second, third] = content.imageInfoArray as [ImageInfo, ImageInfo, ImageInfo]
    expect(toMediaElement({ type, content: { ...content, imageInfoArray: [first, third, second] } })).toEqual(
      image(4000, 3000),
    )
  })
})

function entry(type: number, sizeType: number, size: number, width: number, height: number, url: string) {
  return { instanceID: type, sizeType, type, size, width, height, imageUrl: url, url }
}

describe('recordings and files', () => {
  test('have the fields of TIM and come back as they were', () => {
    const elements: MediaElement[] = [
      { type: 'audio', fileId: FILE, bytes: 5, seconds: 3 },
      { type: 'file', fileId: FILE, name: '通知.pdf', bytes: 5 },
      {
        type: 'video',
        fileId: FILE,
        format: 'mp4',
        bytes: 5,
        seconds: 7,
        cover: { fileId: COVER, bytes: 2, width: 640, height: 360 },
      },
      { type: 'video', fileId: FILE, format: 'mp4', bytes: 5, seconds: 7 },
    ]
    const [audio, file, video, bare] = elements.map((element) => toTimMediaElement(element, urlOf))
    const url = 'https://im/f?t=mine'
    const cover = 'https://im/c?t=mine'
    expect(audio).toEqual({
      type: TYPES.MSG_AUDIO,
      content: { uuid: FILE, url, remoteAudioUrl: url, size: 5, second: 3, downloadFlag: 2 },
    })
    expect(file).toEqual({
      type: TYPES.MSG_FILE,
      content: { uuid: FILE, fileName: '通知.pdf', fileSize: 5, fileUrl: url, remoteFileUrl: url, downloadFlag: 2 },
    })
    expect(video?.content).toEqual({
      videoUUID: FILE,
      videoUrl: url,
      remoteVideoUrl: url,
      videoFormat: 'mp4',
      videoSecond: 7,
      videoSize: 5,
      videoDownloadFlag: 2,
      thumbUUID: COVER,
      thumbFormat: 'jpg',
      thumbUrl: cover,
      remoteThumbUrl: cover,
      thumbSize: 2,
      thumbWidth: 640,
      thumbHeight: 360,
      thumbDownloadFlag: 2,
      snapshotUrl: cover,
      remoteSnapshotUrl: cover,
      snapshotSize: 2,
      snapshotWidth: 640,
      snapshotHeight: 360,
    })
    expect(bare?.content).toMatchObject({ thumbUUID: '', thumbUrl: '', snapshotWidth: 200, snapshotHeight: 200 })
    for (const [index, tim] of [audio, file, video, bare].entries()) {
      if (tim) expect(toMediaElement(tim)).toEqual(elements[index])
    }
  })

  test('without a file are not sent: 2403', () => {
    for (const type of [TYPES.MSG_IMAGE, TYPES.MSG_AUDIO, TYPES.MSG_VIDEO, TYPES.MSG_FILE]) {
      expect(() => toMediaElement({ type, content: { uuid: '', videoUUID: '../../etc/passwd.....' } })).toThrow(
        expect.objectContaining({ code: 2403 }),
      )
    }
  })
})

describe('a merged list', () => {
  const picture = toTimMediaElement(image(4000, 3000), urlOf)
  const entries = [{ ID: '1-2-3', from: 'a', time: 5, messageBody: [{ type: picture.type, payload: picture.content }] }]
  const merger = { title: 't', abstractList: ['a: hi'], compatibleText: 'c', messageList: entries }

  test('names the files it shows and carries no address of its maker; the reader gets his own', () => {
    const element = toMergerElement(merger)
    expect(element.fileIds).toEqual([FILE])
    expect(JSON.stringify(element)).not.toContain('t=mine')
    const read = toTimMediaElement(element, (fileId) => `https://im/${fileId}?t=reader`).content
    const [first] = read['messageList'] as { messageBody: { payload: { imageInfoArray: { url: string }[] } }[] }[]
    expect(first?.messageBody[0]?.payload.imageInfoArray[0]?.url).toBe(`https://im/${FILE}?t=reader`)
    expect(read).toMatchObject({ title: 't', abstractList: ['a: hi'], compatibleText: 'c', downloadKey: '' })
  })

  test('in a merged list names its files in the outer one', () => {
    const body = [{ type: TYPES.MSG_MERGER, payload: merger }]
    const outer = toMergerElement({ ...merger, messageList: [{ messageBody: body }] })
    expect(outer.fileIds).toEqual([FILE])
    expect(JSON.stringify(outer)).not.toContain('t=mine')
    const [read] = toTimMediaElement(outer, urlOf).content['messageList'] as { messageBody: { payload: object }[] }[]
    expect(JSON.stringify(read?.messageBody[0]?.payload)).toContain('https://im/f/small?t=mine')
  })

  test('that is stored aside keeps its file, and those it shows, wherever it is handed on', () => {
    const stored: MediaElement = {
      type: 'merger',
      title: 't',
      abstracts: [],
      compatibleText: 'c',
      list: { fileId: LIST },
      fileIds: [FILE],
    }
    const { content } = toTimMediaElement(stored, urlOf)
    expect(content).toMatchObject({ downloadKey: LIST, messageList: [] })
    expect(toMergerElement(content)).toEqual(stored)
    // Fetched, and then forwarded or merged.
    const fetched = { ...content, downloadKey: '', messageList: entries }
    expect(toMergerElement(fetched)).toEqual(stored)
    const body = [{ type: TYPES.MSG_MERGER, payload: fetched }]
    const outer = toMergerElement({ ...merger, messageList: [{ messageBody: body }] })
    expect(outer.fileIds).toEqual([LIST, FILE])
    expect(toTimMediaElement(outer, urlOf).content['messageList']).toMatchObject([
      { messageBody: [{ payload: { downloadKey: LIST, messageList: [] } }] },
    ])
  })

  test('of another client’s making breaks nothing', () => {
    const read = (json: string): unknown =>
      toTimMediaElement(
        { type: 'merger', title: '', abstracts: [], compatibleText: '', list: { json }, fileIds: [] },
        urlOf,
      ).content['messageList']
    expect(read('{')).toEqual([])
    expect(read('{"length":1}')).toEqual([])
    expect(read('[null,1,{"ID":7,"time":"x","messageBody":[{"type":"TIMImageElem"},null]}]')).toMatchObject([
      { ID: '', time: 0, messageBody: [] },
    ])
    const deep = `${'[{"messageBody":[{"type":"TIMRelayElem","payload":{"messageList":'.repeat(50)}[]${'}}]}]'.repeat(50)}`
    expect(JSON.stringify(read(deep)).match(/TIMRelayElem/g)?.length).toBe(11)
  })
})

test('a copy of a payload shares nothing with it', () => {
  const { content } = toTimMediaElement(image(4000, 3000), urlOf)
  const copy = copyOfPayload(content)
  expect(copy).toEqual(content)
  const [first] = copy['imageInfoArray'] as { url: string }[]
  if (first) first.url = 'changed'
  expect(JSON.stringify(content)).not.toContain('changed')
})
