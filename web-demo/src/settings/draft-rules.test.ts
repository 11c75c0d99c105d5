import { describe, expect, test } from 'vitest'
import { rebased } from './draft-rules.ts'

const EMPTY = { nick: '', avatar: '' }
const KEPT = { nick: '王老师', avatar: 'panda' }

describe('a profile that changes while it is being edited', () => {
  test('fills what nobody has touched', () => {
    expect(rebased(EMPTY, EMPTY, KEPT)).toEqual(KEPT)
  })

  test('leaves alone what the user has typed before it came', () => {
    expect(rebased({ nick: '赵老师', avatar: '' }, EMPTY, KEPT)).toEqual({ nick: '赵老师', avatar: 'panda' })
  })

  test('follows once more when the draft has been saved', () => {
    expect(rebased({ ...KEPT, nick: '赵老师' }, KEPT, { ...KEPT, nick: '赵老师' })).toEqual({ ...KEPT, nick: '赵老师' })
  })
})
