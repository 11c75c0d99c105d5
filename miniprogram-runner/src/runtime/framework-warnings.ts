import { addGlobalWarningListener } from 'glass-easel'
import type { Reporter } from './host.ts'

/** The framework's warnings into the report, but for those about what WeChat allows. */
export function listenForWarnings(report: Reporter): void {
  addGlobalWarningListener((message, component, element) => {
    const where = typeof component === 'string' ? component : component.is
    if (!isWatchedAttribute(message, element)) report.warn(where === '' ? message : `${where}: ${message}`)
    // Reported: the framework need not print it as well.
    return false
  })
}

/** `prop="{{a}}" change:prop="{{wxs.f}}"` stands on any element, which need not have such a property. */
function isWatchedAttribute(message: string, element: object | undefined): boolean {
  const name = /^"([^"]+)" is not a valid property$/.exec(message)?.[1]
  if (name === undefined || element === undefined) return false
  // Where the framework keeps an element's `change:` listeners.
  const { changeProp = {} } = (Reflect.get(element, '_$wxTmplArgs') ?? {}) as { changeProp?: object }
  return Object.keys(changeProp).some((key) => toCamelCase(key) === name)
}

function toCamelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase())
}
