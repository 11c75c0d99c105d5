import { groupConversationId, type Notice } from '@hongyan/protocol'
import type { Concerned, GroupScene } from './group-change.ts'
import { GROUP_TYPES } from './group-types.ts'
import { deleteApplications, deleteMembers, insertMembers, type NewMember } from './group-writer.ts'
import { peopleOf } from './people.ts'

/** Makes these accounts members, tells the group, and lets their devices begin to follow it. */
export async function addMembers(
  scene: GroupScene,
  joining: readonly (Concerned & Partial<Pick<NewMember, 'role' | 'custom'>>)[],
  how: { readonly invited: boolean; readonly notice?: Pick<Notice, 'op' | 'text'> },
): Promise<void> {
  const { tx, timeline, group } = scene
  await Promise.all([
    insertMembers(
      tx,
      timeline,
      joining.map(({ key, role = 2, custom = [] }) => ({ accountKey: key, role, custom })),
      { showsHistory: GROUP_TYPES[group.type].showsHistory, nowMs: scene.nowMs },
    ),
    deleteApplications(
      tx,
      timeline.key,
      joining.map(({ key }) => key),
    ),
  ])
  const users = peopleOf(joining)
  const [first] = users
  scene.tip({
    op: 'joined',
    invited: how.invited,
    by: how.invited ? scene.by : (first ?? scene.by),
    users,
    memberCount: group.memberCount + joining.length,
  })
  const place = { offset: timeline.lastOffset, seq: timeline.lastSeq, countable: timeline.lastCountable }
  for (const { id } of joining) {
    scene.enterFor(id, { kind: 'joined', conversationId: groupConversationId(group.groupId), ...place })
    if (how.notice) scene.notify(id, how.notice)
  }
}

/** Ends memberships and tells the group; from the tip's place on nothing reaches them (promise I11). */
export async function removeMembers(
  scene: GroupScene,
  leaving: readonly Concerned[],
  how: { readonly op: 'quit' | 'kicked'; readonly reason: string | undefined },
): Promise<void> {
  const { group, timeline } = scene
  await deleteMembers(
    scene.tx,
    timeline.key,
    leaving.map(({ key }) => key),
    scene.nowMs,
  )
  const told = { by: scene.by, users: peopleOf(leaving), memberCount: group.memberCount - leaving.length }
  const { reason } = how
  if (how.op === 'quit') scene.tip({ op: 'quit', ...told })
  else scene.tip({ op: 'kicked', ...told, ...(reason === undefined ? {} : { reason }) })
  for (const { id } of leaving) {
    scene.enterFor(id, { kind: 'left', conversationId: groupConversationId(group.groupId) })
    scene.notify(id, { op: how.op, ...(reason === undefined ? {} : { text: reason }) })
  }
}
