import type { Group, Message } from '@hongyan/client-sdk'
import { expect, test } from 'vitest'
import { actionsFor } from './message-actions.ts'

function message(fields: Partial<Message> = {}): Message {
  const common = { ID: 'm', type: 'TIMTextElem', from: 'me', flow: 'out', status: 'success', sequence: 3 }
  return { ...common, isRevoked: false, isSystemMessage: false, needReadReceipt: true, ...fields } as Message
}

function groupOf(type: string, role: string): Group {
  return { type, selfInfo: { role } } as Group
}

const ALONE = { me: 'me', group: undefined, isPinned: false }

test('one’s own text can be copied, answered, handed on, recalled and deleted', () => {
  expect(actionsFor(message(), ALONE)).toEqual(['copy', 'reply', 'forward', 'react', 'select', 'revoke', 'remove'])
})

test('another’s message is not recalled one-to-one, and a picture not copied', () => {
  const actions = actionsFor(message({ from: 'peer', type: 'TIMImageElem' }), ALONE)
  expect(actions).toEqual(['reply', 'forward', 'react', 'select', 'remove'])
})

test('in a group who leads it recalls and pins what others wrote', () => {
  const theirs = message({ from: 'peer' })
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Public', 'Admin') })).toContain('revoke')
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Public', 'Admin') })).toContain('pin')
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Public', 'Member') })).not.toContain('revoke')
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Public', 'Member') })).not.toContain('pin')
})

test('in a work group everybody pins, and only its owner recalls what others wrote', () => {
  const theirs = message({ from: 'peer' })
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Private', 'Member') })).toContain('pin')
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Private', 'Admin') })).not.toContain('revoke')
  expect(actionsFor(theirs, { ...ALONE, group: groupOf('Private', 'Owner') })).toContain('revoke')
})

test('a pinned message can be taken off; who has read it only its sender is told', () => {
  const group = groupOf('Public', 'Owner')
  expect(actionsFor(message(), { ...ALONE, group, isPinned: true })).toEqual(
    expect.arrayContaining(['unpin', 'readers']),
  )
  expect(actionsFor(message({ from: 'peer' }), { ...ALONE, group })).not.toContain('readers')
})

test('what failed can be sent again or thrown away, what is on its way only copied', () => {
  expect(actionsFor(message({ status: 'fail' }), ALONE)).toEqual(['copy', 'resend', 'remove'])
  expect(actionsFor(message({ status: 'unSend' }), ALONE)).toEqual(['copy'])
})
