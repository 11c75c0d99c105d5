import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeWxStub } from '../../test/wx-stub.ts'
import type { Platform, UploadRequest, UploadSource } from '../core/client-api.ts'
import { browserInspector, getText, putFile } from './browser-media.ts'
import { miniprogramPlatform } from './miniprogram.ts'
import { nodePlatform } from './node.ts'

interface Arrived {
  readonly method: string
  readonly url: string
  readonly type: string
  readonly body: Buffer
}

/** Takes uploads, and answers as its path says: /403 refuses, /silent never answers. */
const arrived: Arrived[] = []
let server: Server
let origin = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const { method = '', url = '' } = request
      arrived.push({ method, url, type: request.headers['content-type'] ?? '', body: Buffer.concat(chunks) })
      if (url === '/silent') return
      response.writeHead(url === '/403' ? 403 : 200, { 'content-type': 'application/json' }).end('["表"]')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

afterEach(() => {
  arrived.length = 0
  vi.unstubAllGlobals()
})

function requestOf(path: string, content: unknown, more: Partial<UploadRequest> = {}): UploadRequest {
  const source: UploadSource = { name: 'a.bin', bytes: 1, content }
  return {
    url: origin + path,
    fileId: 'f',
    downloadUrl: '',
    kind: 'file',
    source,
    onProgress: () => undefined,
    ...more,
  }
}

/** A platform's upload, which is there. */
async function upload(platform: Platform, request: UploadRequest): Promise<void> {
  await platform.upload?.(request)
}

describe('Node', () => {
  test('puts bytes as they are, with their length and growing progress', async () => {
    const bytes = Buffer.alloc(700_000, 7)
    const parts: number[] = []
    await upload(nodePlatform(), requestOf('/put', bytes, { onProgress: (part) => parts.push(part) }))
    expect(arrived).toHaveLength(1)
    expect(arrived[0]).toMatchObject({ method: 'PUT', url: '/put', type: 'application/octet-stream' })
    expect(arrived[0]?.body.equals(bytes)).toBe(true)
    expect(parts).toEqual([262_144 / 700_000, 524_288 / 700_000, 1])
  })

  test('puts Blobs and texts, too', async () => {
    await upload(nodePlatform(), requestOf('/blob', new Blob(['blob'])))
    await upload(nodePlatform(), requestOf('/text', { text: '字' }))
    expect(arrived.map(({ body }) => body.toString())).toEqual(['blob', '字'])
  })

  test('rejects with the status of a refusal, and when it is stopped', async () => {
    await expect(upload(nodePlatform(), requestOf('/403', Buffer.from('x')))).rejects.toMatchObject({ status: 403 })
    let stop = (): void => undefined
    const stopped = upload(nodePlatform(), requestOf('/silent', Buffer.from('x'), { onStarted: (how) => (stop = how) }))
    const outcome = stopped.catch((error: unknown) => String(error))
    await vi.waitFor(() => expect(arrived).toHaveLength(2), { timeout: 5000 })
    stop()
    expect(await outcome).toMatch(/^Error/)
  })

  test('fetches a text, and rejects what is not there', async () => {
    expect(await nodePlatform().fetchText?.(`${origin}/list`)).toBe('["表"]')
    await expect(nodePlatform().fetchText?.(`${origin}/403`)).rejects.toMatchObject({ status: 403 })
  })
})

describe('a mini-program', () => {
  test('posts a file as the part `file` of a form, with progress', async () => {
    const wx = makeWxStub()
    wx.files.set('wxfile://tmp_1.jpg', new Uint8Array([1, 2, 3]))
    const parts: number[] = []
    const request = requestOf('/post', 'wxfile://tmp_1.jpg', { onProgress: (part) => parts.push(part) })
    await upload(miniprogramPlatform(wx), request)
    expect(arrived[0]).toMatchObject({ method: 'POST', url: '/post' })
    expect(arrived[0]?.type).toMatch(/^multipart\/form-data/)
    expect(arrived[0]?.body.toString('latin1')).toContain('name="file"; filename="tmp_1.jpg"')
    expect(parts).toEqual([0.5])
  })

  test('takes an answer that is not 200 for the failure it is, though WeChat calls it a success', async () => {
    const wx = makeWxStub()
    wx.files.set('a', new Uint8Array([1]))
    await expect(upload(miniprogramPlatform(wx), requestOf('/403', 'a'))).rejects.toMatchObject({ status: 403 })
    await expect(upload(miniprogramPlatform(wx), requestOf('/post', 'gone'))).rejects.toThrow('uploadFile:fail')
    let stop = (): void => undefined
    const stopped = upload(miniprogramPlatform(wx), requestOf('/silent', 'a', { onStarted: (how) => (stop = how) }))
    const outcome = stopped.catch((error: unknown) => String(error))
    stop()
    expect(await outcome).toContain('abort')
  })

  test('puts a text without a file, and fetches one as it is, not as what its JSON means', async () => {
    const platform = miniprogramPlatform(makeWxStub())
    await upload(platform, requestOf('/text', { text: '字' }))
    expect(arrived[0]).toMatchObject({ method: 'PUT', type: 'application/octet-stream' })
    expect(arrived[0]?.body.toString()).toBe('字')
    expect(await platform.fetchText?.(`${origin}/list`)).toBe('["表"]')
  })

  test('knows the true size of its files, and shows them at their path', async () => {
    const wx = makeWxStub()
    wx.files.set('a', new Uint8Array(5))
    const { media } = miniprogramPlatform(wx)
    expect(await media?.bytesOf?.('a')).toBe(5)
    expect(await media?.bytesOf?.('gone')).toBeUndefined()
    expect(media?.localUrl('a')).toBe('a')
  })
})

/** As much of a browser's XMLHttpRequest as is used. */
class FakeXhr extends EventTarget {
  static last: FakeXhr
  readonly upload = new EventTarget()
  readonly headers: Record<string, string> = {}
  status = 0
  responseText = ''
  opened = ''
  body: unknown
  open(method: string, url: string): void {
    this.opened = `${method} ${url}`
    FakeXhr.last = this
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }
  send(body?: unknown): void {
    this.body = body
  }
  abort(): void {
    this.dispatchEvent(new Event('abort'))
  }
  answer(status: number, text = ''): void {
    this.status = status
    this.responseText = text
    this.dispatchEvent(new Event('load'))
  }
}

describe('a browser', () => {
  test('puts a Blob with progress, whatever its own type', async () => {
    vi.stubGlobal('XMLHttpRequest', FakeXhr)
    const blob = new Blob(['{}'], { type: 'application/json' })
    const parts: number[] = []
    const done = putFile(requestOf('/put', blob, { onProgress: (part) => parts.push(part) }))
    const { last } = FakeXhr
    expect(last).toMatchObject({ opened: `PUT ${origin}/put`, body: blob })
    expect(last.headers).toEqual({ 'content-type': 'application/octet-stream' })
    last.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: 1, total: 4 }))
    last.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: 0, total: 0 }))
    last.answer(200)
    await done
    expect(parts).toEqual([0.25])
  })

  test('rejects a refusal with its status, a cut, a stop, and what cannot be sent', async () => {
    vi.stubGlobal('XMLHttpRequest', FakeXhr)
    const refused = putFile(requestOf('/put', { text: 'x' }))
    FakeXhr.last.answer(413)
    await expect(refused).rejects.toMatchObject({ status: 413 })
    const cut = putFile(requestOf('/put', new Blob(['x'])))
    FakeXhr.last.dispatchEvent(new Event('error'))
    await expect(cut).rejects.toThrow('error')
    let stop = (): void => undefined
    const stopped = putFile(requestOf('/put', new Blob(['x']), { onStarted: (how) => (stop = how) }))
    stop()
    await expect(stopped).rejects.toThrow('abort')
    await expect(putFile(requestOf('/put', 'a path'))).rejects.toThrow('neither')
  })

  test('fetches a text', async () => {
    vi.stubGlobal('XMLHttpRequest', FakeXhr)
    const text = getText(`${origin}/list`)
    expect(FakeXhr.last.opened).toBe(`GET ${origin}/list`)
    FakeXhr.last.answer(200, '[]')
    expect(await text).toBe('[]')
    const gone = getText(`${origin}/list`)
    FakeXhr.last.answer(404)
    await expect(gone).rejects.toMatchObject({ status: 404 })
  })

  test('shows a Blob at an address of the page, and lets go of the oldest when there are too many', () => {
    const revoked: string[] = []
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void revoked.push(url))
    const { localUrl } = browserInspector()
    const urls = Array.from({ length: 201 }, () => localUrl(new Blob(['x'])))
    expect(urls[0]).toMatch(/^blob:/)
    expect(revoked).toEqual(urls.slice(0, 1))
    expect(localUrl('a path')).toBe('')
    vi.restoreAllMocks()
  })
})
