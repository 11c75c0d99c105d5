import type { Books } from '../ledger/books.ts'
import type { Meter, Timed } from '../measure/meter.ts'
import type { Act } from '../plan/plan.ts'
import type { Clock, Timers } from '../run/timers.ts'
import { identityOf, markOf } from '../wire/mark.ts'
import type { MediaClient } from '../wire/media-client.ts'
import type { Conversation } from './conversation.ts'
import type { Outcome } from './errand.ts'
import type { Place } from './following.ts'
import type { Person } from './person.ts'
import { Room } from './room.ts'
import { textOf } from './texts.ts'

export interface DeedsPorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly meter: Meter
  readonly books: Books
  readonly run: string
  readonly media: MediaClient
  readonly conversationAt: (index: number) => Conversation | undefined
  /** Other processes have to hear of it, too. */
  readonly share: (conversation: number, offset: number, identity: number) => void
  readonly onReceipt: (conversation: number, seq: number) => void
  /** The author of a message that wants receipts. */
  readonly onNotice: (conversation: number, seq: number, author: number) => void
}

const PAGE = 20

/** Does what the plan says. What takes its time is counted from the moment when it was due. */
export class Deeds {
  /** Transfers of files that are under way. */
  transfers = 0
  readonly #ports: DeedsPorts
  #isOver = false

  constructor(ports: DeedsPorts) {
    this.#ports = ports
  }

  /** Goes on with nothing that has several steps. */
  stop(): void {
    this.#isOver = true
  }

  /** `dueMs`: when the act was to be done, by the clock. */
  do(person: Person, act: Act, dueMs: number): void {
    if (act.do === 'cut') return person.cut()
    if (act.do === 'return') return person.come(dueMs)
    const conversation = this.#ports.conversationAt(act.in)
    const place = conversation && person.following.placeOf(conversation)
    if (!place) return this.#ports.meter.count('skipped: not in that conversation')
    switch (act.do) {
      case 'say':
        return this.say(person, place, { dueMs, seed: act.atMs, chars: act.chars, flags: act.wantsReceipts ? 'r' : '' })
      case 'read':
        return this.read(person, place, dueMs)
      case 'join':
        place.wantsRoom = true
        return this.join(person, place, dueMs)
      case 'leave':
        return this.#leave(person, place, dueMs)
      case 'browse':
        return this.#browse(person, place, { dueMs, waits: act.thinkMs, page: 0, from: undefined })
      case 'share':
        return this.#share(person, place, act, dueMs)
      case 'open':
        return this.#open(person, place, dueMs)
    }
  }

  /** Says something; one message of a conversation is on its way at a time, as with the SDK, so that none overtakes another. */
  say(person: Person, place: Place, said: Said): void {
    const { planned } = place.conversation
    if (planned.kind === 'room' && !place.room) return this.#ports.meter.count('skipped: not in the room')
    const send = (): void => {
      if (planned.kind === 'room') this.#sayInRoom(person, place, said)
      else this.#sayForGood(person, place, said)
    }
    if (place.sending) place.sending.push(send)
    else {
      place.sending = []
      send()
    }
  }

  /** Comes into a live room, or comes in again on a new connection. */
  join(person: Person, place: Place, dueMs: number): void {
    const { groupId } = place.conversation
    this.#ask(person, 'group.join', { groupId }, { dueMs, timed: 'join', isOnce: true }, (outcome) => {
      if (!outcome.ok || !place.wantsRoom || !person.isReady) return
      const { offset } = outcome.body as { readonly offset?: number }
      place.room = new Room()
      place.track.begin()
      place.track.place(offset ?? 0)
    })
  }

  #sayForGood(person: Person, place: Place, said: Said): void {
    const { conversation } = place
    const { meter, books, share, onNotice } = this.#ports
    const identity = identityOf({ sender: person.index, number: ++place.number })
    const body = {
      ...this.#messageOf(person, place, said, place.number),
      ...(said.flags.includes('r') ? { needsReceipt: true } : {}),
    }
    meter.count('sent')
    this.#ask(person, 'message.send', body, { dueMs: said.dueMs, timed: 'acknowledged' }, (outcome) => {
      this.#next(place)
      if (outcome.ok) {
        const { offset, seq } = outcome.body as { readonly offset: number; readonly seq: number }
        books.acknowledged++
        conversation.log.tell(offset, identity)
        if (conversation.isShared) share(conversation.planned.index, offset, identity)
        if (said.flags.includes('r')) onNotice(conversation.planned.index, seq, person.index)
      } else if (outcome.why === 'unknown') books.unknown++
      else meter.count('not stored')
    })
  }

  #sayInRoom(person: Person, place: Place, said: Said): void {
    const { meter, books, share } = this.#ports
    // A number that was refused is used again: listeners take a missing one for a loss.
    const number = place.number + 1
    const body = this.#messageOf(person, place, said, number)
    meter.count('sent')
    this.#ask(
      person,
      'message.sendVolatile',
      body,
      { dueMs: said.dueMs, timed: 'acknowledged', isOnce: true },
      (outcome) => {
        if (outcome.ok || outcome.why === 'unknown') place.number = number
        this.#next(place)
        if (outcome.ok) {
          books.said++
          place.conversation.said.set(person.index, number)
          if (place.conversation.isShared)
            share(place.conversation.planned.index, 0, identityOf({ sender: person.index, number }))
        } else if (outcome.why === 'unknown') books.unknown++
        else meter.count('not taken in the room')
      },
    )
  }

  #messageOf(person: Person, place: Place, said: Said, number: number): object {
    const { dueMs, flags } = said
    return {
      conversationId: place.conversation.conversationId,
      clientMsgId: markOf(this.#ports.run, {
        sender: person.index,
        number,
        dueMs: flags.includes('s') ? 0 : dueMs,
        flags,
      }),
      elements: [said.element ?? { type: 'text', text: textOf(said.seed, said.chars) }],
    }
  }

  #next(place: Place): void {
    const next = place.sending?.shift()
    if (next) next()
    else place.sending = undefined
  }

  /** Reads what is there; when there is nothing yet, as soon as something comes. */
  read(person: Person, place: Place, dueMs: number): void {
    const { conversationId, planned } = place.conversation
    const seqs = place.wanting
    place.owesRead = place.lastSeq <= place.readSeq && !seqs
    if (place.owesRead) return this.#ports.meter.count('read later: nothing was there yet')
    if (place.lastSeq > place.readSeq) {
      place.readSeq = place.lastSeq
      this.#ask(person, 'receipt.read', { conversationId, seq: place.readSeq }, { dueMs, timed: 'read' })
    }
    if (!seqs) return
    place.wanting = undefined
    this.#ask(person, 'receipt.send', { conversationId, seqs }, { dueMs, timed: 'receipt' }, (outcome) => {
      if (outcome.ok) for (const seq of seqs) this.#ports.onReceipt(planned.index, seq)
    })
  }

  #leave(person: Person, place: Place, dueMs: number): void {
    place.wantsRoom = false
    place.room = undefined
    this.#ask(person, 'group.quit', { groupId: place.conversation.groupId }, { dueMs, isOnce: true })
  }

  #browse(person: Person, place: Place, walk: Walk): void {
    const { conversationId } = place.conversation
    const from = walk.from === undefined ? {} : { from: { seq: walk.from } }
    const body = { conversationId, direction: 'older', limit: PAGE, ...from }
    this.#ask(person, 'message.history', body, { dueMs: walk.dueMs, timed: 'history' }, (outcome) => {
      if (!outcome.ok) return
      const { messages, isComplete } = outcome.body as {
        readonly messages: readonly { readonly seq: number }[]
        readonly isComplete: boolean
      }
      const { meter, timers, clock, books } = this.#ports
      meter.count('history messages', messages.length)
      // Within a page the numbers go up without gaps.
      if (messages.some(({ seq }, index) => index > 0 && seq !== (messages[index - 1]?.seq ?? 0) + 1)) books.reordered++
      const page = walk.page + 1
      const waitMs = walk.waits[page]
      const first = messages[0]?.seq
      if (isComplete || waitMs === undefined || first === undefined) return
      // A person looks at a page before asking for the next.
      const dueMs = clock() + waitMs
      timers.at(dueMs, () => {
        if (!this.#isOver) this.#browse(person, place, { ...walk, dueMs, page, from: first })
      })
    })
  }

  #share(person: Person, place: Place, act: Act & { do: 'share' }, dueMs: number): void {
    const { media, meter, clock } = this.#ports
    const file = media.make(act.kind, act.bytes, act.atMs)
    const { conversationId } = place.conversation
    const ticket = { conversationId, kind: act.kind, name: file.name, bytes: file.content.length }
    this.#ask(person, 'media.ticket', ticket, { dueMs }, (outcome) => {
      if (!outcome.ok) return
      const { path } = outcome.body as { readonly path: string }
      this.transfers++
      media.put(person.index, path, file.content).then(
        (stored) => {
          this.transfers--
          meter.time('upload', clock() - dueMs)
          meter.count('uploaded bytes', file.content.length)
          this.say(person, place, {
            dueMs: clock(),
            seed: 0,
            chars: 0,
            flags: 'f',
            element: media.elementOf(act.kind, stored),
          })
        },
        (err: unknown) => this.#failed('upload', err),
      )
    })
  }

  #open(person: Person, place: Place, dueMs: number): void {
    const { media, meter, clock } = this.#ports
    const { file } = place.conversation
    if (!file || !person.media) return meter.count('skipped: no file to open')
    this.transfers++
    media.get(person.index, file.fileId, person.media.token).then(
      (bytes) => {
        this.transfers--
        meter.time('download', clock() - dueMs)
        meter.count('downloaded bytes', bytes)
        if (file.bytes > 0 && bytes !== file.bytes) meter.count('wrong downloads')
      },
      (err: unknown) => this.#failed('download', err),
    )
  }

  #failed(what: 'upload' | 'download', err: unknown): void {
    this.transfers--
    this.#ports.meter.count(`refused ${what} ${err instanceof Error ? err.message : String(err)}`)
  }

  #ask(
    person: Person,
    command: Parameters<Person['desk']['ask']>[0]['command'],
    body: object,
    options: { readonly dueMs: number; readonly timed?: Timed; readonly isOnce?: boolean },
    settle: (outcome: Outcome) => void = () => {},
  ): void {
    const { dueMs, timed, isOnce = false } = options
    person.desk.ask({ command, body, dueMs, timed, isOnce, settle })
  }
}

/** Something to be said. */
export interface Said {
  readonly dueMs: number
  /** Decides the text. */
  readonly seed: number
  readonly chars: number
  /** See Mark. */
  readonly flags: string
  readonly element?: object
}

interface Walk {
  readonly dueMs: number
  readonly waits: readonly number[]
  readonly page: number
  readonly from: number | undefined
}
