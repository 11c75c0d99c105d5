import { c2cConversationId, type UserId } from '@hongyan/protocol'
import { expect } from 'vitest'
import { Device } from './device.ts'
import { FakeServer } from './fake-server.ts'
import { seededRandom, VirtualClock } from './virtual-clock.ts'

export const ann = 'ann' as UserId
export const bob = 'bob' as UserId
export const eve = 'eve' as UserId
export const annBob = c2cConversationId(ann, bob)
export const annEve = c2cConversationId(ann, eve)

/** A fake server, its network, and devices on it. */
export class Rig {
  readonly clock = new VirtualClock()
  readonly server: FakeServer
  readonly devices: Device[] = []
  isUp = true
  private readonly random: () => number

  constructor(seed = 1) {
    this.random = seededRandom(seed)
    this.server = new FakeServer(this.clock, this.random, [ann, bob, eve])
  }

  device(userId: UserId, options: { readonly skewMs?: number; readonly instanceId?: string } = {}): Device {
    const device = new Device(userId, this.clock, this.random, () => (this.isUp ? this.server : undefined), options)
    this.devices.push(device)
    return device
  }

  /** A device that is logged in and up to date. */
  async ready(userId: UserId): Promise<Device> {
    const device = this.device(userId)
    void device.login()
    await this.clock.pass(1000)
    expect(device.client.isSyncComplete).toBe(true)
    return device
  }

  /** Something said by a user without a device. */
  say(from: UserId, to: UserId, text = 'hello', more = {}): void {
    const conversationId = c2cConversationId(from, to)
    const clientMsgId = `say-${this.server.data.sent.size}`
    this.server.send(from, { conversationId, clientMsgId, elements: [{ type: 'text', text }], ...more })
  }

  /** The bodies of a command's requests so far. */
  asked(command: string): unknown[] {
    return this.server.requests.filter((request) => request.command === command).map(({ body }) => body)
  }

  /** Nothing broke, and every device believes what a naive count says. */
  expectSound(): void {
    expect(this.server.violations).toEqual([])
    for (const device of this.devices) {
      expect(device.errors).toEqual([])
      if (device.client.self !== undefined) expect(device.client.stateDigest()).toBe(this.server.digest(device.userId))
    }
  }
}
