import type { Builtin, BuiltinFace, BuiltinLife, Property } from './define-builtin.ts'
import { registerField } from './fields.ts'

const CHOICE: Readonly<Record<string, Property>> = {
  value: [null, ''],
  checked: [Boolean, false],
  disabled: [Boolean, false],
  color: [String, ''],
  name: [String, ''],
}

/** Checkbox, radio, switch, their groups, slider and label. */
export const CHOICES: readonly Builtin[] = [
  { tag: 'checkbox', properties: CHOICE, create: (face) => createChoice(face, 'wx-checkbox-group') },
  { tag: 'radio', properties: CHOICE, create: (face) => createChoice(face, 'wx-radio-group') },
  { tag: 'checkbox-group', properties: { name: [String, ''] }, create: (face) => createGroup(face, 'many') },
  { tag: 'radio-group', properties: { name: [String, ''] }, create: (face) => createGroup(face, 'one') },
  { tag: 'switch', isLeaf: true, properties: { ...CHOICE, type: [String, 'switch'] }, create: createSwitch },
  {
    tag: 'slider',
    isLeaf: true,
    properties: {
      min: [Number, 0],
      max: [Number, 100],
      step: [Number, 1],
      value: [Number, 0],
      disabled: [Boolean, false],
      color: [String, ''],
      activeColor: [String, '#1aad19'],
      backgroundColor: [String, '#e9e9e9'],
      blockSize: [Number, 28],
      blockColor: [String, '#ffffff'],
      showValue: [Boolean, false],
      name: [String, ''],
    },
    create: createSlider,
  },
  { tag: 'label', properties: { for: [String, ''] }, create: createLabel },
]

interface Choice {
  readonly face: BuiltinFace
  toggle(): void
}

const CHOOSERS = new WeakMap<Element, Choice>()
const GROUPS = new WeakMap<Element, (chosen: Choice) => void>()

/** `<checkbox>` and `<radio>`: a box in front of the content; the group tells the change. */
function createChoice(face: BuiltinFace, groupTag: string): BuiltinLife {
  const { dom, flag, text } = face
  const isRadio = groupTag === 'wx-radio-group'
  const box = face.addNode('div', 'wx-choice-box')
  const show = (): void => {
    dom.classList.toggle('wx-checked', flag('checked'))
    dom.classList.toggle('wx-disabled', flag('disabled'))
    dom.setAttribute('aria-checked', String(flag('checked')))
    box.style.setProperty('--wx-choice-color', text('color') || '#09bb07')
  }
  const choice: Choice = {
    face,
    toggle: () => {
      if (flag('disabled') || (isRadio && flag('checked'))) return
      face.set({ checked: !flag('checked') })
      show()
      const group = dom.closest(groupTag)
      if (group !== null) GROUPS.get(group)?.(choice)
    },
  }
  dom.setAttribute('role', isRadio ? 'radio' : 'checkbox')
  CHOOSERS.set(dom, choice)
  face.on('tap', () => {
    // Inside a label it is the label that passes the tap on.
    if (dom.closest('wx-label') === null) choice.toggle()
  })
  return { attached: show, changed: show }
}

function createGroup(face: BuiltinFace, kind: 'one' | 'many'): BuiltinLife {
  const { dom, trigger, text } = face
  const choices = (): readonly Choice[] =>
    [...dom.querySelectorAll(kind === 'one' ? 'wx-radio' : 'wx-checkbox')].flatMap((each) => CHOOSERS.get(each) ?? [])
  const checked = (): readonly unknown[] =>
    choices()
      .filter(({ face: each }) => each.flag('checked'))
      .map(({ face: each }) => each.value('value'))
  const value = (): unknown => (kind === 'one' ? (checked()[0] ?? '') : checked())
  const uncheck = (each: Choice): void => {
    each.face.component.setData({ checked: false })
  }
  GROUPS.set(dom, (chosen) => {
    if (kind === 'one') for (const each of choices()) if (each !== chosen && each.face.flag('checked')) uncheck(each)
    trigger('change', { value: value() })
  })
  registerField(dom, { name: () => text('name'), value, reset: () => choices().forEach(uncheck) })
  return {}
}

function createSwitch(face: BuiltinFace): BuiltinLife {
  const { dom, flag, text, trigger } = face
  const box = face.addNode('div', 'wx-switch-box')
  const show = (): void => {
    dom.setAttribute('type', text('type'))
    dom.classList.toggle('wx-checked', flag('checked'))
    dom.classList.toggle('wx-disabled', flag('disabled'))
    dom.setAttribute('aria-checked', String(flag('checked')))
    box.style.setProperty('--wx-choice-color', text('color') || '#04be02')
  }
  const put = (checked: boolean): void => {
    face.set({ checked })
    show()
  }
  const choice: Choice = {
    face,
    toggle: () => {
      if (flag('disabled')) return
      put(!flag('checked'))
      trigger('change', { value: flag('checked') })
    },
  }
  dom.setAttribute('role', 'switch')
  CHOOSERS.set(dom, choice)
  registerField(dom, { name: () => text('name'), value: () => flag('checked'), reset: () => put(false) })
  face.on('tap', () => {
    if (dom.closest('wx-label') === null) choice.toggle()
  })
  return { attached: show, changed: show }
}

function createSlider(face: BuiltinFace): BuiltinLife {
  const { dom, flag, number, text, trigger } = face
  const control = document.createElement('input')
  control.type = 'range'
  const shown = document.createElement('div')
  shown.className = 'wx-slider-value'
  dom.append(control, shown)
  const show = (): void => {
    control.min = text('min')
    control.max = text('max')
    control.step = text('step')
    control.value = text('value')
    control.disabled = flag('disabled')
    paint()
  }
  const paint = (): void => {
    const span = number('max') - number('min')
    const percent = span === 0 ? 0 : ((Number(control.value) - number('min')) / span) * 100
    const colors = [text('color') || text('activeColor'), text('backgroundColor')]
    control.style.background = `linear-gradient(90deg, ${colors[0]} ${percent}%, ${colors[1]} ${percent}%)`
    control.style.setProperty('--wx-block-size', `${number('blockSize')}px`)
    control.style.setProperty('--wx-block-color', text('blockColor'))
    shown.textContent = flag('showValue') ? control.value : ''
  }
  control.addEventListener('input', (event) => {
    event.stopPropagation()
    paint()
    trigger('changing', { value: Number(control.value) })
  })
  control.addEventListener('change', (event) => {
    event.stopPropagation()
    face.set({ value: Number(control.value) })
    trigger('change', { value: Number(control.value) })
  })
  registerField(dom, {
    name: () => text('name'),
    value: () => Number(control.value),
    reset: () => {
      face.set({ value: number('min') })
      show()
    },
  })
  return { attached: show, changed: show }
}

const LABELLED = 'wx-checkbox, wx-radio, wx-switch, wx-input, wx-textarea, wx-button'

/** A tap on the label is a tap on the control it names with `for`, or on the first inside. */
function createLabel(face: BuiltinFace): BuiltinLife {
  const { dom, text, component } = face
  face.on('tap', (event) => {
    const original = event.getOriginalEvent()
    const target = original instanceof Event && original.target instanceof Element ? original.target : undefined
    const own = target?.closest('wx-button, wx-input, wx-textarea') ?? null
    if (own !== null) return
    const control = text('for') === '' ? dom.querySelector(LABELLED) : named(component.ownerShadowRoot, text('for'))
    if (control === null) return
    CHOOSERS.get(control)?.toggle()
    control.querySelector<HTMLElement>('input, textarea')?.focus()
  })
  return {}
}

function named(root: BuiltinFace['component']['ownerShadowRoot'], id: string): Element | null {
  const backend: unknown = root?.getElementById(id)?.getBackendElement()
  return backend instanceof Element ? backend : null
}
