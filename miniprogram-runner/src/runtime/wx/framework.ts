import type { GeneralComponent } from 'glass-easel'
import { isRecord } from './options.ts'

/** The framework's component behind what an app calls `this`, or the component itself. */
export function componentOf(given: unknown): GeneralComponent | undefined {
  if (!isRecord(given)) return undefined
  // The adapter keeps the component at `_$` of a page or component instance.
  return isComponent(given['_$']) ? given['_$'] : isComponent(given) ? given : undefined
}

function isComponent(value: unknown): value is GeneralComponent {
  return isRecord(value) && typeof value['getShadowRoot'] === 'function'
}
