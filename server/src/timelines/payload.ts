import type { Entry, Offset, TimelineId, UserId, VolatileEntry } from '@hongyan/protocol'
import { audienceOf } from './entry-audience.ts'

/**
 * What travels under a timeline's topic: a head that the hub reads without parsing JSON, then the frame exactly as it
 * goes to every follower. Encoded once, whoever reads it.
 *
 * `<offset>\n<frame>` an entry · `<offset> p\n<frame>` an entry that is not simply for everybody (see entry-audience.ts) ·
 * `v\n<frame>` volatile · `x\n<json>` a control for the sessions themselves
 */
export type Payload =
  | { readonly kind: 'entry'; readonly offset: Offset; readonly frame: string; readonly isParticular: boolean }
  | { readonly kind: 'volatile'; readonly frame: string }
  | { readonly kind: 'control'; readonly control: Control }

/** For the sessions of one user, not for their clients. */
export type Control =
  /** These logins have lost their place; close them with the code given. */
  | {
      readonly kind: 'displaced'
      readonly logins: readonly { readonly loginKey: number; readonly closeCode: number }[]
    }
  /** The login goes on in a newer connection; close older ones. */
  | { readonly kind: 'replaced'; readonly loginKey: number; readonly bySessionId: string }
  /** Under a live room's topic: so many are in it on that node, and these came last. */
  | {
      readonly kind: 'room-count'
      readonly nodeId: string
      readonly count: number
      readonly latest: readonly RoomVisitor[]
    }
  /** Under a live room's topic: this node has its first visitor and wants to know of the others. */
  | { readonly kind: 'room-asked'; readonly nodeId: string }
  /** Under a live room's topic: this user is no longer in it, on whichever node he is. */
  | { readonly kind: 'room-left'; readonly userId: UserId }

/** Somebody in a live room. */
export interface RoomVisitor {
  readonly userId: UserId
  readonly nick: string
  readonly avatar: string
  readonly enteredAtMs: number
}

const CONTROLS: ReadonlySet<string> = new Set<Control['kind']>([
  'displaced',
  'replaced',
  'room-count',
  'room-asked',
  'room-left',
])

export function entryFrame(timeline: TimelineId, offset: Offset, entryJson: string): string {
  return `{"type":"push","timeline":${JSON.stringify(timeline)},"offset":${offset},"entry":${entryJson}}`
}

/** The entry of a frame that a node of ours made. */
export function entryOf(frame: string): Entry {
  const push = JSON.parse(frame) as { readonly entry: Entry }
  return push.entry
}

export function encodeEntry(timeline: TimelineId, offset: Offset, entry: Entry): string {
  return encodeEntryFrame(offset, entryFrame(timeline, offset, JSON.stringify(entry)), audienceOf(entry) !== undefined)
}

export function encodeEntryFrame(offset: Offset, frame: string, isParticular: boolean): string {
  return isParticular ? `${offset} p\n${frame}` : `${offset}\n${frame}`
}

export function encodeVolatile(timeline: TimelineId, entry: VolatileEntry): string {
  return `v\n${JSON.stringify({ type: 'volatile', timeline, entry })}`
}

export function encodeControl(control: Control): string {
  return `x\n${JSON.stringify(control)}`
}

/** Reads what `encode…` wrote; undefined for anything else, so that a newer node's payload harms nobody. */
export function decodePayload(text: string): Payload | undefined {
  const lineEnd = text.indexOf('\n')
  const head = text.slice(0, lineEnd)
  const frame = text.slice(lineEnd + 1)
  if (lineEnd < 1) return undefined
  if (head === 'v') return { kind: 'volatile', frame }
  if (head === 'x') return decodeControl(frame)
  const isParticular = head.endsWith(' p')
  const offset = Number(isParticular ? head.slice(0, -2) : head)
  return Number.isSafeInteger(offset) && offset > 0 ? { kind: 'entry', offset, frame, isParticular } : undefined
}

function decodeControl(json: string): Payload | undefined {
  try {
    const control = JSON.parse(json) as Control | null
    return control && CONTROLS.has(control.kind) ? { kind: 'control', control } : undefined
  } catch {
    return undefined
  }
}

/** Every frame begins so; what is looked for comes after it. */
const BEGIN_CHARS = '{"type":"push","timeline":"'.length
const MESSAGE = '"entry":{"kind":"message",'
const SENT_AT = '"sentAtMs":'
const ZERO = 48
const NINE = 57

/**
 * When the message of an entry's frame was sent; undefined for other entries. Without parsing the frame, which may be long
 * and of which there are many: in our own JSON a quotation mark inside a text is escaped, and a message names its time
 * before its content.
 */
export function sentAtOfFrame(frame: string): number | undefined {
  const entryAt = frame.indexOf(MESSAGE, BEGIN_CHARS)
  if (entryAt < 0) return undefined
  const markAt = frame.indexOf(SENT_AT, entryAt + MESSAGE.length)
  if (markAt < 0) return undefined
  let sentAtMs = 0
  for (let at = markAt + SENT_AT.length; ; at++) {
    const digit = frame.charCodeAt(at)
    if (!(digit >= ZERO && digit <= NINE)) return sentAtMs > 0 ? sentAtMs : undefined
    sentAtMs = sentAtMs * 10 + (digit - ZERO)
  }
}
