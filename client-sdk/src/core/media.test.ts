import { describe, expect, test } from 'vitest'
import type { ConversationId } from '@hongyan/protocol'
import { VirtualClock } from '../../test/virtual-clock.ts'
import type { UploadRequest } from './client-api.ts'
import { clientFailure } from './failure.ts'
import { httpOriginOf, Media, type MediaPorts } from './media.ts'

const CONVERSATION = 'c2c:parent:teacher' as ConversationId
const HOUR_MS = 3600_000

interface Transfer extends UploadRequest {
  readonly arrive: () => void
  readonly fail: (error: Error) => void
  readonly wasStopped: () => boolean
}

/** A server that gives tickets, and a platform whose transfers the test finishes. */
function makeRig() {
  const clock = new VirtualClock()
  const asked: { command: string; body: unknown }[] = []
  const transfers: Transfer[] = []
  const fetches: { url: string; resolve: (text: string) => void }[] = []
  const refusals = new Map<string, Error>()
  let tickets = 0
  let tokens = 0
  const ask = async (command: string, body: unknown): Promise<unknown> => {
    asked.push({ command, body })
    const refusal = refusals.get(command)
    refusals.delete(command)
    if (refusal) throw refusal
    if (command === 'media.token') return { token: `fresh${++tokens}`, expiresAtMs: clock.now() + HOUR_MS }
    if (command === 'media.info') return { ...(body as object), kind: 'file', name: 'a', bytes: 5, format: 'pdf' }
    const fileId = `file${++tickets}`
    return { fileId, path: `/im/upload/${fileId}`, expiresAtMs: 0 }
  }
  const upload = (request: UploadRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      let isStopped = false
      request.onStarted?.(() => (isStopped = true))
      transfers.push({ ...request, arrive: resolve, fail: reject, wasStopped: () => isStopped })
    })
  const fetchText = (url: string): Promise<string> => new Promise((resolve) => fetches.push({ url, resolve }))
  const media = new Media({
    clock,
    platform: { upload, fetchText },
    origin: 'https://im.school.example',
    serverNowMs: () => clock.now(),
    ask: ask as MediaPorts['ask'],
  })
  const send = (name = 'a', options: Parameters<Media['upload']>[3] = {}): Promise<unknown> =>
    media.upload(CONVERSATION, 'file', { name, bytes: 5, content: 'x' }, options)
  return { clock, asked, transfers, fetches, refusals, media, send }
}

/** How a promise ended, for those that are expected to fail later. */
function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => (error instanceof Error ? error.message : error))
}

describe('an upload', () => {
  test('asks for a ticket, transfers to its path, and resolves with what the server stored', async () => {
    const { clock, asked, transfers, media, send } = makeRig()
    media.onOpened({ token: 'a/b', expiresAtMs: clock.now() + HOUR_MS })
    const parts: number[] = []
    const stored = send('plan.pdf', { onProgress: (part) => parts.push(part) })
    await clock.pass(0)
    expect(transfers).toHaveLength(1)
    expect(transfers[0]?.url).toBe('https://im.school.example/im/upload/file1')
    expect(transfers[0]?.downloadUrl).toBe('https://im.school.example/im/media/file1?t=a%2Fb')
    transfers[0]?.onProgress(0.5)
    transfers[0]?.arrive()
    expect(await stored).toMatchObject({ fileId: 'file1', bytes: 5 })
    expect(parts).toEqual([0.5])
    expect(asked).toEqual([
      { command: 'media.ticket', body: { conversationId: CONVERSATION, kind: 'file', name: 'plan.pdf', bytes: 5 } },
      { command: 'media.info', body: { fileId: 'file1' } },
    ])
  })

  test('goes by the uploader it is given, not by the platform', async () => {
    const { clock, transfers, send } = makeRig()
    const urls: string[] = []
    await Promise.all([send('a', { uploader: async ({ url }) => void urls.push(url) }), clock.pass(0)])
    expect(urls).toEqual(['https://im.school.example/im/upload/file1'])
    expect(transfers).toHaveLength(0)
  })

  test('is one of three at once; the others follow in order, also after a failure', async () => {
    const { clock, transfers, send } = makeRig()
    const outcomes = ['a', 'b', 'c', 'd', 'e'].map((name) => outcomeOf(send(name)))
    await clock.pass(0)
    expect(transfers.map(({ source }) => source.name)).toEqual(['a', 'b', 'c'])
    transfers[1]?.fail(new Error('cut'))
    await clock.pass(0)
    expect(transfers.map(({ source }) => source.name)).toEqual(['a', 'b', 'c', 'd'])
    transfers[0]?.arrive()
    await clock.pass(0)
    for (const { arrive } of transfers) arrive()
    expect((await Promise.all(outcomes))[1]).toBe('cut')
  })

  test('is told by name what the server refuses, before the transfer and by its status after', async () => {
    const { clock, transfers, refusals, send } = makeRig()
    refusals.set('media.ticket', clientFailure('QUOTA_EXCEEDED'))
    expect(await outcomeOf(send())).toBe('QUOTA_EXCEEDED')
    const late = outcomeOf(send())
    await clock.pass(0)
    transfers[0]?.fail(Object.assign(new Error('HTTP 415'), { status: 415 }))
    expect(await late).toBe('BAD_FILE_TYPE')
  })

  test('that no longer moves is stopped and fails; one that moves slowly goes on', async () => {
    const { clock, transfers, send } = makeRig()
    const outcome = outcomeOf(send())
    for (let part = 1; part <= 5; part++) {
      await clock.pass(60_000)
      transfers[0]?.onProgress(part / 10)
    }
    expect(transfers[0]?.wasStopped()).toBe(false)
    await clock.pass(90_000)
    expect(await outcome).toBe('TIMEOUT')
    expect(transfers[0]?.wasStopped()).toBe(true)
  })

  test('ends with the login: what runs is stopped, what waits fails, nothing starts any more', async () => {
    const { clock, transfers, media, send } = makeRig()
    media.onOpened({ token: 't', expiresAtMs: clock.now() + HOUR_MS })
    const outcomes = ['a', 'b', 'c', 'd'].map((name) => outcomeOf(send(name)))
    await clock.pass(0)
    media.close('CLOSED')
    expect(await Promise.all(outcomes)).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED'])
    expect(transfers.map(({ wasStopped }) => wasStopped())).toEqual([true, true, true])
    expect(await outcomeOf(send())).toBe('CLOSED')
    expect(clock.pending).toBe(0)
  })
})

describe('addresses of files', () => {
  test('are empty before the first session, then carry its token, for pictures also their smaller copies', () => {
    const { clock, media } = makeRig()
    expect(media.mediaUrl('f')).toBe('')
    media.onOpened({ token: 't', expiresAtMs: clock.now() + HOUR_MS })
    expect(media.mediaUrl('f')).toBe('https://im.school.example/im/media/f?t=t')
    expect(media.mediaUrl('f', 'small')).toBe('https://im.school.example/im/media/f/small?t=t')
  })

  test('get a fresh token long before the old one runs out, again and again', async () => {
    const { clock, asked, media } = makeRig()
    media.onOpened({ token: 't', expiresAtMs: clock.now() + HOUR_MS })
    await clock.pass(HOUR_MS / 2 - 1)
    expect(asked).toHaveLength(0)
    await clock.pass(1)
    expect(media.mediaUrl('f')).toContain('t=fresh1')
    await clock.pass(HOUR_MS / 2)
    expect(media.mediaUrl('f')).toContain('t=fresh2')
  })

  test('keep the old token while none can be had, and ask again', async () => {
    const { clock, refusals, media } = makeRig()
    media.onOpened({ token: 't', expiresAtMs: clock.now() + HOUR_MS })
    refusals.set('media.token', clientFailure('NO_NETWORK'))
    await clock.pass(HOUR_MS / 2)
    expect(media.mediaUrl('f')).toContain('t=t')
    await clock.pass(30_000)
    expect(media.mediaUrl('f')).toContain('t=fresh1')
  })

  test('start where the socket is, below the path of a proxy', () => {
    expect(httpOriginOf('wss://im.school.example/im/ws')).toBe('https://im.school.example')
    expect(httpOriginOf('ws://localhost:8080/im/ws')).toBe('http://localhost:8080')
    expect(httpOriginOf('wss://school.example/chat/im/ws?x=1')).toBe('https://school.example/chat')
    expect(httpOriginOf('wss://school.example/elsewhere')).toBe('https://school.example')
  })
})

test('a text is fetched from its address, and given up when it does not come', async () => {
  const { clock, fetches, media } = makeRig()
  media.onOpened({ token: 't', expiresAtMs: clock.now() + HOUR_MS })
  const text = media.fetchText('f')
  fetches[0]?.resolve('[]')
  expect(await text).toBe('[]')
  expect(fetches[0]?.url).toBe('https://im.school.example/im/media/f?t=t')
  const never = outcomeOf(media.fetchText('g'))
  await clock.pass(60_000)
  expect(await never).toBe('TIMEOUT')
})
