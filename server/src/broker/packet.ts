/** What one publish carries: all that one node had to say to one topic in one tick. */
export interface Packet {
  readonly nodeId: string
  /** Running number of the node's packets: no two texts are the same. */
  readonly number: number
  readonly topic: string
  readonly payloads: readonly string[]
}

/** The outside of a packet: enough to see whether its inside is wanted. */
export interface Envelope {
  readonly nodeId: string
  readonly topic: string
  readonly lengths: readonly number[]
  /** Where in the text the payloads start. */
  readonly bodyAt: number
}

/**
 * `nodeId,number,length,length,length;topicpayloadpayload`: lengths in UTF-16 units, so that JSON is not escaped a second
 * time. A lone surrogate does not survive the wire, but its replacement has the same length.
 */
export function encodePacket({ nodeId, number, topic, payloads }: Packet): string {
  const lengths = payloads.map((payload) => payload.length)
  return `${[nodeId, number, topic.length, ...lengths].join(',')};${topic}${payloads.join('')}`
}

/** Undefined for text that no node of ours wrote. */
export function openPacket(text: string): Envelope | undefined {
  const end = text.indexOf(';')
  if (end < 0) return undefined
  const [nodeId = '', number, topicLength, ...rest] = text.slice(0, end).split(',')
  const [topicEnds = 0, ...lengths] = [topicLength, ...rest].map(Number)
  const sizes = [Number(number), topicEnds, ...lengths]
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined
  const bodyAt = end + 1 + topicEnds
  if (lengths.reduce((sum, length) => sum + length, bodyAt) !== text.length) return undefined
  return { nodeId, topic: text.slice(end + 1, bodyAt), lengths, bodyAt }
}

export function payloadsOf(text: string, { lengths, bodyAt }: Envelope): readonly string[] {
  let at = bodyAt
  return lengths.map((length) => text.slice(at, (at += length)))
}
