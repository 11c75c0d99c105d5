import { Compile } from 'typebox/compile'
import { describe, expect, test } from 'vitest'
import { COMMANDS, ElementSchema, FAMILIES, LIMITS } from '../index.ts'

describe('the commands', () => {
  test('no name stands in two families', () => {
    const names = FAMILIES.flatMap((family) => Object.keys(family))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect([...names].sort()).toEqual(Object.keys(COMMANDS).sort())
  })

  test('the names of a family begin with the name of the family, which no other has', () => {
    const prefixes = FAMILIES.map((family) => new Set(Object.keys(family).map((name) => name.split('.')[0])))
    for (const prefix of prefixes) expect(prefix.size).toBe(1)
    expect(new Set(prefixes.flatMap((prefix) => [...prefix])).size).toBe(FAMILIES.length)
    for (const name of Object.keys(COMMANDS)) expect(name).toMatch(/^[a-z]+\.[a-z][A-Za-z]*$/)
  })

  test('every request is an object, and every reply too', () => {
    for (const spec of Object.values(COMMANDS)) {
      expect((spec.request as { type?: string }).type).toBe('object')
      expect((spec.reply as { type?: string }).type).toBe('object')
      for (const body of [undefined, null, 1, 'text', [], true]) expect(Compile(spec.request).Check(body)).toBe(false)
    }
  })

  test('[FWD-1] a request with fields we do not know is accepted', () => {
    const body = { conversationId: 'c2c:a:b', seq: 1, fromTheFuture: { deep: [1] } }
    expect(Compile(COMMANDS['receipt.read'].request).Check(body)).toBe(true)
  })

  test('[FWD-2] an element is taken exactly as it is written, so it may hold nothing we do not know', () => {
    const check = Compile(COMMANDS['message.send'].request)
    const send = (element: unknown): boolean =>
      check.Check({ conversationId: 'c2c:a:b', clientMsgId: 'm1', elements: [element] })
    expect(send({ type: 'text', text: 'x' })).toBe(true)
    expect(send({ type: 'text', text: 'x', colour: 'red' })).toBe(false)
    expect(send(JSON.parse('{"type":"text","text":"x","__proto__":{"polluted":1}}'))).toBe(false)
    expect(send(JSON.parse('{"type":"text","text":"x","constructor":{"prototype":1}}'))).toBe(false)
    expect(send({ type: 'hologram', text: 'x' })).toBe(false)
  })
})

test('what the server says, nobody else can send: a tip and a notice are no elements of a draft', () => {
  const person = { userId: 'a' }
  const tip = { type: 'tip', tip: { op: 'quit', by: person, users: [person], memberCount: 1 } }
  const notice = { type: 'notice', op: 'created', groupId: 'g', groupName: '', groupType: 'work', by: person }
  for (const element of [tip, notice]) {
    expect(Compile(ElementSchema).Check(element)).toBe(true)
    const body = { conversationId: 'group:g', clientMsgId: 'm1', elements: [element] }
    for (const name of ['message.send', 'message.sendVolatile'] as const) {
      expect(Compile(COMMANDS[name].request).Check(body)).toBe(false)
    }
    const change = { conversationId: 'group:g', seq: 1, version: 0, elements: [element] }
    expect(Compile(COMMANDS['message.modify'].request).Check(change)).toBe(false)
  }
})

test.each([
  '',
  'short',
  'x'.repeat(21),
  'x'.repeat(23),
  '../../etc/passwd_____',
  'x'.repeat(21) + '/',
  'x'.repeat(21) + '\n',
])('%j is no file id', (fileId) => {
  const element = { type: 'file', fileId, name: 'a.pdf', bytes: 1 }
  expect(Compile(ElementSchema).Check(element)).toBe(false)
  expect(Compile(ElementSchema).Check({ ...element, fileId: 'x'.repeat(22) })).toBe(true)
  expect(Compile(COMMANDS['media.info'].request).Check({ fileId })).toBe(false)
})

describe('a number on the wire', () => {
  const read = Compile(COMMANDS['receipt.read'].request)
  test.each([0, -0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 53 + 2, '1', null, true])(
    '%j is no seq',
    (seq) => {
      expect(read.Check({ conversationId: 'c2c:a:b', seq })).toBe(false)
    },
  )

  test.each([1, 42, 2 ** 53 - 1])('%j is a seq', (seq) => {
    expect(read.Check({ conversationId: 'c2c:a:b', seq })).toBe(true)
  })
})

describe('a limit', () => {
  const send = Compile(COMMANDS['message.send'].request)
  const message = (fields: object): unknown => ({
    conversationId: 'c2c:a:b',
    clientMsgId: 'm1',
    elements: [{ type: 'text', text: 'x' }],
    ...fields,
  })

  test.each(['', 'a b', 'm\n', '王', 'x'.repeat(LIMITS.clientMsgIdChars + 1), 'm1\n', 7])(
    '%j is no clientMsgId',
    (clientMsgId) => {
      expect(send.Check(message({ clientMsgId }))).toBe(false)
    },
  )

  test('holds for the number of elements', () => {
    const texts = (count: number): unknown[] => Array.from({ length: count }, () => ({ type: 'text', text: 'x' }))
    expect(send.Check(message({ elements: [] }))).toBe(false)
    expect(send.Check(message({ elements: texts(LIMITS.elementsPerMessage) }))).toBe(true)
    expect(send.Check(message({ elements: texts(LIMITS.elementsPerMessage + 1) }))).toBe(false)
  })

  test('holds for the members a message calls, or is for', () => {
    const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`)
    const mentions = (count: number): boolean =>
      send.Check(message({ mentions: { userIds: users(count), all: false } }))
    expect([0, LIMITS.mentionsPerMessage, LIMITS.mentionsPerMessage + 1].map(mentions)).toEqual([true, true, false])
    const receivers = (count: number): boolean => send.Check(message({ receiverIds: users(count) }))
    expect([0, 1, LIMITS.receiversPerMessage, LIMITS.receiversPerMessage + 1].map(receivers)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('holds for what one request may name', () => {
    const history = Compile(COMMANDS['message.history'].request)
    const page = (limit: number): boolean => history.Check({ conversationId: 'c2c:a:b', direction: 'older', limit })
    expect([0, 1, LIMITS.historyPage, LIMITS.historyPage + 1].map(page)).toEqual([false, true, true, false])
    const remove = Compile(COMMANDS['message.delete'].request)
    const some = (count: number): boolean =>
      remove.Check({ conversationId: 'c2c:a:b', seqs: Array.from({ length: count }, (_, index) => index + 1) })
    expect([0, 1, LIMITS.deletePerRequest, LIMITS.deletePerRequest + 1].map(some)).toEqual([false, true, true, false])
  })
})
