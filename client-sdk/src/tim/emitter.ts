import type { TimEvent, TimListener } from './event-data.ts'

export type { TimEvent }

interface Registration {
  readonly name: string
  readonly handler: TimListener
  readonly context: unknown
  readonly isOnce: boolean
}

/** TIM's events: a handler registered twice is called twice, and one that throws stops nobody (tim-semantics §2.2). */
export class TimEmitter {
  private registrations: Registration[] = []
  private readonly onThrown: (error: unknown) => void

  constructor(onThrown: (error: unknown) => void) {
    this.onThrown = onThrown
  }

  on(name: string, handler: TimListener, context: unknown): void {
    this.registrations.push({ name, handler, context, isOnce: false })
  }

  once(name: string, handler: TimListener, context: unknown): void {
    this.registrations.push({ name, handler, context, isOnce: true })
  }

  /** Finds by the handler; also one that was registered with a context (a kit takes it off without). */
  off(name: string, handler: TimListener): void {
    this.registrations = this.registrations.filter((other) => other.name !== name || other.handler !== handler)
  }

  emit(name: string, data: unknown, more: Omit<TimEvent, 'name' | 'data'> = {}): void {
    const called = this.registrations.filter((registration) => registration.name === name)
    this.registrations = this.registrations.filter((registration) => registration.name !== name || !registration.isOnce)
    for (const { handler, context } of called) {
      try {
        // The one place where a listener's own idea of the data is believed: EventData says what each event has.
        handler.call(context, { name, data: data as never, ...more })
      } catch (error) {
        this.onThrown(error)
      }
    }
  }
}
