import { describe, expect, test } from 'vitest'
import type { MediaInspector } from '../../core/client-api.ts'
import { failure } from '../../../test/fake-client.ts'
import { registerPlugins } from '../plugins.ts'
import { makeMediaRig } from '../test/media-rig.ts'
import { TYPES } from '../types.ts'

const TO = { to: 'parent', conversationType: TYPES.CONV_C2C }
const PICTURE = {
  width: 4000,
  height: 3000,
  small: { bytes: 10, width: 264, height: 198 },
  large: { bytes: 20, width: 960, height: 720 },
}

function fileNamed(name: string, type = '', bytes = 5): object {
  return { name, type, size: bytes, slice: () => undefined }
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'sent',
    (error: unknown) => (error as { code?: number }).code,
  )
}

const LOCAL: MediaInspector = { localUrl: () => 'blob:local' }

describe('what is taken', () => {
  test('in a browser: a File, a Blob, an input that is emptied at once, uni-app’s wrapping; the rest is no message', async () => {
    const { methods, client, settle } = makeMediaRig('web')
    const input: { files: object[] } = { files: [fileNamed('c.png')] }
    const named = (name: string) => fileNamed(name)
    const inputs = [
      named('a.png'),
      { size: 3, type: 'image/gif', slice: () => undefined },
      input,
      { tempFiles: [named('d.png')], tempFilePaths: ['blob:d'] },
      { tempFilePath: 'blob:e', tempFile: named('e.png') },
    ]
    const messages = inputs.map((file) => methods.createImageMessage({ ...TO, payload: { file } }))
    input.files.length = 0
    for (const message of messages) void codeOf(methods.sendMessage(message))
    await settle()
    expect(client.running.map(({ source }) => source.name)).toEqual(['a.png', 'image.gif', 'c.png', 'd.png', 'e.png'])
    const foreign = [
      { tempFilePaths: ['x'], tempFiles: [{ path: 'x', size: 1 }] },
      {},
      { name: 'a', data: Buffer.from('x') },
    ]
    for (const file of foreign) expect(methods.createImageMessage({ ...TO, payload: { file } })).toBeUndefined()
    expect(() => methods.createImageMessage({ ...TO, payload: { file: undefined } })).toThrow('createImageMessage')
  })

  test('in a mini-program: what its pickers and its recorder give, at their true size', async () => {
    const { methods, client, settle } = makeMediaRig('wx', {
      localUrl: String,
      bytesOf: async (path) => (path === 'wxfile://b.png' ? 77 : undefined),
    })
    const messages = [
      methods.createImageMessage({
        ...TO,
        payload: { file: { tempFilePaths: ['wxfile://a.jpg'], tempFiles: [{ path: 'wxfile://a.jpg', size: 9 }] } },
      }),
      methods.createImageMessage({
        ...TO,
        payload: {
          file: { tempFiles: [{ tempFilePath: 'wxfile://b.png', size: 9, fileType: 'image' }], type: 'image' },
        },
      }),
      methods.createAudioMessage({
        ...TO,
        payload: { file: { tempFilePath: 'wxfile://c.mp3', duration: 2_900, fileSize: 12 } },
      }),
      methods.createVideoMessage({
        ...TO,
        payload: { file: { tempFilePath: 'wxfile://d.mp4', size: 13, duration: 3.7, width: 640, height: 360 } },
      }),
      methods.createFileMessage({
        ...TO,
        payload: { file: { tempFiles: [{ path: 'wxfile://e', name: '通知.pdf', size: 14, type: 'file' }] } },
      }),
    ]
    expect(messages.map(({ payload }) => [payload['second'], payload['videoSecond']])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [2, undefined],
      [undefined, 3],
      [undefined, undefined],
    ])
    for (const message of messages) void codeOf(methods.sendMessage(message))
    await settle()
    expect(client.running.map(({ source }) => source)).toEqual([
      { name: 'a.jpg', bytes: 9, content: 'wxfile://a.jpg' },
      { name: 'b.png', bytes: 77, content: 'wxfile://b.png' },
      { name: 'c.mp3', bytes: 12, content: 'wxfile://c.mp3' },
      { name: 'd.mp4', bytes: 13, content: 'wxfile://d.mp4' },
      { name: '通知.pdf', bytes: 14, content: 'wxfile://e' },
    ])
    expect(methods.createFileMessage({ ...TO, payload: { file: fileNamed('a') } })).toBeUndefined()
  })

  test('in Node: bytes, and bytes with a name', async () => {
    const { methods, client, settle } = makeMediaRig('node')
    const bytes = Buffer.from('hello')
    const files = [bytes, { name: 'a.txt', data: bytes }]
    for (const file of files) void codeOf(methods.sendMessage(methods.createFileMessage({ ...TO, payload: { file } })))
    await settle()
    expect(client.running.map(({ source }) => source)).toEqual([
      { name: 'file.bin', bytes: 5, content: bytes },
      { name: 'a.txt', bytes: 5, content: bytes },
    ])
    expect(methods.createFileMessage({ ...TO, payload: { file: { tempFilePath: 'x' } } })).toBeUndefined()
  })

  test('under another name when the application says so, and never under one that is too long', async () => {
    const { methods } = makeMediaRig()
    const payload = { file: fileNamed('a.txt'), customFileName: `${'长'.repeat(300)}.docx` }
    const { fileName } = methods.createFileMessage({ ...TO, payload }).payload
    expect(fileName).toBe(`${'长'.repeat(250)}.docx`)
  })
})

describe('a message with a file', () => {
  test('shows it at its local address at once, in three entries, and has nothing remote', () => {
    const { methods } = makeMediaRig('web', LOCAL)
    const message = methods.createImageMessage({ ...TO, payload: { file: fileNamed('a.gif', '', 9) } })
    const entry = { size: 9, width: 0, height: 0, imageUrl: '', url: 'blob:local' }
    expect(message).toMatchObject({ type: TYPES.MSG_IMAGE, status: 'unSend', flow: 'out' })
    expect(message.payload).toEqual({
      uuid: '',
      imageFormat: 2,
      imageInfoArray: [
        { instanceID: 0, type: 0, sizeType: 1, ...entry },
        { instanceID: 2, type: 2, sizeType: 2, ...entry },
        { instanceID: 1, type: 1, sizeType: 3, ...entry },
      ],
    })
  })

  test('is sent after the upload, with its payload filled in place and its ID kept', async () => {
    const { methods, client, settle } = makeMediaRig('web', LOCAL)
    const message = methods.createImageMessage({ ...TO, payload: { file: fileNamed('a.png') } })
    const { ID, payload } = message
    const [original] = payload['imageInfoArray'] as object[]
    const sent = methods.sendMessage(message)
    await settle()
    expect(client.drafts).toEqual([])
    expect(client.running[0]).toMatchObject({ conversationId: 'c2c:parent:teacher', kind: 'image' })
    client.running[0]?.arrive({ picture: PICTURE })
    expect((await sent).data.message).toBe(message)
    expect(message).toMatchObject({ ID, status: 'success' })
    expect(message.payload).toBe(payload)
    const entries = payload['imageInfoArray'] as { type: number; url: string; imageUrl: string }[]
    expect(entries[0]).toBe(original)
    expect(entries.map(({ type, url }) => [type, url])).toEqual([
      [0, client.mediaUrl(`file1${'0'.repeat(17)}`)],
      [1, client.mediaUrl(`file1${'0'.repeat(17)}`, 'small')],
      [2, client.mediaUrl(`file1${'0'.repeat(17)}`, 'large')],
    ])
    expect(entries.map(({ imageUrl }) => imageUrl)).toEqual(entries.map(({ url }) => url))
    expect(client.drafts[0]?.elements).toEqual([
      { type: 'image', fileId: `file1${'0'.repeat(17)}`, format: 'png', bytes: 5, ...PICTURE },
    ])
  })

  test('tells its progress in growing numbers, and 1 once, when all is there', async () => {
    const { methods, client, settle } = makeMediaRig()
    const parts: number[] = []
    const onProgress = (part: number) => parts.push(part)
    const message = methods.createFileMessage({ ...TO, payload: { file: fileNamed('a') }, onProgress })
    const sent = methods.sendMessage(message)
    await settle()
    for (const part of [0.2, 0.2, 0.1, Number.NaN, 1, 1]) client.running[0]?.progress(part)
    expect(parts).toEqual([0.2, 0.99])
    client.running[0]?.arrive()
    await sent
    expect(parts).toEqual([0.2, 0.99, 1])
  })

  test('fails with 2109 when the application’s progress function throws, and then only has to be sent', async () => {
    const { methods, client, settle } = makeMediaRig()
    let calls = 0
    const onProgress = (): void => {
      calls++
      throw new Error('the bar is gone')
    }
    const message = methods.createFileMessage({ ...TO, payload: { file: fileNamed('a') }, onProgress })
    const code = codeOf(methods.sendMessage(message))
    await settle()
    client.running[0]?.progress(0.5)
    client.running[0]?.progress(0.6)
    client.running[0]?.arrive()
    expect(await code).toBe(2109)
    expect(calls).toBe(1)
    expect(message.status).toBe('fail')
    const again = codeOf(methods.resendMessage(message))
    await settle()
    expect(await again).toBe('sent')
    expect(client.running).toHaveLength(1)
  })

  test('that could not be uploaded has failed, and is uploaded when it is sent again; what is there is not', async () => {
    const { methods, client, settle } = makeMediaRig()
    const message = methods.createFileMessage({ ...TO, payload: { file: fileNamed('a') } })
    const first = codeOf(methods.sendMessage(message))
    await settle()
    client.running[0]?.fail(new Error('cut'))
    expect(await first).toBe(2400)
    expect(message.status).toBe('fail')
    client.failing.set('send', 'TIMEOUT')
    const second = codeOf(methods.resendMessage(message))
    await settle()
    expect(client.running).toHaveLength(2)
    client.running[1]?.arrive()
    expect(await second).toBe(2801)
    expect(await codeOf(methods.resendMessage(message))).toBe('sent')
    expect(client.running).toHaveLength(2)
    expect(client.drafts[0]?.elements).toEqual([
      { type: 'file', fileId: `file2${'0'.repeat(17)}`, name: 'a', bytes: 5 },
    ])
  })

  test('keeps its place among the others with files, whoever is uploaded first; a failed one holds nobody up', async () => {
    const { methods, client, settle } = makeMediaRig()
    const send = (name: string, to = 'parent') =>
      codeOf(methods.sendMessage(methods.createFileMessage({ ...TO, to, payload: { file: fileNamed(name) } })))
    const outcomes = [send('a'), send('b'), send('c'), send('d', 'other')]
    await settle()
    const names = (): unknown[] =>
      client.drafts.flatMap(({ elements }) => elements.map((one) => 'name' in one && one.name))
    client.running[3]?.arrive()
    client.running[2]?.arrive()
    await settle()
    expect(names()).toEqual(['d'])
    client.running[0]?.arrive()
    await settle()
    expect(names()).toEqual(['d', 'a'])
    client.running[1]?.fail(new Error('cut'))
    await settle()
    expect(names()).toEqual(['d', 'a', 'c'])
    expect(await Promise.all(outcomes)).toEqual(['sent', 2400, 'sent', 'sent'])
  })
})

describe('a file that will not do', () => {
  test.each([
    ['createImageMessage', { files: [] }, 2251],
    ['createFileMessage', { files: [] }, 2401],
    ['createImageMessage', fileNamed('a.svg', 'image/svg+xml'), 2252],
    ['createImageMessage', fileNamed('a.png', '', 20 * 1024 * 1024 + 1), 2253],
    ['createAudioMessage', fileNamed('a.mp3', '', 20 * 1024 * 1024 + 1), 2301],
    ['createVideoMessage', fileNamed('a.mp4', '', 100 * 1024 * 1024 + 1), 2351],
    ['createVideoMessage', fileNamed('a.avi', 'video/x-msvideo'), 2352],
    ['createFileMessage', fileNamed('a.zip', '', 100 * 1024 * 1024 + 1), 2402],
    ['createFileMessage', fileNamed('a.zip', '', 0), 2108],
  ] as const)('%s of %o is refused before the upload', async (method, file, code) => {
    const { methods, client } = makeMediaRig()
    const message = methods[method]({ ...TO, payload: { file } })
    await expect(methods.sendMessage(message)).rejects.toMatchObject({ code, data: { message } })
    expect(message.status).toBe('fail')
    expect(client.running).toEqual([])
  })

  test.each([
    ['createImageMessage', 'a.png', 'FILE_TOO_LARGE', 2253],
    ['createImageMessage', 'a.png', 'BAD_FILE_TYPE', 2252],
    ['createVideoMessage', 'a.mov', 'BAD_FILE_TYPE', 2352],
    ['createAudioMessage', 'a.mp3', 'STORE_FULL', 2300],
    ['createFileMessage', 'a.zip', 'QUOTA_EXCEEDED', 2041],
    ['createFileMessage', 'a.zip', 'TIMEOUT', 2801],
  ] as const)('%s of %s, refused by the server with %s, rejects %i', async (method, name, refusal, code) => {
    const { methods, client, settle } = makeMediaRig()
    const outcome = codeOf(methods.sendMessage(methods[method]({ ...TO, payload: { file: fileNamed(name) } })))
    await settle()
    client.running[0]?.fail(failure(refusal))
    expect(await outcome).toBe(code)
  })
})

describe('a video', () => {
  const cover = { name: 'cover.jpg', bytes: 3, content: 'frame' }
  const coverPicture = { ...PICTURE, width: 640, height: 360 }

  test('goes with a frame of its own where the platform can take one', async () => {
    const { methods, client, settle } = makeMediaRig('web', {
      ...LOCAL,
      inspect: async () => ({ seconds: 7.9, cover }),
    })
    const message = methods.createVideoMessage({ ...TO, payload: { file: fileNamed('a.mp4') } })
    expect(message.payload).toMatchObject({
      videoUrl: 'blob:local',
      remoteVideoUrl: '',
      snapshotUrl: '',
      thumbWidth: 200,
    })
    const sent = methods.sendMessage(message)
    await settle()
    expect(client.running.map(({ kind }) => kind)).toEqual(['video', 'image'])
    client.running[0]?.arrive()
    client.running[1]?.arrive({ picture: coverPicture })
    await sent
    const coverUrl = client.mediaUrl(`file2${'0'.repeat(17)}`)
    expect(message.payload).toMatchObject({
      videoUrl: client.mediaUrl(`file1${'0'.repeat(17)}`),
      videoSecond: 7,
      thumbUrl: coverUrl,
      snapshotUrl: coverUrl,
      remoteSnapshotUrl: coverUrl,
      snapshotWidth: 640,
      snapshotHeight: 360,
    })
    expect(client.drafts[0]?.elements[0]).toMatchObject({
      type: 'video',
      seconds: 7,
      cover: { width: 640, height: 360 },
    })
  })

  test('goes with the picture the mini-program’s picker made', async () => {
    const { methods, client, settle } = makeMediaRig('wx', { localUrl: String, bytesOf: async () => 8 })
    const file = { tempFilePath: 'a.mp4', size: 9, duration: 2, width: 640, height: 360, thumbTempFilePath: 'a.jpg' }
    const message = methods.createVideoMessage({ ...TO, payload: { file: { tempFiles: [file] } } })
    expect(message.payload).toMatchObject({
      videoUrl: 'a.mp4',
      snapshotUrl: 'a.jpg',
      thumbUrl: 'a.jpg',
      snapshotWidth: 640,
    })
    void codeOf(methods.sendMessage(message))
    await settle()
    expect(client.running.map(({ kind, source }) => [kind, source])).toEqual([
      ['video', { name: 'a.mp4', bytes: 8, content: 'a.mp4' }],
      ['image', { name: 'cover.jpg', bytes: 8, content: 'a.jpg' }],
    ])
  })

  test('goes without one where there is none, or it cannot be uploaded', async () => {
    const { methods, client, settle } = makeMediaRig('web', { ...LOCAL, inspect: async () => ({ cover }) })
    const sent = methods.sendMessage(methods.createVideoMessage({ ...TO, payload: { file: fileNamed('a.mp4') } }))
    await settle()
    client.running[1]?.fail(new Error('cut'))
    client.running[0]?.arrive()
    await sent
    expect(client.drafts[0]?.elements).toEqual([
      { type: 'video', fileId: `file1${'0'.repeat(17)}`, format: 'mp4', bytes: 5, seconds: 0 },
    ])
  })
})

test('voice takes its length from the recorder, or from the platform that opened the file', async () => {
  const { methods, client, settle } = makeMediaRig('web', { ...LOCAL, inspect: async () => ({ seconds: 4.9 }) })
  const known = Object.assign(fileNamed('a.mp3'), { duration: 2_999 })
  for (const file of [known, fileNamed('b.mp3')])
    void codeOf(methods.sendMessage(methods.createAudioMessage({ ...TO, payload: { file } })))
  await settle()
  for (const { arrive } of client.running) arrive()
  await settle()
  expect(client.drafts.flatMap(({ elements }) => elements)).toMatchObject([{ seconds: 2 }, { seconds: 4 }])
})

describe('plugins', () => {
  const request = {
    url: 'https://im/put',
    fileId: 'f1',
    downloadUrl: 'https://im/media/f1',
    kind: 'audio' as const,
    source: { name: 'a.mp3', bytes: 5, content: 'the file' },
  }

  async function uploaderAfter(plugin: unknown) {
    const { chat, methods, client, settle } = makeMediaRig()
    registerPlugins(chat, { 'tim-upload-plugin': plugin, 'cos-js-sdk': class {}, 'tim-push': {} })
    void codeOf(methods.sendMessage(methods.createFileMessage({ ...TO, payload: { file: fileNamed('a') } })))
    await settle()
    return client.running[0]?.uploader
  }

  test('for uploads are called as TIM calls them, by a new object each time', async () => {
    const calls: object[] = []
    class Plugin {
      uploadFile(options: { onProgress: (progress: object) => void }, callback: (error: null, result: object) => void) {
        const { onProgress, ...rest } = options
        calls.push({ ...rest, by: this })
        onProgress({ percent: 0.5 })
        callback(null, { statusCode: 200, headers: {}, data: { location: 'https://im/media/f1' } })
      }
    }
    const uploader = await uploaderAfter(Plugin)
    const parts: number[] = []
    await uploader?.({ ...request, onProgress: (part) => parts.push(part) })
    expect(parts).toEqual([0.5])
    expect(calls).toEqual([
      {
        url: 'https://im/put',
        resources: 'the file',
        fileType: 3,
        fileName: 'a.mp3',
        fileKey: 'f1',
        downloadUrl: 'https://im/media/f1',
        by: expect.any(Plugin),
      },
    ])
  })

  test.each([
    ['an error', { code: 'NetworkError', message: 'cut' }, undefined, 'cut', undefined],
    ['an error with a status', { statusCode: 413 }, undefined, 'HTTP 413', 413],
    ['a refusal that is called a success', null, { statusCode: 403 }, 'HTTP 403', 403],
  ])('for uploads fail with %s', async (_, error, result, message, status) => {
    const plugin = { uploadFile: (_options: object, callback: (...told: unknown[]) => void) => callback(error, result) }
    const uploader = await uploaderAfter(plugin)
    const outcome = uploader?.({ ...request, onProgress: () => undefined })
    await expect(outcome).rejects.toMatchObject({ message, ...(status === undefined ? {} : { status }) })
  })

  test('that upload nothing leave the uploads to us', async () => {
    expect(await uploaderAfter(undefined)).toBeUndefined()
    expect(await uploaderAfter(class {})).toBeUndefined()
  })
})
