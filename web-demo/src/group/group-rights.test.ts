import type { Group, GroupMember } from '@hongyan/client-sdk'
import { describe, expect, test } from 'vitest'
import { mayActOn, rightsIn } from './group-rights.ts'
import { memberActions } from './member-actions.ts'

const NOW_S = 1_000

function groupOf(type: string, role: string, inviteOption = 'DisableInvite'): Group {
  return { type, inviteOption, selfInfo: { userID: 'me', role } } as Group
}

function memberOf(role: string, more: Partial<GroupMember> = {}): GroupMember {
  return { userID: 'other', role, muteUntil: 0, ...more } as GroupMember
}

function actionsOn(member: GroupMember, group: Group): readonly string[] {
  return memberActions(member, group, rightsIn(group), NOW_S)
}

describe('what one may do in a group', () => {
  test('a class is led by its owner and its admins, and only the owner ends it', () => {
    expect(rightsIn(groupOf('Public', 'Owner'))).toMatchObject({
      edits: true,
      dismisses: true,
      leaves: false,
      setsRoles: true,
    })
    expect(rightsIn(groupOf('Public', 'Admin'))).toMatchObject({
      edits: true,
      dismisses: false,
      leaves: true,
      setsRoles: false,
    })
    expect(rightsIn(groupOf('Public', 'Member'))).toMatchObject({ edits: false, invites: false, leaves: true })
    expect(rightsIn(groupOf('Public', 'Member', 'FreeAccess')).invites).toBe(true)
  })

  test('in a discussion everybody edits, nobody is muted, and the owner may leave', () => {
    expect(rightsIn(groupOf('Private', 'Member', 'FreeAccess'))).toMatchObject({
      edits: true,
      mutes: false,
      removes: false,
      invites: true,
    })
    expect(rightsIn(groupOf('Private', 'Owner'))).toMatchObject({
      dismisses: false,
      leaves: true,
      removes: true,
      transfers: true,
    })
  })

  test('admins act on members only, the owner on everybody but himself', () => {
    expect(mayActOn('Admin', 'Member')).toBe(true)
    expect(mayActOn('Admin', 'Admin')).toBe(false)
    expect(mayActOn('Owner', 'Admin')).toBe(true)
    expect(mayActOn('Member', 'Member')).toBe(false)
  })

  test('the menu of a member offers just that', () => {
    const owner = groupOf('Public', 'Owner')
    expect(actionsOn(memberOf('Member'), owner)).toEqual(['message', 'makeAdmin', 'mute', 'transfer', 'remove'])
    expect(actionsOn(memberOf('Admin', { muteUntil: NOW_S + 1 }), owner)).toEqual([
      'message',
      'dropAdmin',
      'unmute',
      'transfer',
      'remove',
    ])
    expect(actionsOn(memberOf('Admin'), groupOf('Public', 'Admin'))).toEqual(['message'])
    expect(actionsOn(memberOf('Member'), groupOf('Public', 'Member'))).toEqual(['message'])
    expect(actionsOn(memberOf('Owner', { userID: 'me' }), owner)).toEqual([])
  })
})
