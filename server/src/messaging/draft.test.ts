import {
  c2cConversationId,
  groupConversationId,
  LIMITS,
  parseGroupId,
  parseUserId,
  Refused,
  systemConversationId,
  type ErrorName,
  type SentElement,
} from '@hongyan/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FLAG } from '../timelines/message-row.ts'
import { filesOf, fingerprintOf, prepare, prepareContent, type Draft } from './draft.ts'

const anna = parseUserId('anna')
const bert = parseUserId('bert')
if (anna === undefined || bert === undefined) throw new Error('not user ids')
const conversationId = c2cConversationId(anna, bert)
const groupId = parseGroupId('@TGS#1')
if (groupId === undefined) throw new Error('not a group id')
const inGroup = { conversationId: groupConversationId(groupId) }
const NOBODY = { nick: '', avatar: '' }

function draftOf(fields: Partial<Draft> = {}): Draft {
  return { conversationId, clientMsgId: 'm1', elements: [{ type: 'text', text: 'hello' }], ...fields }
}

function refusalOf(run: () => unknown): ErrorName | undefined {
  try {
    run()
    return undefined
  } catch (err) {
    if (err instanceof Refused) return err.code
    throw err
  }
}

const said = fc.record({
  elements: fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant('text' as const),
        text: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      }),
      fc.record({
        type: fc.constant('custom' as const),
        data: fc.string(),
        description: fc.string(),
        extension: fc.string(),
      }),
      fc.record({ type: fc.constant('face' as const), index: fc.integer(), data: fc.string() }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  speaker: fc.record({ nick: fc.string(), avatar: fc.string() }),
})

describe('prepare', () => {
  test('the stored form is JSON with what was said and who said it, whatever the texts hold', () => {
    fc.assert(
      fc.property(said, ({ elements, speaker }) => {
        const stored: unknown = JSON.parse(prepare(draftOf({ elements, customData: '"}' }), speaker).bodyJson)
        expect(stored).toEqual({
          elements,
          customData: '"}',
          ...(speaker.nick === '' ? {} : { senderNick: speaker.nick }),
          ...(speaker.avatar === '' ? {} : { senderAvatar: speaker.avatar }),
        })
      }),
    )
  })

  test('stores every field it knows and none it does not', () => {
    const all = {
      customData: 'x',
      priority: 'low',
      needsReceipt: true,
      uncounted: true,
      notLast: true,
      extensible: true,
    } as const
    const fromTheFuture = { ...draftOf(all), colour: 'red' }
    const stored: unknown = JSON.parse(prepare(fromTheFuture, NOBODY).bodyJson)
    expect(stored).toEqual({ elements: [{ type: 'text', text: 'hello' }], ...all })
  })

  test.each([
    [{}, 0],
    [{ uncounted: true }, FLAG.UNCOUNTED],
    [{ notLast: true }, FLAG.NOT_LAST],
    [{ uncounted: true, notLast: true }, FLAG.UNCOUNTED | FLAG.NOT_LAST],
    [{ needsReceipt: true }, FLAG.WANTS_RECEIPTS],
    [{ extensible: true, customData: 'x', priority: 'high' }, 0],
    [{ ...inGroup, mentions: { userIds: [], all: false } }, 0],
    [{ ...inGroup, mentions: { userIds: [bert], all: false } }, FLAG.MENTIONS],
    [{ ...inGroup, mentions: { userIds: [], all: true } }, FLAG.MENTIONS],
    [{ ...inGroup, receiverIds: [bert] }, FLAG.UNCOUNTED],
    [{ ...inGroup, receiverIds: [bert], mentions: { userIds: [bert], all: true } }, FLAG.UNCOUNTED],
    [
      { ...inGroup, receiverIds: [bert], needsReceipt: true, notLast: true },
      FLAG.UNCOUNTED | FLAG.NOT_LAST | FLAG.WANTS_RECEIPTS,
    ],
  ] as readonly (readonly [Partial<Draft>, number])[])('the flags of %j are %i', (fields, flags) => {
    expect(prepare(draftOf(fields), NOBODY).flags).toBe(flags)
  })

  test('refuses an empty text', () => {
    const elements: SentElement[] = [
      { type: 'text', text: 'a' },
      { type: 'text', text: '' },
    ]
    expect(refusalOf(() => prepare(draftOf({ elements }), NOBODY))).toBe('MESSAGE_EMPTY')
  })

  test.each([
    ['Latin', 'a', 1],
    ['Chinese', '王', 3],
    ['emoji', '😀', 4],
  ])('measures %s in bytes: what fits to the last byte is taken, one more is refused', (_what, letter, bytes) => {
    const around = JSON.stringify({ elements: [{ type: 'text', text: '' }] }).length
    const room = LIMITS.messageBytes - around
    const text = letter.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes)
    const send = (content: string): unknown => prepare(draftOf({ elements: [{ type: 'text', text: content }] }), NOBODY)
    expect(refusalOf(() => send(text))).toBeUndefined()
    expect(refusalOf(() => send(`${text}x`))).toBe('MESSAGE_TOO_LARGE')
  })

  test('the custom data counts into the size, the speaker’s name does not', () => {
    const half = 'x'.repeat(LIMITS.messageBytes / 2)
    const elements: SentElement[] = [{ type: 'text', text: half }]
    expect(refusalOf(() => prepare(draftOf({ elements, customData: half }), NOBODY))).toBe('MESSAGE_TOO_LARGE')
    expect(refusalOf(() => prepare(draftOf({ elements }), { nick: half, avatar: half }))).toBeUndefined()
  })
})

describe('prepare, for a group', () => {
  const mentions = { userIds: [bert], all: true }

  test('stores who is called', () => {
    const prepared = prepare(draftOf({ ...inGroup, mentions }), NOBODY)
    expect(JSON.parse(prepared.bodyJson)).toEqual({ elements: [{ type: 'text', text: 'hello' }], mentions })
    expect(prepared.receiverIds).toBeUndefined()
  })

  test('what is for some alone calls nobody and counts for nobody, whatever the sender says', () => {
    const prepared = prepare(draftOf({ ...inGroup, mentions, receiverIds: [bert] }), NOBODY)
    expect(JSON.parse(prepared.bodyJson)).toEqual({
      elements: [{ type: 'text', text: 'hello' }],
      uncounted: true,
      receiverIds: [bert],
    })
    expect(prepared.receiverIds).toEqual([bert])
  })

  test('elsewhere nobody is called, and nothing is for some alone', () => {
    for (const place of [conversationId, systemConversationId(anna), 'nonsense' as typeof conversationId]) {
      const groupOnly: Partial<Draft>[] = [
        { mentions },
        { receiverIds: [bert] },
        { mentions: { userIds: [], all: false } },
      ]
      for (const fields of groupOnly) {
        expect(refusalOf(() => prepare(draftOf({ ...fields, conversationId: place }), NOBODY))).toBe('BAD_REQUEST')
      }
    }
  })
})

describe('the files of a message', () => {
  const picture = { bytes: 1, width: 1, height: 1 }
  const image: SentElement = {
    type: 'image',
    fileId: 'image',
    format: 'png',
    ...picture,
    small: picture,
    large: picture,
  }
  const merger = { type: 'merger' as const, title: '', abstracts: [], compatibleText: '' }

  test.each<readonly [string, SentElement, readonly string[]]>([
    ['a picture', image, ['image']],
    ['a voice', { type: 'audio', fileId: 'audio', bytes: 1, seconds: 1 }, ['audio']],
    ['a file', { type: 'file', fileId: 'file', name: 'a', bytes: 1 }, ['file']],
    ['a video', { type: 'video', fileId: 'video', format: 'mp4', bytes: 1, seconds: 1 }, ['video']],
    [
      'a video with its cover',
      { type: 'video', fileId: 'video', format: 'mp4', bytes: 1, seconds: 1, cover: { fileId: 'cover', ...picture } },
      ['video', 'cover'],
    ],
    ['merged messages', { ...merger, list: { json: '[]' }, fileIds: ['one', 'two'] }, ['one', 'two']],
    ['merged messages kept aside', { ...merger, list: { fileId: 'list' }, fileIds: ['one'] }, ['list', 'one']],
    ['a text that looks like one', { type: 'text', text: '{"fileId":"text"}' }, []],
    ['an application’s own data', { type: 'custom', data: '{"fileId":"x"}', description: '', extension: '' }, []],
  ])('are those of %s', (_what, element, files) => {
    expect(filesOf([element])).toEqual(files)
    expect(prepare(draftOf({ elements: [element] }), NOBODY).fileIds).toEqual(files)
    expect(prepareContent({ elements: [element] }).fileIds).toEqual(files)
  })

  test('are named once, however often they are shown', () => {
    expect(filesOf([image, image, { ...merger, list: { json: '[]' }, fileIds: ['image', 'x', 'x'] }])).toEqual([
      'image',
      'x',
    ])
  })
})

describe('a change of a message', () => {
  test('is stored as what was said, and refused as a message is', () => {
    const elements: SentElement[] = [{ type: 'text', text: 'x' }]
    expect(prepareContent({ elements }).json).toBe('{"elements":[{"type":"text","text":"x"}]}')
    expect(JSON.parse(prepareContent({ elements, customData: '' }).json)).toEqual({ elements, customData: '' })
    expect(refusalOf(() => prepareContent({ elements: [{ type: 'text', text: '' }] }))).toBe('MESSAGE_EMPTY')
    const customData = 'x'.repeat(LIMITS.messageBytes)
    expect(refusalOf(() => prepareContent({ elements, customData }))).toBe('MESSAGE_TOO_LARGE')
  })
})

describe('the fingerprint', () => {
  const of = (fields: Partial<Draft>, speaker = NOBODY): number => prepare(draftOf(fields), speaker).fingerprint

  test('[SEND-1] is the same for the same content, also after the speaker’s name has changed', () => {
    expect(of({})).toBe(of({}))
    expect(of({}, { nick: 'Anna', avatar: 'a.png' })).toBe(of({}))
    expect(of({ clientMsgId: 'm2' })).toBe(of({}))
  })

  test('[SEND-2] differs for any other content, field or conversation', () => {
    const fingerprints = [
      {},
      { elements: [{ type: 'text' as const, text: 'hello ' }] },
      { elements: [{ type: 'custom' as const, data: 'hello', description: '', extension: '' }] },
      { customData: 'x' },
      { priority: 'high' as const },
      { needsReceipt: true as const },
      { uncounted: true as const },
      { notLast: true as const },
      { extensible: true as const },
      inGroup,
      { ...inGroup, mentions: { userIds: [bert], all: false } },
      { ...inGroup, mentions: { userIds: [bert], all: true } },
      { ...inGroup, receiverIds: [bert] },
      { ...inGroup, receiverIds: [bert, anna] },
      { conversationId: c2cConversationId(anna, anna) },
    ].map((fields) => of(fields))
    expect(new Set(fingerprints).size).toBe(fingerprints.length)
  })

  test('is a whole number that every part of the way keeps', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const fingerprint = fingerprintOf(text)
        expect(Number.isSafeInteger(fingerprint)).toBe(true)
        expect(fingerprint).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('sets 100,000 similar texts apart', () => {
    const seen = new Set(
      Array.from({ length: 100_000 }, (_, index) => fingerprintOf(`c2c:anna:bert{"text":"${index}"}`)),
    )
    expect(seen.size).toBe(100_000)
  })
})
