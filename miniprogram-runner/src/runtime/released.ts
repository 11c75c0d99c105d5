import type { GeneralComponent } from 'glass-easel'

/** The components of pages that have left the stack for good. */
const released = new WeakSet<GeneralComponent>()

export function markReleased(page: GeneralComponent): void {
  released.add(page)
}

/** Whether the component is such a page, or was on one: nothing draws it any more. */
export function isReleased(component: GeneralComponent): boolean {
  let host = component
  for (let root = host.ownerShadowRoot; root !== null; root = host.ownerShadowRoot) host = root.getHostNode()
  return released.has(host)
}
