import type { EventChannel, EventListener } from './host.ts'

interface Held {
  readonly listener: EventListener
  readonly isOnce: boolean
}

/** Two ends of one channel: what one end emits the other hears, and keeps until somebody listens, as WeChat does. */
export function createChannelPair(): readonly [EventChannel, EventChannel] {
  const opener = new ChannelEnd()
  const opened = new ChannelEnd()
  opener.peer = opened
  opened.peer = opener
  return [opener, opened]
}

/** What an end keeps for a listener to come; more is dropped. */
const MAX_PENDING = 100

class ChannelEnd implements EventChannel {
  peer: ChannelEnd | undefined
  private readonly listeners = new Map<string, Held[]>()
  private readonly pending: { readonly name: string; readonly args: readonly unknown[] }[] = []

  on(name: string, listener: EventListener): void {
    this.hold(name, { listener, isOnce: false })
  }

  once(name: string, listener: EventListener): void {
    this.hold(name, { listener, isOnce: true })
  }

  off(name: string, listener?: EventListener): void {
    if (listener === undefined) this.listeners.delete(name)
    else
      this.listeners.set(
        name,
        this.heldOf(name).filter((held) => held.listener !== listener),
      )
  }

  emit(name: string, ...args: readonly unknown[]): void {
    this.peer?.hear(name, args)
  }

  private hear(name: string, args: readonly unknown[]): void {
    const held = this.heldOf(name)
    if (held.length === 0) {
      if (this.pending.length < MAX_PENDING) this.pending.push({ name, args })
      return
    }
    this.listeners.set(
      name,
      held.filter((each) => !each.isOnce),
    )
    for (const each of held) each.listener(...args)
  }

  private hold(name: string, held: Held): void {
    this.listeners.set(name, [...this.heldOf(name), held])
    const waiting = this.pending.filter((each) => each.name === name)
    for (const each of waiting) {
      this.pending.splice(this.pending.indexOf(each), 1)
      this.hear(name, each.args)
    }
  }

  private heldOf(name: string): readonly Held[] {
    return this.listeners.get(name) ?? []
  }
}
