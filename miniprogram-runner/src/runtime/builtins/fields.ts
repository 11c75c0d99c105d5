import type { GeneralComponent } from 'glass-easel'
import type { Host } from '../host.ts'

/** A control whose value a `<form>` collects. */
export interface Field {
  name(): string
  value(): unknown
  reset(): void
}

const FIELDS = new WeakMap<Element, Field>()

export function registerField(dom: Element, field: Field): void {
  FIELDS.set(dom, field)
}

/** Names and values of the controls below `form`, custom components with wx://form-field included. */
export function collectValues(host: Host, form: Element): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const dom of form.querySelectorAll('*')) {
    const field = FIELDS.get(dom)
    const own = field && { name: field.name(), value: field.value() }
    const found = own ?? customField(host, dom)
    if (found !== undefined && found.name !== '') values[found.name] = found.value
  }
  return values
}

export function resetFields(form: Element): void {
  for (const dom of form.querySelectorAll('*')) FIELDS.get(dom)?.reset()
}

function customField(host: Host, dom: Element): { readonly name: string; readonly value: unknown } | undefined {
  const element: unknown = Reflect.get(dom, '__wxElement')
  return isComponent(element) ? host.formFieldOf(element) : undefined
}

function isComponent(value: unknown): value is GeneralComponent {
  return typeof value === 'object' && value !== null && 'hasBehavior' in value
}
