import { describe, expect, test } from 'vitest'
import type { UserProfile } from '@hongyan/protocol'
import { EVENT } from '../events.ts'
import { lastAsked } from '../test/group-stand.ts'
import { readyStand } from '../test/stand.ts'

const PROFILE: UserProfile = {
  ...{ userId: 'teacher' as never, nick: '王老师', avatar: 'a.png', changedAtMs: 1_700_000_000_999 },
  details: {
    ...{ gender: 'female', birthday: 19800101, location: '北京', signature: '您好', language: 1, friendsBy: 'consent' },
    ...{ messageSettings: 2, level: 3, role: 4, custom: [{ key: 'Tag_Profile_Custom_Class', value: '3' }] },
  },
}

const SHOWN = {
  ...{ userID: 'teacher', nick: '王老师', avatar: 'a.png', gender: 'Gender_Type_Female', birthday: 19800101 },
  ...{ location: '北京', selfSignature: '您好', allowType: 'AllowType_Type_NeedConfirm', language: 1 },
  ...{
    messageSettings: 2,
    adminForbidType: 'AdminForbid_Type_None',
    level: 3,
    role: 4,
    lastUpdatedTime: 1_700_000_000,
  },
  profileCustomField: [{ key: 'Tag_Profile_Custom_Class', value: '3' }],
}

describe('a profile', () => {
  test('has all fields, own and enumerable', async () => {
    const { chat, client } = await readyStand()
    client.profiles = async () => [PROFILE]
    const [profile] = (await chat.getUserProfile({ userIDList: ['teacher'] })).data
    expect(Object.assign({}, profile)).toEqual(SHOWN)
  })

  test('of somebody who never said anything has TIM’s empty values', async () => {
    const { chat } = await readyStand()
    const [profile] = (await chat.getUserProfile({ userIDList: ['parent'] })).data
    expect(profile).toMatchObject({
      ...{ gender: 'Gender_Type_Unknown', birthday: 0, location: '', selfSignature: '', language: 0 },
      ...{ allowType: 'AllowType_Type_AllowAny', lastUpdatedTime: 0, profileCustomField: [] },
    })
  })
})

describe('updateMyProfile', () => {
  test('says in our words what is named and nothing else', async () => {
    const stand = await readyStand()
    stand.client.answer('profile.update', { profile: PROFILE })
    const { data } = await stand.chat.updateMyProfile({
      ...{
        nick: '王',
        gender: 'Gender_Type_Male',
        allowType: 'AllowType_Type_DenyAny',
        selfSignature: '',
        birthday: 0,
      },
      profileCustomField: [{ key: 'Tag_Profile_Custom_Room', value: '12' }],
    })
    expect(lastAsked(stand)?.body).toEqual({
      nick: '王',
      details: {
        ...{ gender: 'male', friendsBy: 'nobody', signature: '', birthday: 0 },
        custom: [{ key: 'Tag_Profile_Custom_Room', value: '12' }],
      },
    })
    expect(Object.assign({}, data)).toEqual(SHOWN)
  })

  test('with nothing rejects 2722, with a wrong value 2721, too long 40601', async () => {
    const { chat, client } = await readyStand()
    for (const nothing of [{}, undefined, { nick: undefined }]) {
      await expect(chat.updateMyProfile(nothing as never)).rejects.toMatchObject({ code: 2722 })
    }
    for (const wrong of [
      { nick: 7 },
      { gender: 'female' },
      { allowType: 'x' },
      { birthday: '1980' },
      { level: -1 },
      { profileCustomField: [{ key: 'a' }] },
    ]) {
      await expect(chat.updateMyProfile(wrong as never)).rejects.toMatchObject({ code: 2721 })
    }
    client.failing.set('profile.update', 'PROFILE_TOO_LONG')
    await expect(chat.updateMyProfile({ nick: 'x'.repeat(999) })).rejects.toMatchObject({ code: 40601 })
  })

  test('shows on one object, which PROFILE_UPDATED tells of, on all devices', async () => {
    const stand = await readyStand()
    const mine = (await stand.chat.getMyProfile()).data
    expect(mine.nick).toBe('nick of teacher')
    stand.client.tell({ kind: 'profile', profile: PROFILE })
    expect(stand.seen(EVENT.PROFILE_UPDATED)).toEqual([[mine]])
    expect(mine).toMatchObject(SHOWN)
    expect((await stand.chat.getMyProfile()).data).toBe(mine)
  })
})
