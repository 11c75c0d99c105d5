import type { Entry, Offset, TimelineId, VolatileEntry } from '@hongyan/protocol'
import type { Broker } from '../broker/broker.ts'
import type { AppendedEntry } from './timeline-writer.ts'
import { encodeControl, encodeEntry, encodeEntryFrame, encodeVolatile, type Control } from './payload.ts'

/**
 * Rings the bell after the commit. Never fails and promises nothing: whoever misses the bell finds the entry in the
 * log (hub: gap; sweeper: silence).
 */
export class Announcer {
  readonly #broker: Broker

  constructor(broker: Broker) {
    this.#broker = broker
  }

  announce(timeline: TimelineId, offset: Offset, entry: Entry): void {
    this.#broker.publish(timeline, encodeEntry(timeline, offset, entry))
  }

  /** As `announce`, with the frame already made. `isParticular`: it is not simply for everybody (entry-audience.ts). */
  announceFrame(timeline: TimelineId, offset: Offset, frame: string, { isParticular = false } = {}): void {
    this.#broker.publish(timeline, encodeEntryFrame(offset, frame, isParticular))
  }

  announceAll(appended: readonly AppendedEntry[]): void {
    for (const { timeline, offset, entry } of appended) this.announce(timeline, offset, entry)
  }

  announceVolatile(timeline: TimelineId, entry: VolatileEntry): void {
    this.#broker.publish(timeline, encodeVolatile(timeline, entry))
  }

  announceControl(timeline: TimelineId, control: Control): void {
    this.#broker.publish(timeline, encodeControl(control))
  }
}
