import { describe, expect, test } from 'vitest'
import { isWorthTelling, type Situation } from './policy.ts'

const SAID = { flow: 'in', type: 'TIMTextElem', sequence: 7, status: 'success', _onlineOnlyFlag: false } as const

function situation(change: {
  message?: Partial<Situation['message']>
  remind?: string
  mentions?: number[]
  isBeingRead?: boolean
}) {
  const { message = {}, remind = 'AcceptAndNotify', mentions = [], isBeingRead = false } = change
  const groupAtInfoList = mentions.map((messageSequence) => ({ messageSequence }))
  const conversation = {
    type: 'GROUP',
    messageRemindType: remind,
    groupAtInfoList,
  } as unknown as Situation['conversation']
  return { conversation, message: { ...SAID, ...message }, isBeingRead }
}

describe('a sound and a notification', () => {
  test('are for what others say where one is not looking', () => {
    expect(isWorthTelling(situation({}))).toBe(true)
    expect(isWorthTelling({ ...situation({}), conversation: undefined })).toBe(true)
    expect(isWorthTelling(situation({ isBeingRead: true }))).toBe(false)
    expect(isWorthTelling(situation({ message: { flow: 'out' } }))).toBe(false)
  })

  test('are not for tips of a group, nor for what is not kept', () => {
    expect(isWorthTelling(situation({ message: { type: 'TIMGroupTipElem' } }))).toBe(false)
    expect(isWorthTelling(situation({ message: { _onlineOnlyFlag: true } }))).toBe(false)
  })

  test('are not for muted conversations, unless they may call and this message does', () => {
    expect(isWorthTelling(situation({ remind: 'AcceptNotNotify', mentions: [7] }))).toBe(false)
    expect(isWorthTelling(situation({ remind: 'Discard' }))).toBe(false)
    expect(isWorthTelling(situation({ remind: 'AcceptNotNotifyExceptAt' }))).toBe(false)
    expect(isWorthTelling(situation({ remind: 'AcceptNotNotifyExceptAt', mentions: [6] }))).toBe(false)
    expect(isWorthTelling(situation({ remind: 'AcceptNotNotifyExceptAt', mentions: [7] }))).toBe(true)
  })
})
