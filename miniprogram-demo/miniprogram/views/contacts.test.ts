import { expect, test } from 'vitest'
import type { GroupMember } from '../im/sdk.ts'
import { zh } from '../text/zh.ts'
import { mergePeople, personOf } from './contacts.ts'

const member = (userID: string, role: string, nameCard = ''): GroupMember =>
  ({ userID, role, nameCard, nick: `nick ${userID}`, avatar: '' }) as GroupMember

test('somebody in two classes is there once, with what he leads', () => {
  const people = [
    personOf(member('t', 'Member'), { name: '合唱团' }, zh),
    personOf(member('t', 'Owner', '王老师'), { name: '三(2)班' }, zh),
    personOf(member('p', 'Member'), { name: '三(2)班' }, zh),
    personOf(member('me', 'Member'), { name: '三(2)班' }, zh),
  ]
  expect(mergePeople(people, 'me')).toEqual([
    { userID: 't', name: '王老师', avatar: '', isTeacher: true, hint: '三(2)班 群主' },
    { userID: 'p', name: 'nick p', avatar: '', isTeacher: false, hint: '三(2)班' },
  ])
})
