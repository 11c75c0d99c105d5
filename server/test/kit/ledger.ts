import type { Message } from '../../../client-sdk/src/tim/mapping/message.ts'

/** What a sender was told: this message has this number. Written before anybody else hears of it. */
export interface Acknowledged {
  readonly ID: string
  readonly conversation: string
  readonly sequence: number
}

/** What one device has of one conversation, in the order in which it got it. */
export interface DeviceLog {
  readonly device: string
  readonly conversation: string
  readonly messages: readonly Pick<Message, 'ID' | 'sequence'>[]
}

export interface Balance {
  /** Acknowledged, and not stored under its number. */
  readonly missing: readonly string[]
  /** Stored twice, or numbers that are not 1…n. */
  readonly extra: readonly string[]
  /** Devices that have something else than what is stored, or in another order. */
  readonly outOfOrder: readonly string[]
}

/** Compares what was acknowledged and what each device has with what is stored, naively. */
export function balance(
  acknowledged: readonly Acknowledged[],
  stored: ReadonlyMap<string, readonly { readonly ID: string; readonly sequence: number }[]>,
  logs: readonly DeviceLog[],
): Balance {
  const missing: string[] = []
  const extra: string[] = []
  const outOfOrder: string[] = []
  for (const { ID, conversation, sequence } of acknowledged) {
    const found = stored.get(conversation)?.find((message) => message.ID === ID)
    if (found?.sequence !== sequence) missing.push(`${conversation} ${ID}: told ${sequence}, stored ${found?.sequence}`)
  }
  for (const [conversation, messages] of stored) {
    const ids = new Set(messages.map(({ ID }) => ID))
    if (ids.size !== messages.length) extra.push(`${conversation}: ${messages.length - ids.size} stored twice`)
    const wrong = messages.findIndex(({ sequence }, index) => sequence !== index + 1)
    if (wrong >= 0) extra.push(`${conversation}: number ${messages[wrong]?.sequence} at place ${wrong + 1}`)
  }
  for (const { device, conversation, messages } of logs) {
    const expected = stored.get(conversation) ?? []
    const wrong = expected.findIndex(({ ID }, index) => messages[index]?.ID !== ID)
    if (wrong < 0 && messages.length === expected.length) continue
    outOfOrder.push(
      `${device} in ${conversation}: ${messages.length} of ${expected.length}, first differs at ${wrong + 1}`,
    )
  }
  return { missing, extra, outOfOrder }
}
