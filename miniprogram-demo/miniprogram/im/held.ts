/** What a page or component has to end when it goes: a component has no room for fields of its own in its types. */
const held = new WeakMap<object, (() => void)[]>()

export function hold(owner: object, ...ends: readonly (() => void)[]): void {
  held.set(owner, [...(held.get(owner) ?? []), ...ends])
}

export function release(owner: object): void {
  for (const end of held.get(owner) ?? []) end()
  held.delete(owner)
}
