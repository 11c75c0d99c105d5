import { parseMark, type Mark } from './mark.ts'

/** What the load has to know of a push. */
export interface Push {
  /** False for what is not numbered and may be lost. */
  readonly isNumbered: boolean
  readonly timeline: string
  /** 0 for what is not numbered. */
  readonly offset: number
  readonly kind: string
  /** Of a message. */
  readonly seq: number
  /** Of a message of this run. */
  readonly mark: Mark | undefined
  /** The frame, parsed. For what is rare. */
  entry(): Readonly<Record<string, unknown>>
}

const NUMBERED = '{"type":"push","timeline":"'
const VOLATILE = '{"type":"volatile","timeline":"'
const OFFSET = '","offset":'
const KIND = '"entry":{"kind":"'
const MESSAGE = '","message":{"id":"'
const SEQ = Buffer.from('"seq":')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const DASH = 0x2d
const [ZERO, NINE] = [0x30, 0x39]

/**
 * Reads pushes as the server writes them without parsing their JSON, which would cost more than everything else a light
 * client does. What looks different is parsed: right in any case, fast in the usual one.
 */
export class PushReader {
  readonly #run: string

  constructor(run: string) {
    this.#run = run
  }

  /** Undefined for a frame that is no push. The bytes are only looked at during the call, unless `entry` is asked for in it. */
  read(bytes: Buffer, start: number, end: number): Push | undefined {
    return this.#readFast(bytes, start, end) ?? this.#readSlowly(bytes, start, end)
  }

  #readFast(bytes: Buffer, start: number, end: number): Push | undefined {
    const isNumbered = startsWith(bytes, start, NUMBERED)
    if (!isNumbered && !startsWith(bytes, start, VOLATILE)) return undefined
    const from = start + (isNumbered ? NUMBERED.length : VOLATILE.length)
    const to = bytes.indexOf(QUOTE, from)
    if (to < 0 || to >= end) return undefined
    let at = to
    let offset = 0
    if (isNumbered) {
      if (!startsWith(bytes, at, OFFSET)) return undefined
      at += OFFSET.length
      const digits = digitsAt(bytes, at)
      offset = numberAt(bytes, at, digits)
      at += digits + 1
    } else at += 2
    if (!startsWith(bytes, at, KIND)) return undefined
    at += KIND.length
    const kindEnd = bytes.indexOf(QUOTE, at)
    if (kindEnd < 0 || kindEnd >= end) return undefined
    const timeline = bytes.toString('utf8', from, to)
    if (timeline.includes('\\')) return undefined
    const kind = bytes.toString('latin1', at, kindEnd)
    const facts = { isNumbered, timeline, offset, kind, entry: () => entryOf(bytes, start, end) }
    if (kind !== 'message' && kind !== 'volatile-message') return { ...facts, seq: 0, mark: undefined }
    if (!startsWith(bytes, kindEnd, MESSAGE)) return undefined
    return this.#readMessage(bytes, kindEnd + MESSAGE.length, end, facts)
  }

  #readMessage(bytes: Buffer, at: number, end: number, facts: Omit<Push, 'seq' | 'mark'>): Push | undefined {
    const idEnd = bytes.indexOf(QUOTE, at)
    if (idEnd < 0 || idEnd >= end || bytes[idEnd - 1] === BACKSLASH) return undefined
    const dash = at + digitsAt(bytes, at)
    const mark = bytes[dash] === DASH ? parseMark(this.#run, bytes.toString('latin1', dash + 1, idEnd)) : undefined
    let seq = 0
    if (facts.isNumbered) {
      const seqAt = bytes.indexOf(SEQ, idEnd)
      if (seqAt < 0 || seqAt >= end) return undefined
      seq = numberAt(bytes, seqAt + SEQ.length, digitsAt(bytes, seqAt + SEQ.length))
    }
    return { ...facts, seq, mark }
  }

  #readSlowly(bytes: Buffer, start: number, end: number): Push | undefined {
    const frame = JSON.parse(bytes.toString('utf8', start, end)) as {
      readonly type?: string
      readonly timeline?: string
      readonly offset?: number
      readonly entry?: { readonly kind?: string; readonly message?: { readonly id?: string; readonly seq?: number } }
    }
    if ((frame.type !== 'push' && frame.type !== 'volatile') || frame.timeline === undefined) return undefined
    return this.pulled(frame.timeline, frame.offset ?? 0, frame.entry ?? {}, frame.type === 'push')
  }

  /** An entry that came as the answer to a pull, as if it had been pushed. */
  pulled(timeline: string, offset: number, entry: object, isNumbered = true): Push {
    const { kind = '', message } = entry as {
      readonly kind?: string
      readonly message?: { readonly id?: string; readonly seq?: number }
    }
    const id = message?.id ?? ''
    return {
      isNumbered,
      timeline,
      offset,
      kind,
      seq: message?.seq ?? 0,
      mark: message ? parseMark(this.#run, id.slice(id.indexOf('-') + 1)) : undefined,
      entry: () => entry as Readonly<Record<string, unknown>>,
    }
  }
}

function entryOf(bytes: Buffer, start: number, end: number): Readonly<Record<string, unknown>> {
  const { entry } = JSON.parse(bytes.toString('utf8', start, end)) as { entry: Readonly<Record<string, unknown>> }
  return entry
}

function startsWith(bytes: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

function digitsAt(bytes: Buffer, at: number): number {
  let length = 0
  for (let digit = bytes[at]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = bytes[at + length])
    length++
  return length
}

function numberAt(bytes: Buffer, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 10 + ((bytes[at + i] ?? ZERO) - ZERO)
  return value
}
