import type { Patch } from './blocks'

/** The patch that makes the list `name` what `after` says: the places that differ, or all of it when most do. */
export function listPatch(name: string, before: readonly object[], after: readonly object[]): Patch {
  if (after.length < before.length) return { [name]: after }
  const places = after.flatMap((row, index) => {
    const old = before[index]
    return old !== undefined && JSON.stringify(old) === JSON.stringify(row) ? [] : [index]
  })
  if (places.length > 1 && places.length * 2 > after.length) return { [name]: after }
  const patch: { [path: string]: unknown } = {}
  for (const index of places) patch[`${name}[${index}]`] = after[index]
  return patch
}
