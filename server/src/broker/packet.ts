/** What one PUBLISH carries: all that one node had to say to one topic in one tick. */
export interface Packet {
  readonly nodeId: string
  readonly payloads: readonly string[]
}

/**
 * `nodeId,length,length;payloadpayload`: lengths in UTF-16 units, so that JSON is not escaped a second time. A lone
 * surrogate does not survive the wire, but its replacement has the same length.
 */
export function encodePacket(packet: Packet): string {
  const lengths = packet.payloads.map((payload) => payload.length)
  return `${[packet.nodeId, ...lengths].join(',')};${packet.payloads.join('')}`
}

/** Undefined for text that no node of ours wrote. */
export function parsePacket(text: string): Packet | undefined {
  const end = text.indexOf(';')
  if (end < 0) return undefined
  const [nodeId = '', ...lengths] = text.slice(0, end).split(',')
  const payloads: string[] = []
  let at = end + 1
  for (const length of lengths.map(Number)) {
    if (!Number.isSafeInteger(length) || length < 0) return undefined
    payloads.push(text.slice(at, at + length))
    at += length
  }
  return at === text.length ? { nodeId, payloads } : undefined
}
