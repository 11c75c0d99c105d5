import { describe, expect, test } from 'vitest'
import {
  findMentionable,
  mentionedIn,
  mentionQueryAt,
  withMention,
  withoutMentionBefore,
  type Mentionable,
} from './mention-rules.ts'

const WANG: Mentionable = { userID: 't_2001', name: '王老师', nick: '王芳', avatar: '' }
const MUM: Mentionable = { userID: 'p_1001', name: '小明妈妈', nick: '小明妈妈', avatar: '' }
const ODD: Mentionable = { userID: 'x', name: 'a.*(b', nick: 'Odd', avatar: '' }
const ALL = [MUM, WANG, ODD]

describe('an @ that is being written', () => {
  test.each([
    ['@', 1, { start: 0, text: '' }],
    ['你好@王', 4, { start: 2, text: '王' }],
    ['谢谢 @xiao', 8, { start: 3, text: 'xiao' }],
    ['(@王', 3, { start: 1, text: '王' }],
    ['@王老师 你好', 2, { start: 0, text: '王' }],
    ['第一行\n@', 5, { start: 4, text: '' }],
  ])('%j at %i asks for a name', (text, caret, query) => {
    expect(mentionQueryAt(text, caret)).toEqual(query)
  })

  test.each([
    ['一封邮件 wang@school', 16],
    ['@王 ', 3],
    ['没有', 2],
    ['@@', 0],
    [`@${'长'.repeat(21)}`, 22],
  ])('%j at %i asks for none', (text, caret) => {
    expect(mentionQueryAt(text, caret)).toBeUndefined()
  })

  test('finds names, nicknames and userIDs without regard to case, beginnings first', () => {
    expect(findMentionable(ALL, '妈').map(({ userID }) => userID)).toEqual(['p_1001'])
    expect(findMentionable(ALL, '王芳')).toEqual([WANG])
    expect(findMentionable(ALL, 'T_2')).toEqual([WANG])
    expect(findMentionable([{ ...MUM, name: '大王' }, WANG], '王').map(({ name }) => name)).toEqual(['王老师', '大王'])
    expect(findMentionable(ALL, '')).toHaveLength(3)
    expect(findMentionable(ALL, '校长')).toEqual([])
  })

  test('shows fifty of a school at most', () => {
    const many = Array.from({ length: 400 }, (_, index) => ({ ...MUM, userID: `p_${index}` }))
    expect(findMentionable(many, '')).toHaveLength(50)
  })

  test('is replaced by the name, and the caret stands behind it', () => {
    expect(withMention('请@王，谢谢', 3, { start: 1, text: '王' }, '王老师')).toEqual({
      text: '请@王老师 ，谢谢',
      caret: 6,
    })
  })

  test('goes as a whole when it is deleted, and only when the caret is right behind it', () => {
    expect(withoutMentionBefore('请@王老师 来', 6, [MUM, WANG])).toEqual({ text: '请来', caret: 1 })
    expect(withoutMentionBefore('请@王老师 来', 7, [WANG])).toBeUndefined()
    expect(withoutMentionBefore('请@王老师 来', 6, [MUM])).toBeUndefined()
  })
})

describe('who is called', () => {
  test('is who was chosen and whose name still stands there', () => {
    expect(mentionedIn('@王老师 @小明妈妈 好', ALL)).toEqual(['p_1001', 't_2001'])
    expect(mentionedIn('@王老师', ALL)).toEqual(['t_2001'])
    expect(mentionedIn('@王老师们', ALL)).toEqual([])
    expect(mentionedIn('王老师', ALL)).toEqual([])
  })

  test('is nobody who was only written by hand', () => {
    expect(mentionedIn('@王老师 ', [])).toEqual([])
  })

  test('may have a name that looks like a pattern', () => {
    expect(mentionedIn('@a.*(b ', ALL)).toEqual(['x'])
    expect(mentionedIn('@axx(b ', ALL)).toEqual([])
  })

  test('is named once', () => {
    expect(mentionedIn('@王老师 @王老师 ', [WANG, WANG])).toEqual(['t_2001'])
  })
})
