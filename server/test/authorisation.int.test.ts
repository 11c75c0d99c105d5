import { COMMANDS, type CommandName } from '@hongyan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nextId } from './kit/group-story.ts'
import {
  isInside,
  MATRIX,
  ROLES,
  TYPES,
  WITHOUT_ROLES,
  type Role,
  type Row,
  type Scene,
  type StoredType,
} from './kit/matrix.ts'
import { WireClient } from './kit/wire-client.ts'
import { startWorld, type World } from './kit/world.ts'

let world: World
const wires = new Map<Role | 'pupil', WireClient>()
let executed = 0

beforeAll(async () => {
  world = await startWorld()
  for (const role of [...ROLES, 'pupil'] as const) wires.set(role, await WireClient.open(world.endpoint(), role))
})
afterAll(async () => {
  for (const wire of wires.values()) wire.close()
  await world.stop()
})

function wireOf(role: Role | 'pupil'): WireClient {
  const wire = wires.get(role)
  if (!wire) throw new Error(`nobody is ${role}`)
  return wire
}

/** A group of its own for each row, so that what one row does another does not meet. */
async function sceneOf(type: StoredType): Promise<Scene> {
  const groupId = `m${nextId()}`
  const conversationId = `group:${groupId}`
  const owner = wireOf('owner')
  const inside = ['admin', 'muted', 'member', 'removed', 'left', 'pupil'] as const
  const members = inside.map((userId) => ({ userId, ...(userId === 'admin' ? { role: 'admin' } : {}) }))
  await owner.request('group.create', { requestId: nextId(), groupId, type, name: groupId, members })
  await owner.request('group.kick', { groupId, userIds: ['removed'] })
  await wireOf('left').request('group.quit', { groupId })
  const say = async (who: Role | 'pupil', more: object = {}): Promise<number> => {
    const elements = [{ type: 'text', text: who }]
    return (await wireOf(who).request('message.send', { conversationId, clientMsgId: nextId(), elements, ...more })).seq
  }
  const ownSeqs = new Map<Role, number>()
  for (const role of ROLES.filter(isInside)) ownSeqs.set(role, await say(role))
  const pupilSeq = await say('pupil', { needsReceipt: true, extensible: true })
  if (type !== 'work') await owner.request('group.mute', { groupId, userId: 'muted', seconds: 3600 })
  return {
    type,
    groupId,
    conversationId,
    userIds: Object.fromEntries(ROLES.map((role) => [role, role])) as Record<Role, string>,
    pupil: 'pupil',
    pupilSeq,
    ownerSeq: await say('owner'),
    ownSeqs,
    applicationId: type === 'public' ? await applicationTo(groupId) : undefined,
    fresh: nextId,
  }
}

async function applicationTo(groupId: string): Promise<string | undefined> {
  const applicant = await WireClient.open(world.endpoint(), `applicant-${groupId}`.slice(0, 32))
  await applicant.request('group.join', { groupId })
  applicant.close()
  const { applications } = await wireOf('owner').request('group.applications', {})
  return applications.find((application) => application.groupId === groupId)?.applicationId
}

async function outcomeOf(role: Role, command: CommandName, body: object): Promise<string> {
  return wireOf(role)
    .request(command, body)
    .then(
      () => 'ok',
      (err: Error) => err.message,
    )
}

async function execute(row: Row, type: StoredType): Promise<Record<string, string>> {
  const scene = await sceneOf(type)
  const found: Record<string, string> = {}
  for (const role of ROLES) {
    found[role] = await outcomeOf(role, row.command, row.body(scene, role))
    executed++
  }
  return found
}

describe('[S-A1] who may do what', () => {
  test('every command has a row', () => {
    const named = new Set([...MATRIX.map(({ command }) => command), ...WITHOUT_ROLES])
    expect([...named].sort()).toEqual(Object.keys(COMMANDS).sort())
  })

  for (const row of MATRIX) {
    test.each(TYPES)(`${row.command}${row.of === undefined ? '' : ` (${row.of})`} in a %s group`, async (type) => {
      const expected = Object.fromEntries(ROLES.map((role) => [role, row.expected(role, type)]))
      expect(await execute(row, type)).toEqual(expected)
    })
  }

  test('every cell was executed', () => {
    expect(executed).toBe(MATRIX.length * TYPES.length * ROLES.length)
  })
})
