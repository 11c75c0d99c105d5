import { describe, expect, test } from 'vitest'
import { findPeople, gather } from './people-rules.ts'

const wang = { userID: 't_2001', nick: '王老师', avatar: '' }
const li = { userID: 't_2002', nick: '李老师', avatar: 'https://school.example/li.png' }
const anonymous = { userID: 'p_1001', nick: '', avatar: '' }

describe('the people around one', () => {
  test('are there once each, by name, with the groups one shares, without oneself', () => {
    const people = gather({
      self: 't_2001',
      peers: [{ ...li, avatar: '' }, anonymous],
      groups: [
        { name: '三年级二班', members: [wang, li] },
        { name: '数学组', members: [li] },
      ],
    })
    expect(people).toEqual([
      { ...li, groups: ['三年级二班', '数学组'] },
      { ...anonymous, groups: [] },
    ])
  })

  test('are found by a part of the name or the ID, whatever the case', () => {
    expect(findPeople([wang, li, anonymous], '李')).toEqual([li])
    expect(findPeople([wang, li, anonymous], 'T_20')).toEqual([wang, li])
    expect(findPeople([wang], '  ')).toEqual([wang])
  })
})
