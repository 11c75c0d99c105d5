import { LIMITS, parseGroupId, Refused, type Access, type GroupType, type Role } from '@hongyan/protocol'
import { describe, expect, test } from 'vitest'
import {
  assertCustomId,
  assertFields,
  assertMay,
  assertNameCard,
  assertOutranks,
  invitingBy,
  makeGroupId,
  may,
  type GroupFields,
} from './group-rules.ts'
import { GROUP_TYPES, PERMISSIONS, type GroupAction } from './group-types.ts'

const TYPES = ['work', 'public', 'meeting', 'community', 'live'] as const satisfies readonly GroupType[]
const ROLES = ['owner', 'admin', 'member'] as const satisfies readonly Role[]

/**
 * The table of tim-semantics §4.9 once more, in its own order of columns (work, public, meeting, community, live), by the
 * first letters of those who may: o(wner), a(dmin), m(ember). Where we go further than TIM, it is said beside the row.
 */
const SPECIFIED: Readonly<Record<GroupAction, readonly [string, string, string, string, string]>> = {
  edit: ['oam', 'oa', 'oa', 'oa', 'o'],
  'mute-all': ['', 'oa', 'oa', 'oa', 'o'],
  dismiss: ['', 'o', 'o', 'o', 'o'],
  transfer: ['o', 'o', 'o', 'o', ''],
  'set-role': ['', 'o', 'o', 'o', ''],
  // In a live room: only together with a ban.
  kick: ['o', 'oa', 'oa', 'oa', 'o'],
  'mute-member': ['', 'oa', 'oa', 'oa', 'o'],
  'edit-member': ['o', 'oa', 'oa', 'oa', ''],
  // Members of a work group invite by its invite option, which is free.
  invite: ['oa', 'oa', 'oa', 'oa', ''],
  decide: ['oa', 'oa', 'oa', 'oa', ''],
  'pin-message': ['oam', 'oa', 'oa', 'oa', 'o'],
  revoke: ['o', 'oa', 'oa', 'oa', ''],
  modify: ['o', 'oa', 'oa', 'oa', ''],
  // TIM lets the owner of a work group leave, and no other owner.
  quit: ['oam', 'am', 'am', 'am', 'm'],
}

function refusalOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (err) {
    return err instanceof Refused ? err.code : String(err)
  }
}

describe('[S-A1] who may do what', () => {
  const cells = (Object.keys(SPECIFIED) as GroupAction[]).flatMap((action) =>
    TYPES.flatMap((type, column) =>
      ROLES.map((role, rank) => ({
        action,
        type,
        role,
        rank,
        isAllowed: SPECIFIED[action][column]?.includes(role.charAt(0)),
      })),
    ),
  )

  test('every action stands in the table', () => {
    expect(Object.keys(PERMISSIONS).sort()).toEqual(Object.keys(SPECIFIED).sort())
    expect(cells).toHaveLength(Object.keys(PERMISSIONS).length * TYPES.length * ROLES.length)
  })

  test.each(cells)('$action in a $type group by the $role: $isAllowed', ({ action, type, role, rank, isAllowed }) => {
    expect(may(action, type, role)).toBe(isAllowed)
    expect(refusalOf(() => assertMay(action, type, rank))).toBe(isAllowed ? undefined : 'NOT_PERMITTED')
  })

  test('a role that no row has is the least one', () => {
    expect(refusalOf(() => assertMay('kick', 'public', 9))).toBe('NOT_PERMITTED')
    expect(refusalOf(() => assertMay('edit', 'work', 9))).toBeUndefined()
  })

  test('one acts only on those of lower rank', () => {
    const allowed = [0, 1, 2].map((actor) =>
      [0, 1, 2].filter((target) => !refusalOf(() => assertOutranks({ role: actor }, { role: target }))),
    )
    expect(allowed).toEqual([[1, 2], [2], []])
  })
})

describe('the types of groups', () => {
  test('begin as tim-semantics §4.9 says', () => {
    const beginnings = TYPES.map((type) => [GROUP_TYPES[type].joinOption, GROUP_TYPES[type].inviteOption])
    expect(beginnings).toEqual([
      ['closed', 'free'],
      ['approval', 'closed'],
      ['free', 'closed'],
      ['free', 'free'],
      ['free', 'closed'],
    ])
    const those = (fact: 'choosesJoining' | 'hasAdmins' | 'showsHistory' | 'isStored' | 'isFound'): GroupType[] =>
      TYPES.filter((type) => GROUP_TYPES[type][fact])
    expect(those('choosesJoining')).toEqual(['public', 'community'])
    expect(those('hasAdmins')).toEqual(['public', 'meeting', 'community'])
    expect(those('showsHistory')).toEqual(['meeting', 'community'])
    expect(those('isStored')).toEqual(['work', 'public', 'meeting', 'community'])
    expect(those('isFound')).toEqual(['public', 'meeting', 'community', 'live'])
  })

  test('admins have rights only where there are some', () => {
    for (const type of TYPES) {
      if (GROUP_TYPES[type].hasAdmins) continue
      expect(may('set-role', type, 'owner')).toBe(false)
    }
  })
})

describe('an invitation', () => {
  const by = (role: number, type: GroupType, inviteOption: Access): Access => invitingBy(role, { type, inviteOption })

  test('by a member is what the group’s invite option says', () => {
    for (const type of TYPES) {
      for (const option of ['free', 'approval', 'closed'] as const) expect(by(2, type, option)).toBe(option)
    }
  })

  test('by owner and admins needs nobody’s consent, except in a live room', () => {
    for (const role of [0, 1]) {
      for (const type of ['work', 'public', 'meeting', 'community'] as const)
        expect(by(role, type, 'closed')).toBe('free')
      expect(by(role, 'live', 'closed')).toBe('closed')
    }
  })
})

describe('the fields of a group', () => {
  const refused = (type: GroupType, fields: GroupFields): string | undefined =>
    refusalOf(() => assertFields(type, fields))

  test.each([
    ['name', LIMITS.groupNameBytes],
    ['avatar', LIMITS.avatarBytes],
    ['introduction', LIMITS.groupIntroductionBytes],
    ['notice', LIMITS.groupNoticeBytes],
  ] as const)('%s has at most %i bytes of UTF-8', (name, maxBytes) => {
    expect(refused('public', { [name]: 'x'.repeat(maxBytes) })).toBeUndefined()
    expect(refused('public', { [name]: 'x'.repeat(maxBytes + 1) })).toBe('BAD_GROUP_FIELD')
    const chinese = '王'.repeat(Math.floor(maxBytes / 3))
    expect(refused('public', { [name]: chinese })).toBeUndefined()
    expect(refused('public', { [name]: `${chinese}王` })).toBe('BAD_GROUP_FIELD')
    expect(refused('public', { [name]: 'half a pair \ud83d' })).toBe('BAD_GROUP_FIELD')
  })

  test('a name may be absent and not empty; the rest may be emptied', () => {
    expect(refused('work', {})).toBeUndefined()
    expect(refused('work', { name: '' })).toBe('BAD_GROUP_FIELD')
    expect(refused('work', { name: undefined, avatar: '', introduction: '', notice: '' })).toBeUndefined()
  })

  test.each(TYPES)('how one joins a %s group can be chosen where its type allows, or said as it is', (type) => {
    for (const joinOption of ['free', 'approval', 'closed'] as const) {
      const isFine = GROUP_TYPES[type].choosesJoining || joinOption === GROUP_TYPES[type].joinOption
      expect(refused(type, { joinOption })).toBe(isFine ? undefined : 'BAD_GROUP_FIELD')
    }
  })

  test.each(TYPES)('who may invite into a %s group can be chosen, except in a live room', (type) => {
    for (const inviteOption of ['free', 'approval', 'closed'] as const) {
      expect(refused(type, { inviteOption })).toBe(type === 'live' ? 'BAD_GROUP_FIELD' : undefined)
    }
  })

  test('a name in the group has its own limit, and may be empty', () => {
    expect(refusalOf(() => assertNameCard(''))).toBeUndefined()
    expect(refusalOf(() => assertNameCard('x'.repeat(LIMITS.nameCardBytes)))).toBeUndefined()
    expect(refusalOf(() => assertNameCard('王'.repeat(LIMITS.nameCardBytes / 3 + 1)))).toBe('BAD_GROUP_FIELD')
  })
})

describe('a group id', () => {
  test.each(['class-7B', '@TGS', '@TGS-1', 'x@TGS#1', '@tgs#1', 'a:b'])('%j may be chosen', (groupId) => {
    for (const type of TYPES) expect(refusalOf(() => assertCustomId(type, groupId))).toBeUndefined()
  })

  test.each(['@TGS#', '@TGS#1', '@TGS#_x', '@TGS#_@TGS#'])('%j is for those that the server makes', (groupId) => {
    for (const type of TYPES.filter((one) => one !== 'community')) {
      expect(refusalOf(() => assertCustomId(type, groupId))).toBe('BAD_GROUP_ID')
    }
  })

  test('that is made has TIM’s form, says of a community that it is one, and cannot be chosen', () => {
    for (const type of TYPES) {
      const made = makeGroupId(type, (limit) => limit - 1)
      expect(made).toMatch(type === 'community' ? /^@TGS#_[A-Z2-9]{12}$/ : /^@TGS#[A-Z2-9]{12}$/)
      expect(parseGroupId(made)).toBe(made)
      expect(refusalOf(() => assertCustomId('public', made))).toBe('BAD_GROUP_ID')
    }
  })

  test('that is made takes every letter of its alphabet, and none that is read as another', () => {
    const letters = new Set<string>()
    for (let index = 0; index < 32; index++) {
      for (const letter of makeGroupId('work', (limit) => index % limit).slice(5)) letters.add(letter)
    }
    expect(letters.size).toBe(32)
    for (const letter of 'IO01') expect(letters).not.toContain(letter)
  })
})
