import { LIMITS, Refused, utf8Length } from '@hongyan/protocol'

/** What a change makes of attributes, and what there is to tell of it. */
export interface AttributesChange {
  readonly after: ReadonlyMap<string, string>
  readonly set: ReadonlyMap<string, string>
  readonly deleted: readonly string[]
}

/** Sets attributes; with `replaces` these are all there are afterwards. Refuses TOO_MANY_ATTRIBUTES. */
export function setAttributes(
  before: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
  { replaces }: { readonly replaces: boolean },
): AttributesChange {
  const after = replaces ? wanted : new Map([...before, ...wanted])
  assertAttributesFit(after)
  return {
    after,
    set: new Map([...wanted].filter(([key, value]) => before.get(key) !== value)),
    deleted: [...before.keys()].filter((key) => !after.has(key)),
  }
}

/** Deletes these, or all where none is named. Refuses NO_SUCH_ATTRIBUTE when none of them is there. */
export function deleteAttributes(before: ReadonlyMap<string, string>, keys: readonly string[]): AttributesChange {
  const deleted = [...before.keys()].filter((key) => keys.length === 0 || keys.includes(key))
  if (deleted.length === 0) throw new Refused('NO_SUCH_ATTRIBUTE')
  return { after: new Map([...before].filter(([key]) => !deleted.includes(key))), set: new Map(), deleted }
}

function assertAttributesFit(attributes: ReadonlyMap<string, string>): void {
  let bytes = 0
  for (const [key, value] of attributes) {
    const [keyBytes, valueBytes] = [utf8Length(key), utf8Length(value)]
    if (keyBytes === 0 || keyBytes > LIMITS.groupAttributeKeyBytes || valueBytes > LIMITS.groupAttributeValueBytes) {
      throw new Refused('TOO_MANY_ATTRIBUTES')
    }
    bytes += keyBytes + valueBytes
  }
  if (attributes.size > LIMITS.groupAttributes || bytes > LIMITS.groupAttributesBytes) {
    throw new Refused('TOO_MANY_ATTRIBUTES')
  }
}

/** The values these counters get. Refuses TOO_MANY_COUNTERS, also for a key that is none, or a value that would not be exact. */
export function setCounters(
  before: ReadonlyMap<string, number>,
  wanted: ReadonlyMap<string, number>,
  { adds }: { readonly adds: boolean },
): ReadonlyMap<string, number> {
  const values = new Map([...wanted].map(([key, value]) => [key, adds ? (before.get(key) ?? 0) + value : value]))
  const total = new Set([...before.keys(), ...values.keys()]).size
  const isExact = [...values.values()].every(Number.isSafeInteger)
  const areKeys = [...wanted.keys()].every((key) => key !== '' && key.length <= LIMITS.customKeyChars)
  if (total > LIMITS.groupCounters || !isExact || !areKeys) throw new Refused('TOO_MANY_COUNTERS')
  return values
}
