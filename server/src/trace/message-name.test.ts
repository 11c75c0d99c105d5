import { describe, expect, test } from 'vitest'
import { parseMessageId, parsePlace, parseSent } from './message-name.ts'

describe('the name of a message', () => {
  test('as an application shows it, of a person and of the system', () => {
    expect(parseMessageId('100001-1761000000-42')).toEqual({
      kind: 'id',
      senderKey: 100001,
      clientMsgId: '1761000000-42',
    })
    expect(parseMessageId('144115198244471703-12_7')).toEqual({ kind: 'id', senderKey: 1, clientMsgId: '12_7' })
  })

  test.each(['', '100001', '-5', 'abc-1', '100001-', '9999999999999999999-1', `1-${'x'.repeat(101)}`])(
    '%j names none',
    (text) => {
      expect(parseMessageId(text)).toBeUndefined()
    },
  )

  test.each([
    ['c2c:anna:bert', undefined, 'c2c:anna:bert'],
    ['GROUPclass 1'.replace(' ', '_'), undefined, 'group:class_1'],
    ['GROUP@TGS#_x', undefined, 'group:%40TGS%23_x'],
    ['group:class_1', undefined, 'group:class_1'],
    ['C2Canna', 'bert', 'c2c:anna:bert'],
    ['@TIM#SYSTEM', 'bert', 'system:bert'],
  ])('%s of %s is a conversation', (text, user, conversationId) => {
    expect(parsePlace(text, '7', user)).toEqual({ kind: 'place', conversationId, seq: 7 })
  })

  test.each([
    ['C2Canna', '7', undefined],
    ['c2c:bert:anna', '7', undefined],
    ['nonsense', '7', 'bert'],
    ['c2c:anna:bert', '0', undefined],
    ['c2c:anna:bert', '-1', undefined],
    ['c2c:anna:bert', '7; DROP TABLE message', undefined],
  ])('%s %s of %s is none', (text, seq, user) => {
    expect(parsePlace(text, seq, user)).toBeUndefined()
  })

  test('by its sender and his own id of it', () => {
    expect(parseSent('anna', 'x-1')).toEqual({ kind: 'sent', senderId: 'anna', clientMsgId: 'x-1' })
    expect(parseSent('', 'x-1')).toBeUndefined()
    expect(parseSent('anna', '')).toBeUndefined()
  })
})
