import type { Builtin, BuiltinFace } from './define-builtin.ts'
import { collectValues, resetFields } from './fields.ts'

const FORMS = new WeakMap<Element, (act: 'submit' | 'reset', target: unknown) => void>()

/** `<button form-type>`: the nearest form around it submits or resets. */
export function actForm(button: Element, act: 'submit' | 'reset', target: unknown): void {
  const form = button.closest('wx-form')
  if (form !== null) FORMS.get(form)?.(act, target)
}

export const FORM: Builtin = {
  tag: 'form',
  properties: { reportSubmit: [Boolean, false], reportSubmitTimeout: [Number, 0] },
  create: (face) => {
    FORMS.set(face.dom, (act, target) => (act === 'submit' ? submit(face, target) : reset(face, target)))
  },
}

function submit({ host, dom, trigger, flag }: BuiltinFace, target: unknown): void {
  const formId = flag('reportSubmit') ? { formId: 'the formId is a mock one' } : {}
  trigger('submit', { value: collectValues(host, dom), target, ...formId })
}

function reset({ dom, trigger }: BuiltinFace, target: unknown): void {
  resetFields(dom)
  trigger('reset', { target })
}
