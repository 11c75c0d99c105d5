import { words } from '../text/words'
import { mergePeople, personOf, type Person } from '../views/contacts'
import { titleOf } from '../views/conversation-row'
import { chat, conversations, groups } from './chat'
import { me } from './session'
import { TYPES, type Group, type GroupMember } from './sdk'

const PAGE = 100
/** Enough for the classes of a family; a school of thousands is searched, not scrolled through. */
const MOST_GROUPS = 20
const MOST_MEMBERS = 500

/** Who the user shares a class with or talked to. */
export async function findPeople(): Promise<readonly Person[]> {
  const found: Person[] = []
  for (const group of groups.get().slice(0, MOST_GROUPS)) {
    const members = await membersOf(group.groupID)
    found.push(...members.map((member) => personOf(member, group, words())))
  }
  return mergePeople([...found, ...peers()], me())
}

function peers(): readonly Person[] {
  const oneToOne = conversations.get().filter(({ type }) => type === TYPES.CONV_C2C)
  return oneToOne.map((conversation) => {
    const { userID, avatar } = conversation.userProfile
    return { userID, name: titleOf(conversation, words()), avatar, isTeacher: false, hint: '' }
  })
}

/** The members of a group: its owner first, then admins. */
export async function membersOf(groupID: string): Promise<readonly GroupMember[]> {
  const members: GroupMember[] = []
  let offset = 0
  do {
    const { data } = await chat().getGroupMemberList({ groupID, count: PAGE, offset })
    members.push(...data.memberList)
    offset = data.offset
  } while (offset > 0 && members.length < MOST_MEMBERS)
  return members
}

/** The classes of mine that somebody is in, too. */
export async function sharedGroups(userID: string): Promise<readonly Group[]> {
  const shared: Group[] = []
  for (const group of groups.get().slice(0, MOST_GROUPS)) {
    const { data } = await chat().getGroupMemberProfile({ groupID: group.groupID, userIDList: [userID] })
    if (data.memberList.length > 0) shared.push(group)
  }
  return shared
}
