import { readdirSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Tickets } from '../src/media/tickets.ts'
import { createKeyRing } from '../src/auth/key-ring.ts'
import { systemClock } from '../src/kit/clock.ts'
import { ManualClock } from './kit/manual-clock.ts'
import { MediaClient } from './kit/media-client.ts'
import { refusalOf, conversationOf } from './kit/pair.ts'
import { withAdmin } from './kit/admin-connection.ts'
import { until } from './kit/until.ts'
import { WireClient } from './kit/wire-client.ts'
import { SECRET, startWorld, type World } from './kit/world.ts'

let world: World
let wires: WireClient[] = []
beforeAll(async () => {
  world = await startWorld({ env: { ALLOWED_ORIGINS: 'https://app.school.example', MEDIA_MB_PER_DAY_PER_USER: '300' } })
})
afterAll(() => world.stop())
beforeEach(() => {
  for (const wire of wires) wire.close()
  wires = []
})

async function login(userId: string, fields: object = {}): Promise<{ wire: WireClient; media: MediaClient }> {
  const wire = await WireClient.open(world.endpoint(), userId, { protocolVersion: 2, ...fields })
  wires.push(wire)
  return { wire, media: new MediaClient(world, wire, userId) }
}

async function sql<Row extends object>(text: string, params: (string | number)[] = []): Promise<readonly Row[]> {
  return withAdmin(world.databaseUrl, async (lane) => (await lane.run<Row>(text, params)).rows)
}

/** What the sending side does in one transaction; here by hand. */
async function show(wire: WireClient, fileId: string, from: string, to: string): Promise<number> {
  const conversationId = conversationOf(from, to)
  const draft = { conversationId, clientMsgId: `m${fileId}`, elements: [{ type: 'text', text: 'look' }] }
  const { seq } = await wire.request('message.send', draft)
  await sql(`INSERT INTO file_use SELECT $1, key, $3 FROM timeline WHERE id = $2`, [fileId, `c:${conversationId}`, seq])
  await sql(`UPDATE file SET is_used = true WHERE id = $1`, [fileId])
  return seq
}

describe('uploads', () => {
  test('a file that was PUT is there, byte for byte, and the uploader is told of it', async () => {
    const { media, wire } = await login('anna')
    const content = Buffer.from('just some notes\n'.repeat(10_000))
    const { fileId, path, expiresAtMs } = await media.ticket('file', content.length, { name: '会议 notes.txt' })
    expect(await refusalOf(wire.request('media.info', { fileId }))).toBe('NO_SUCH_FILE')
    expect(expiresAtMs).toBeGreaterThan(Date.now())
    const answer = await media.put(path, content, { 'content-type': 'text/plain' })
    const facts = { fileId, kind: 'file', name: '会议 notes.txt', bytes: content.length, format: '' }
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, facts])
    expect(await wire.request('media.info', { fileId })).toEqual(facts)
    const got = await media.get(fileId)
    expect([got.status, got.body.equals(content)]).toEqual([200, true])
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(content.length),
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'content-disposition': `attachment; filename="__ notes.txt"; filename*=UTF-8''%E4%BC%9A%E8%AE%AE%20notes.txt`,
    })
    expect(got.headers.get('content-security-policy')).toContain('sandbox')
  })

  test('a form does it as well, with the fields of other stores around the file', async () => {
    const { media } = await login('anna')
    const content = Buffer.from('from a mini-program')
    const { path, fileId } = await media.ticket('file', content.length)
    const fields = { key: '../../etc/passwd', success_action_status: '200', 'Content-Type': '' }
    const answer = await media.post(path, content, fields)
    expect(answer.status).toBe(200)
    expect((await media.get(fileId)).body.equals(content)).toBe(true)
  })

  test('without a length and a type, in pieces, and however often: the first that is whole stays', async () => {
    const { media } = await login('anna')
    const { path, fileId } = await media.ticket('file', 6)
    const chunked = (text: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(world.endpoint() + path, { method: 'PUT' }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0))
        })
        request.on('error', reject)
        request.write(text.slice(0, 3))
        request.end(text.slice(3))
      })
    expect(await chunked('abcdef')).toBe(200)
    expect(await chunked('ABCDEF')).toBe(200)
    expect((await media.put(path, Buffer.from('ghijkl'))).status).toBe(200)
    expect((await media.get(fileId)).body.toString()).toBe('abcdef')
  })

  test('more or fewer bytes than were said are refused, however they come, and the right ones are taken afterwards', async () => {
    const { media, wire } = await login('anna')
    const { path, fileId } = await media.ticket('file', 100_000)
    const sizes = [1, 99_999, 100_001, 3_000_000]
    for (const size of sizes) {
      expect((await media.put(path, Buffer.alloc(size))).refusal).toBe('FILE_INCOMPLETE')
      expect((await media.post(path, Buffer.alloc(size))).refusal).toBe('FILE_INCOMPLETE')
    }
    expect(await refusalOf(wire.request('media.info', { fileId }))).toBe('NO_SUCH_FILE')
    expect((await media.put(path, Buffer.alloc(100_000, 1))).status).toBe(200)
  })

  test('a form without a file, or with it under another name, or that is none, is refused', async () => {
    const { media } = await login('anna')
    const { path } = await media.ticket('file', 3)
    const form = new FormData()
    form.append('key', 'abc')
    expect((await media.fetch(path, { method: 'POST', body: form })).refusal).toBe('FILE_INCOMPLETE')
    form.append('upload', new Blob(['abc']))
    expect((await media.fetch(path, { method: 'POST', body: form })).refusal).toBe('FILE_INCOMPLETE')
    const headers = { 'content-type': 'multipart/form-data; boundary=xyz' }
    expect((await media.fetch(path, { method: 'POST', body: 'nonsense', headers })).refusal).toBe('FILE_INCOMPLETE')
    const open = '--xyz\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nabc'
    expect((await media.fetch(path, { method: 'POST', body: open, headers })).refusal).toBe('FILE_INCOMPLETE')
    const closed = `${open}\r\n--xyz\r\ncontent-disposition: form-data; name="policy"\r\n\r\nlate\r\n--xyz--\r\n`
    expect((await media.fetch(path, { method: 'POST', body: closed, headers })).status).toBe(200)
  })

  test('an upload that breaks off leaves nothing, and its ticket stays good', async () => {
    const { media } = await login('anna')
    const { path, fileId } = await media.ticket('file', 1_000_000)
    const socket = connect(Number(new URL(world.endpoint()).port), '127.0.0.1')
    socket.write(`PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(100_000)}`)
    await until('it arrives', () => drafts().length > 0)
    socket.destroy()
    await until('it is gone', () => drafts().length === 0)
    const form = connect(Number(new URL(world.endpoint()).port), '127.0.0.1')
    const head = '--xyz\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n'
    form.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=xyz\r\n`)
    form.write(`content-length: 1000000\r\n\r\n${head}${'x'.repeat(100_000)}`)
    await until('it arrives', () => drafts().length > 0)
    form.destroy()
    await until('it is gone, too', () => drafts().length === 0)
    expect(world.nodes[0]?.context.media.uploads.stats().running).toBe(0)
    expect((await media.put(path, Buffer.alloc(1_000_000))).status).toBe(200)
    expect((await media.get(fileId)).body.length).toBe(1_000_000)
  })

  test('a ticket is for its own file only, and for as long as its login lasts', async () => {
    const { media, wire } = await login('anna', { instanceId: 'short' })
    const [first, second] = [await media.ticket('file', 3), await media.ticket('file', 3)]
    const ticketOf = (path: string): string => path.split('?t=')[1] ?? ''
    const foreign = `/im/upload/${first.fileId}?t=${ticketOf(second.path)}`
    expect((await media.put(foreign, Buffer.from('abc'))).refusal).toBe('TICKET_INVALID')
    expect((await media.put(`/im/upload/${first.fileId}`, Buffer.from('abc'))).refusal).toBe('TICKET_INVALID')
    const forged = first.path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect((await media.put(forged, Buffer.from('abc'))).status).toBe(403)
    const token = await media.token()
    expect((await media.put(`/im/upload/${first.fileId}?t=${token}`, Buffer.from('abc'))).refusal).toBe(
      'TICKET_INVALID',
    )
    const old = new ManualClock()
    old.wallMs = Date.now() - 3_600_001
    const { loginKey, accountKey } = ownerOf(token)
    const expired = new Tickets(createKeyRing([SECRET]), old).ticket(first.fileId, { loginKey, accountKey })
    expect((await media.put(`/im/upload/${first.fileId}?t=${expired.ticket}`, Buffer.from('abc'))).status).toBe(403)
    await wire.request('session.close', {})
    expect((await media.put(first.path, Buffer.from('abc'))).refusal).toBe('DISPLACED')
  })

  test('who is not a member of the conversation gets no ticket, nor does what is too large', async () => {
    const { wire, media } = await login('anna')
    const ask = (conversationId: string, fields: object = {}): Promise<string> =>
      refusalOf(wire.request('media.ticket', { conversationId, kind: 'file', name: 'x', bytes: 1, ...fields }))
    expect(await ask(conversationOf('bert', 'carl'))).toBe('NOT_A_MEMBER')
    expect(await ask('group:@TGS#nobody')).toBe('NOT_A_MEMBER')
    expect(await ask('system:anna')).toBe('NOT_A_MEMBER')
    expect(await ask(conversationOf('anna', 'bert'))).toBe('nothing')
    expect(await refusalOf(media.ticket('image', 20 * 1024 * 1024 + 1))).toBe('FILE_TOO_LARGE')
    expect(await refusalOf(media.ticket('merger', 8 * 1024 * 1024 + 1))).toBe('FILE_TOO_LARGE')
  })

  test('a user may upload so much within a day, also when he asks many times at once', async () => {
    const { media } = await login('quentin')
    const asked = await Promise.all(Array.from({ length: 6 }, () => refusalOf(media.ticket('video', 90 * 1024 * 1024))))
    expect(asked.sort()).toEqual([
      'QUOTA_EXCEEDED',
      'QUOTA_EXCEEDED',
      'QUOTA_EXCEEDED',
      'nothing',
      'nothing',
      'nothing',
    ])
    await sql(
      `UPDATE file SET created_at = now() - interval '61 minutes' WHERE owner_key = (SELECT key FROM account WHERE id = 'quentin')`,
    )
    expect(await refusalOf(media.ticket('video', 90 * 1024 * 1024))).toBe('nothing')
  })

  test('names are names only: nothing is written outside the store', async () => {
    const { media } = await login('anna')
    const names = [
      '../../../../tmp/evil',
      '..\\..\\evil.txt',
      '/etc/passwd',
      '%2e%2e%2fevil',
      'CON',
      '...',
      'a\u202egpj.exe',
    ]
    const stored = []
    for (const name of names) stored.push((await media.upload('file', Buffer.from(`content of ${name}`), name)).name)
    expect(stored).toEqual(['evil', 'evil.txt', 'passwd', '%2e%2e%2fevil', 'CON', 'file', 'agpj.exe'])
    for (const path of filesIn(world.mediaDir)) expect(path).toMatch(/^([0-9a-f]{2}\/){2}[0-9a-f]{64}$/)
    for (const id of ['..%2f..%2fetc%2fpasswd', '%00', 'x'.repeat(22), 'x'.repeat(500), '%E0%A4%A']) {
      expect([400, 404, 414]).toContain((await media.get(id)).status)
    }
  })
})

describe('content is looked at', () => {
  const html = Buffer.from('<!doctype html><script>alert(document.domain)</script>')
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

  test('what only claims to be a picture, sound or film is refused, and is bytes to be saved as a file', async () => {
    const { media } = await login('anna')
    const jpegHead = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0])
    const fakes = [html, svg, Buffer.concat([jpegHead, html]), Buffer.from('GIF89a<script>alert(1)</script>')]
    for (const fake of fakes) expect(await media.refusalOf('image', fake)).toBe('BAD_FILE_TYPE')
    const mp4 = Buffer.concat([html, Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1')])
    for (const fake of [html, mp4]) {
      expect(await media.refusalOf('video', fake)).toBe('BAD_FILE_TYPE')
      expect(await media.refusalOf('audio', fake)).toBe('BAD_FILE_TYPE')
    }
    const pdf = Buffer.from('%PDF-1.4\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>> >> endobj\n%%EOF\n')
    for (const content of [html, svg, pdf]) {
      const { fileId } = await media.upload('file', content, 'innocent.jpg')
      const { headers } = await media.get(fileId)
      expect(headers.get('content-disposition')).toMatch(/^attachment; /)
      expect(headers.get('content-type')).toMatch(/^application\/(octet-stream|pdf)$/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain('sandbox')
    }
  })

  test('sound and film are known by their content', async () => {
    const { media } = await login('anna')
    const mp4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1'), Buffer.alloc(100)])
    const m4a = Buffer.concat([Buffer.from('\0\0\0\x18ftypM4A \0\0\x02\0isomiso2', 'latin1'), Buffer.alloc(100)])
    const wav = Buffer.concat([Buffer.from('RIFF\x64\0\0\0WAVEfmt \x10\0\0\0', 'latin1'), Buffer.alloc(84)])
    const amr = Buffer.concat([Buffer.from('#!AMR\n'), Buffer.alloc(50)])
    const mp3 = Buffer.concat([
      Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1'),
      Buffer.from([0xff, 0xfb, 0x90, 0]),
      Buffer.alloc(500),
    ])
    const cases = [
      ['video', mp4, 'mp4', 'video/mp4'],
      ['audio', mp4, 'mp4', 'audio/mp4'],
      ['audio', m4a, 'm4a', 'audio/mp4'],
      ['audio', wav, 'wav', 'audio/wav'],
      ['audio', amr, 'amr', 'audio/amr'],
      ['audio', mp3, 'mp3', 'audio/mpeg'],
    ] as const
    for (const [kind, content, format, type] of cases) {
      const stored = await media.upload(kind, content)
      const { headers } = await media.get(stored.fileId)
      expect([stored.format, headers.get('content-type')]).toEqual([format, type])
      expect(headers.get('content-disposition')).toMatch(/^inline; /)
    }
    expect(await media.refusalOf('video', amr)).toBe('BAD_FILE_TYPE')
  })

  test('a merged list is JSON, and nothing else', async () => {
    const { media } = await login('anna')
    const list = Buffer.from(JSON.stringify([{ ID: 'x', text: '春眠不觉晓' }]))
    const { fileId, format } = await media.upload('merger', list)
    const got = await media.get(fileId)
    expect([format, got.headers.get('content-type'), got.body.equals(list)]).toEqual(['json', 'application/json', true])
    for (const wrong of [html, Buffer.from('"text"'), Buffer.from('[1'), Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])]) {
      expect(await media.refusalOf('merger', wrong)).toBe('BAD_FILE_TYPE')
    }
  })
})

describe('opening', () => {
  test('who may read a message that shows it may open the file, and nobody else, at every moment', async () => {
    const [anna, bert, carl] = [await login('anna'), await login('bert'), await login('carl')]
    const { fileId } = await anna.media.upload('file', Buffer.from('for bert'))
    const statuses = async (): Promise<number[]> => {
      const all = await Promise.all([anna, bert, carl].map(({ media }) => media.get(fileId)))
      return all.map(({ status }) => status)
    }
    expect(await statuses()).toEqual([200, 404, 404])
    const seq = await show(anna.wire, fileId, 'anna', 'bert')
    expect(await statuses()).toEqual([200, 200, 404])
    const [timeline] = await sql<{ key: number }>('SELECT key FROM timeline WHERE id = $1', [
      `c:${conversationOf('anna', 'bert')}`,
    ])
    const place = [timeline?.key ?? 0, seq]
    await sql('UPDATE message SET receivers = ARRAY[0]::bigint[] WHERE timeline_key = $1 AND seq = $2', place)
    expect(await statuses()).toEqual([200, 404, 404])
    await sql('UPDATE message SET receivers = NULL WHERE timeline_key = $1 AND seq = $2', place)
    expect(await statuses()).toEqual([200, 200, 404])
    await sql(
      `DELETE FROM member WHERE timeline_key = $1 AND account_key = (SELECT key FROM account WHERE id = 'bert')`,
      [place[0] ?? 0],
    )
    expect(await statuses()).toEqual([200, 404, 404])
    await sql('UPDATE message SET revoked_at_ms = 1 WHERE timeline_key = $1 AND seq = $2', place)
    expect(await statuses()).toEqual([404, 404, 404])
  })

  test('what one may not see looks exactly as what is not there', async () => {
    const [anna, carl] = [await login('anna'), await login('carl')]
    const { fileId } = await anna.media.upload('file', Buffer.from('secret'))
    const token = await carl.media.token()
    const hidden = await carl.media.get(fileId, { token })
    const absent = await carl.media.get('A'.repeat(22), { token })
    const malformed = await carl.media.get('short', { token })
    const noCopy = await anna.media.get(`${fileId}/small`)
    const noVariant = await anna.media.get(`${fileId}/huge`)
    for (const answer of [hidden, absent, malformed, noCopy, noVariant]) {
      expect([answer.status, answer.refusal]).toEqual([404, 'NO_SUCH_FILE'])
      expect(answer.body.equals(hidden.body)).toBe(true)
    }
  })

  test('a token that is forged, of another kind, or has run out opens nothing; after the logout it opens nothing, too', async () => {
    const { wire, media } = await login('anna', { instanceId: 'going' })
    const { fileId } = await media.upload('file', Buffer.from('mine'))
    const token = await media.token()
    const { path } = await media.ticket('file', 1)
    const clock = new ManualClock()
    clock.wallMs = Date.now() - 13 * 3_600_000
    const { loginKey, accountKey } = ownerOf(token)
    const wrong = [
      '',
      'x',
      token.slice(0, -1),
      token.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
      path.split('?t=')[1] ?? '',
      new Tickets(createKeyRing([SECRET]), clock).token({ loginKey, accountKey }).token,
      new Tickets(createKeyRing(['f'.repeat(64)]), systemClock).token({ loginKey, accountKey }).token,
    ]
    for (const bad of wrong) {
      const answer = await media.get(fileId, { token: bad })
      expect([answer.status, answer.refusal]).toEqual([403, 'MEDIA_TOKEN_INVALID'])
    }
    expect((await media.get(fileId, { token })).status).toBe(200)
    await wire.request('session.close', {})
    expect((await media.get(fileId, { token })).status).toBe(404)
  })

  test('the opening of a session brings a token', async () => {
    const wire = await WireClient.connect(world.endpoint())
    wires.push(wire)
    const { openingOf } = await import('./kit/wire-client.ts')
    const { media } = await wire.request('session.open', openingOf('anna', { protocolVersion: 2 }))
    const client = new MediaClient(world, wire, 'anna')
    const { fileId } = await client.upload('file', Buffer.from('x'))
    expect(media.expiresAtMs).toBeGreaterThan(Date.now())
    expect((await client.get(fileId, { token: media.token })).status).toBe(200)
  })

  test('parts, heads and what one has already are answered as HTTP wants it', async () => {
    const { media } = await login('anna')
    const content = Buffer.from('0123456789')
    const { fileId } = await media.upload('file', content)
    const part = async (range: string, more: Record<string, string> = {}) => {
      const { status, headers, body } = await media.get(fileId, { headers: { range, ...more } })
      return [status, headers.get('content-range'), body.toString()]
    }
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=0-99')).toEqual([206, 'bytes 0-9/10', '0123456789'])
    expect(await part('bytes=10-')).toEqual([416, 'bytes */10', ''])
    expect(await part('bytes=1-2,4-5')).toEqual([200, null, '0123456789'])
    expect(await part('lines=1-2')).toEqual([200, null, '0123456789'])
    const head = await media.get(fileId, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([200, '10', 0])
    const etag = head.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/)
    expect((await media.get(fileId, { headers: { 'if-none-match': `W/${etag}, "x"` } })).status).toBe(304)
    expect((await media.get(fileId, { headers: { 'if-none-match': '"x"' } })).status).toBe(200)
    expect(await part('bytes=0-1', { 'if-range': etag })).toEqual([206, 'bytes 0-1/10', '01'])
    expect(await part('bytes=0-1', { 'if-range': '"x"' })).toEqual([200, null, '0123456789'])
  })
})

describe('pages', () => {
  test('of allowed origins may upload and read, those of others may not', async () => {
    const { media } = await login('anna')
    const own = world.endpoint()
    const { path, fileId } = await media.ticket('file', 3)
    const put = (origin: string) => media.put(path, Buffer.from('abc'), { origin })
    expect((await put('https://evil.example')).status).toBe(403)
    expect((await put('null')).status).toBe(403)
    const allowed = await put('https://app.school.example')
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://app.school.example',
    ])
    const toOwn = await fetch(own + path, { method: 'PUT', body: 'abc', headers: { origin: own } })
    expect(toOwn.status).toBe(200)
    const read = async (origin: string): Promise<unknown> =>
      (await media.get(fileId, { headers: { origin } })).headers.get('access-control-allow-origin')
    expect([await read('https://app.school.example'), await read('https://evil.example')]).toEqual([
      'https://app.school.example',
      null,
    ])
    expect((await media.get(fileId)).headers.get('vary')).toBe('Origin')
    const ask = async (origin: string): Promise<unknown> => {
      const headers = {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      }
      const answer = await media.fetch(path, { method: 'OPTIONS', headers })
      return [
        answer.status,
        answer.headers.get('access-control-allow-origin'),
        answer.headers.get('access-control-allow-methods'),
      ]
    }
    expect(await ask('https://app.school.example')).toEqual([204, 'https://app.school.example', 'PUT, POST'])
    expect(await ask('https://evil.example')).toEqual([403, null, null])
  })
})

function ownerOf(token: string): { readonly accountKey: number; readonly loginKey: number } {
  const [accountKey = 0, loginKey = 0] = token.split('.').map(Number)
  return { accountKey, loginKey }
}

function drafts(): readonly string[] {
  return filesIn(world.mediaDir).filter((path) => path.startsWith('incoming'))
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile())
}
