import {
  c2cConversationId,
  groupConversationId,
  parseGroupId,
  type ConversationId,
  type GroupId,
  type UserId,
} from '@hongyan/protocol'
import type { Draft } from '../src/core/client-api.ts'
import { Device } from './device.ts'
import { FakeServer } from './fake-server.ts'
import { NO_FAULTS, type Faults } from './scripted-transport.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

/** One step of a schedule. Numbers are reduced to what exists when the step is taken. */
export type Operation =
  | { readonly kind: 'send'; readonly by: number; readonly to: number; readonly sort: number }
  | { readonly kind: 'read' | 'clear' | 'look'; readonly by: number; readonly to: number }
  | { readonly kind: 'pin' | 'hide'; readonly by: number; readonly to: number; readonly flag: boolean }
  | {
      readonly kind: 'revoke' | 'delete' | 'modify' | 'remind'
      readonly by: number
      readonly to: number
      readonly which: number
    }
  | { readonly kind: 'cut' | 'silence' | 'wake' | 'again'; readonly by: number }
  | { readonly kind: 'group'; readonly by: number; readonly to: number; readonly which: number; readonly sort: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'outage'; readonly ms: number }
  | { readonly kind: 'backUp' | 'restore' }

export interface WorldOptions {
  readonly users: number
  readonly devicesEach: number
  readonly faults: Faults
  /** Small, so that resets happen; or large, so that they do not. */
  readonly catchUpEntries: number
  readonly pageSize: number
  readonly groups: number
}

interface SentRecord {
  readonly deviceIndex: number
  readonly draft: Draft
  readonly epoch: string
  seq: number | undefined
  failure: string | undefined
}

/** Some users with some devices each at one fake server, and what they did. */
export class World {
  readonly clock = new VirtualClock()
  readonly server: FakeServer
  readonly devices: Device[] = []
  readonly sent: SentRecord[] = []
  private readonly userIds: UserId[]
  private readonly options: WorldOptions
  private isUp = true
  private backup: ReturnType<FakeServer['backUp']> | undefined

  constructor(seed: number, options: WorldOptions) {
    const random = seededRandom(seed)
    this.options = options
    this.userIds = Array.from({ length: options.users }, (_, index) => `user-${index}` as UserId)
    this.server = new FakeServer(this.clock, random, this.userIds)
    this.server.catchUpEntries = options.catchUpEntries
    this.server.pageSize = options.pageSize
    this.server.lateMs = 40
    this.server.busy = 0.02
    for (const userId of this.userIds) {
      for (let count = 0; count < options.devicesEach; count++) {
        const skewMs = Math.floor((random() - 0.5) * 7_200_000)
        const device = new Device(userId, this.clock, random, () => (this.isUp ? this.server : undefined), { skewMs })
        device.transport.latencyMs = 3 + Math.floor(random() * 40)
        this.devices.push(device)
      }
    }
  }

  async start(): Promise<void> {
    for (const device of this.devices) device.login().catch(() => undefined)
    await this.clock.pass(2000)
    // All but one are there from the beginning; the others are made, or not, as it goes.
    for (let group = 0; group + 1 < this.options.groups; group++) {
      const groupId = this.groupOf(group)
      const type = group % 2 === 0 ? 'meeting' : 'public'
      const members = this.userIds.map((userId) => ({ userId }))
      const request = { requestId: groupId, groupId, type, name: groupId, members } as const
      ignore(this.device(group * this.options.devicesEach).client.ask('group.create', request))
    }
    await this.clock.pass(500)
    for (const { transport } of this.devices) transport.faults = { ...this.options.faults }
  }

  async take(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'wait':
        return this.clock.pass(operation.ms)
      case 'outage':
        this.isUp = false
        this.server.closeAll(1006)
        await this.clock.pass(operation.ms)
        this.isUp = true
        return
      case 'backUp':
        this.backup = this.server.backUp()
        return
      case 'restore':
        if (this.backup !== undefined) this.server.restore(this.backup)
        return
      default:
        this.act(this.device(operation.by), operation)
        return this.clock.pass(1)
    }
  }

  /** Ends all faults and waits until everything has had time to come right by itself. */
  async heal(): Promise<void> {
    for (const { transport } of this.devices) {
      transport.faults = { ...NO_FAULTS }
      // A push lost on a living connection is the server's to repair, which this one does not; the resume does.
      transport.cut()
    }
    this.server.busy = 0
    await this.clock.pass(40_000)
    // A login that found no network fails; then it is the application that tries again.
    for (const device of this.devices) if (device.client.self === undefined) device.login().catch(() => undefined)
    await this.clock.pass(90_000)
  }

  conversationOf(device: Device, to: number): ConversationId {
    // Half of what happens, happens in groups, if there are any.
    if (to % 2 === 1 && this.options.groups > 0) return groupConversationId(this.groupOf(to))
    const peer = this.userIds[to % this.userIds.length] ?? device.userId
    return c2cConversationId(device.userId, peer)
  }

  private act(device: Device, operation: Exclude<Operation, { kind: 'wait' | 'outage' | 'backUp' | 'restore' }>): void {
    const { client, transport } = device
    switch (operation.kind) {
      case 'cut':
        return transport.cut()
      case 'silence':
        return transport.silence()
      case 'wake':
        return device.wake()
      case 'again':
        void client.logout()
        device.login().catch(() => undefined)
        return
      default:
    }
    if (operation.kind === 'group') return this.actInGroup(device, operation)
    const id = this.conversationOf(device, operation.to)
    const lastSeq = client.conversation(id)?.lastSeq ?? 0
    switch (operation.kind) {
      case 'send':
        return this.send(device, id, operation.sort)
      case 'read':
        return ignore(client.read(id))
      case 'look':
        return ignore(client.fetchConversation(id))
      case 'clear':
        return ignore(client.clear(id))
      case 'pin':
        return ignore(client.pin(id, operation.flag))
      case 'hide':
        return ignore(client.hide([id], { clears: operation.flag }))
      case 'revoke':
        if (lastSeq > 0) ignore(client.revoke(id, 1 + (operation.which % lastSeq)))
        return
      case 'delete':
        // Mostly the newest: the one shown as the last message.
        if (lastSeq > 0) ignore(client.deleteMessages(id, [Math.max(1, lastSeq - (operation.which % 3))]))
        return
      case 'modify': {
        const seq = Math.max(1, lastSeq - (operation.which % 3))
        const version = operation.which % 2
        const elements = [{ type: 'text' as const, text: `changed ${operation.which}` }]
        if (lastSeq > 0) ignore(client.modify({ conversationId: id, seq, version, elements }))
        return
      }
      case 'remind': {
        const remind = (['notify', 'silent', 'discard', 'discard-except-at'] as const)[operation.which % 4] ?? 'notify'
        ignore(client.ask('conversation.remind', { conversationIds: [id], remind }))
      }
    }
  }

  private groupOf(to: number): GroupId {
    return parseGroupId(`g${to % this.options.groups}`) ?? ('' as GroupId)
  }

  private actInGroup({ client }: Device, { to, which, sort }: Extract<Operation, { kind: 'group' }>): void {
    const groupId = this.groupOf(to)
    const userId = this.userIds[which % this.userIds.length] ?? ('' as UserId)
    const type = (['work', 'public', 'meeting'] as const)[to % 3] ?? 'work'
    switch (sort % 12) {
      case 0:
      case 1:
        return ignore(
          client.ask('group.create', {
            requestId: `r${client.newClientMsgId()}`,
            groupId,
            type,
            name: `of ${which}`,
            members: [{ userId }],
          }),
        )
      case 2:
        return ignore(client.ask('group.join', { groupId }))
      case 3:
        return ignore(client.ask('group.quit', { groupId }))
      case 4:
        return ignore(client.ask('group.invite', { groupId, userIds: [userId] }))
      case 5:
        return ignore(client.ask('group.kick', { groupId, userIds: [userId] }))
      case 6:
        return ignore(client.ask('group.update', { groupId, name: `n${which}` }))
      case 7:
        return ignore(client.ask('group.setRole', { groupId, userId, role: which % 2 === 0 ? 'admin' : 'member' }))
      case 8:
        return ignore(client.ask('group.mute', { groupId, userId, seconds: which % 3 }))
      case 9:
        return ignore(client.ask('group.setMember', { groupId, userId, nameCard: `card ${which}` }))
      case 10:
        return ignore(client.ask('group.transfer', { groupId, userId }))
      default:
        // Seldom: a group that is gone does not come back.
        if (which % 8 === 0) ignore(client.ask('group.dismiss', { groupId }))
    }
  }

  private send(device: Device, id: ConversationId, sort: number): void {
    const text = sort % 20 === 19 ? 'poison' : `m${this.sent.length}`
    const flags = sort % 7 === 5 ? { uncounted: true as const } : sort % 7 === 6 ? { notLast: true as const } : {}
    const someone = this.userIds[sort % this.userIds.length] ?? device.userId
    const called =
      sort % 5 === 0
        ? { mentions: { userIds: sort % 10 === 0 ? [someone] : [], all: sort % 3 === 0 } }
        : sort % 5 === 1
          ? { receiverIds: [someone] }
          : {}
    const draft = device.draft(id, text, { ...flags, ...(id.startsWith('group:') ? called : {}) })
    const deviceIndex = this.devices.indexOf(device)
    const record: SentRecord = { deviceIndex, draft, epoch: this.server.epoch, seq: undefined, failure: undefined }
    this.sent.push(record)
    device.client.send(draft).then(
      ({ seq }) => {
        record.seq = seq
      },
      (error: { failure: string }) => {
        record.failure = error.failure
      },
    )
  }

  private device(index: number): Device {
    const device = this.devices[index % this.devices.length]
    if (device === undefined) throw new Error('no devices')
    return device
  }
}

function ignore(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
