import { LIMITS, Refused, utf8Length } from '@hongyan/protocol'

/** Refuses TOO_MANY_EXTENSIONS when a key or a value is too long. */
export function assertFits(extensions: Iterable<readonly [key: string, value: string]>): void {
  for (const [key, value] of extensions) {
    const fits = utf8Length(key) <= LIMITS.extensionKeyBytes && utf8Length(value) <= LIMITS.extensionValueBytes
    if (!fits) throw new Refused('TOO_MANY_EXTENSIONS')
  }
}

/** Those that are new or have another value than before. Refuses TOO_MANY_EXTENSIONS when there would be too many in all. */
export function changedExtensions(
  before: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const total = new Set([...before.keys(), ...wanted.keys()]).size
  if (total > LIMITS.extensionsPerMessage) throw new Refused('TOO_MANY_EXTENSIONS')
  return new Map([...wanted].filter(([key, value]) => before.get(key) !== value))
}
