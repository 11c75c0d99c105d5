import type { Builtin, BuiltinFace, BuiltinLife, Property } from './define-builtin.ts'
import { textOf } from './define-builtin.ts'
import { registerField } from './fields.ts'
import { Keyboard } from './keyboard.ts'

const SHARED: Readonly<Record<string, Property>> = {
  value: [null, ''],
  name: [String, ''],
  placeholder: [String, ''],
  placeholderStyle: [String, ''],
  disabled: [Boolean, false],
  maxlength: [Number, 140],
  cursorSpacing: [null, 0],
  focus: [Boolean, false],
  autoFocus: [Boolean, false],
  cursor: [Number, -1],
  selectionStart: [Number, -1],
  selectionEnd: [Number, -1],
  adjustPosition: [Boolean, true],
  holdKeyboard: [Boolean, false],
  confirmHold: [Boolean, false],
  alwaysEmbed: [Boolean, false],
  cursorColor: [String, ''],
}

export const INPUT: Builtin = {
  tag: 'input',
  isLeaf: true,
  externalClasses: ['placeholder-class'],
  properties: { ...SHARED, type: [String, 'text'], password: [Boolean, false], confirmType: [String, 'done'] },
  create: (face) => createField(face, document.createElement('input')),
}

export const TEXTAREA: Builtin = {
  tag: 'textarea',
  isLeaf: true,
  externalClasses: ['placeholder-class'],
  properties: {
    ...SHARED,
    autoHeight: [Boolean, false],
    fixed: [Boolean, false],
    showConfirmBar: [Boolean, true],
    disableDefaultPadding: [Boolean, false],
    confirmType: [String, 'return'],
    autoHeightMax: [null, undefined],
  },
  create: (face) => createField(face, document.createElement('textarea')),
}

type Control = HTMLInputElement | HTMLTextAreaElement

function createField(face: BuiltinFace, control: Control): BuiltinLife {
  const { dom, text, flag, number, trigger, set } = face
  const placeholder = face.addNode('div', 'wx-placeholder', 'placeholder-class')
  const keyboard = Keyboard.of(face.host)
  const height = control instanceof HTMLTextAreaElement ? followHeight(face, control) : undefined
  dom.append(control)
  let lastKey = 0
  let isComposing = false
  registerField(dom, { name: () => text('name'), value: () => control.value, reset: () => write('', 'ours') })

  /** 'given': the app said so, which tells nobody. */
  function write(value: string, by: 'given' | 'ours'): void {
    if (control.value !== value) control.value = value
    placeholder.hidden = control.value !== ''
    if (by === 'ours') set({ value: control.value })
    height?.update()
  }

  function typed(): void {
    placeholder.hidden = control.value !== ''
    if (isComposing) return
    const limit = number('maxlength')
    if (limit >= 0 && control.value.length > limit) control.value = control.value.slice(0, limit)
    const { value, selectionStart: cursor } = control
    set({ value })
    const handleListenerReturn = (given: unknown): void => replaceBy(control, given, (next) => write(next, 'ours'))
    trigger('input', { value, cursor: cursor ?? value.length, keyCode: lastKey }, { handleListenerReturn })
    height?.update()
  }

  const keys: HTMLElement = control
  keys.addEventListener('keydown', (event) => {
    lastKey = Number(Reflect.get(event, 'keyCode'))
    const isConfirm = event.key === 'Enter' && !isComposing && confirms(control, text('confirmType'))
    if (!isConfirm) return
    event.preventDefault()
    trigger('confirm', { value: control.value })
    if (!flag('confirmHold')) control.blur()
  })
  control.addEventListener('compositionstart', () => (isComposing = true))
  control.addEventListener('compositionend', () => {
    isComposing = false
    typed()
  })
  // The DOM's own event must not reach the app beside ours.
  control.addEventListener('input', (event) => {
    event.stopPropagation()
    typed()
  })
  control.addEventListener('focus', () => {
    keyboard.open((told) => trigger('keyboardheightchange', told))
    trigger('focus', { value: control.value, height: keyboard.height })
  })
  control.addEventListener('blur', () => {
    set({ focus: false })
    trigger('blur', { value: control.value, cursor: control.selectionStart ?? 0 })
    keyboard.close((told) => trigger('keyboardheightchange', told))
  })
  dom.addEventListener('mousedown', (event) => {
    if (event.target === control || control.disabled) return
    event.preventDefault()
    control.focus()
  })

  const apply = (): void => {
    placeholder.textContent = text('placeholder')
    placeholder.style.cssText = text('placeholderStyle')
    placeholder.hidden = control.value !== ''
    control.disabled = flag('disabled')
    control.style.caretColor = text('cursorColor')
    control.setAttribute('aria-label', text('ariaLabel') || text('placeholder'))
    if (control instanceof HTMLInputElement) setKind(control, text('type'), flag('password'))
  }
  const setFocus = (): void => {
    if (flag('focus') && document.activeElement !== control) control.focus()
    if (!flag('focus') && document.activeElement === control) control.blur()
  }
  return {
    attached: () => {
      apply()
      height?.update()
      if (flag('focus') || flag('autoFocus')) setTimeout(() => control.focus(), 0)
    },
    detached: () => {
      if (document.activeElement === control) control.blur()
    },
    changed: (name) => {
      if (name === 'value') write(textOf(face.value('value')), 'given')
      else if (name === 'focus') setTimeout(setFocus, 0)
      else if (/^(cursor|selection(Start|End))$/.test(name)) select(control, name, number)
      else apply()
    },
  }
}

/** What bindinput returns replaces the text: a string, or `{ value, cursor }`. */
function replaceBy(control: Control, given: unknown, write: (value: string) => void): void {
  if (typeof given === 'string') write(given)
  if (typeof given !== 'object' || given === null || !('value' in given)) return
  write(textOf(given.value))
  if ('cursor' in given) control.setSelectionRange(Number(given.cursor), Number(given.cursor))
}

function confirms(control: Control, confirmType: string): boolean {
  return control instanceof HTMLInputElement || confirmType !== 'return'
}

function setKind(control: HTMLInputElement, type: string, isPassword: boolean): void {
  control.type = isPassword || type === 'safe-password' ? 'password' : 'text'
  control.inputMode = type === 'number' || type === 'idcard' ? 'numeric' : type === 'digit' ? 'decimal' : 'text'
}

function select(control: Control, name: string, number: (name: string) => number): void {
  if (document.activeElement !== control) return
  if (name === 'cursor' && number('cursor') >= 0) control.setSelectionRange(number('cursor'), number('cursor'))
  const [start, end] = [number('selectionStart'), number('selectionEnd')]
  if (name !== 'cursor' && start >= 0 && end >= 0) control.setSelectionRange(start, end)
}

/** auto-height and linechange. */
function followHeight({ dom, flag, trigger }: BuiltinFace, control: HTMLTextAreaElement): { update(): void } {
  let lines = 0
  const update = (): void => {
    if (!control.isConnected) return
    dom.classList.toggle('wx-auto-height', flag('autoHeight'))
    control.style.height = '0'
    const height = control.scrollHeight
    control.style.height = ''
    if (flag('autoHeight')) dom.style.setProperty('height', `${height}px`, 'important')
    const count = Math.max(1, Math.round(height / lineHeightOf(control)))
    if (count === lines) return
    lines = count
    trigger('linechange', { height, lineCount: count, heightRpx: (height * 750) / innerWidth })
  }
  return { update }
}

/** Where the styles leave it to the font, what one sign of the text takes: fonts differ from machine to machine. */
function lineHeightOf(control: HTMLTextAreaElement): number {
  const given = Number.parseFloat(getComputedStyle(control).lineHeight)
  if (given > 0) return given
  const probe = document.createElement('textarea')
  probe.className = control.className
  probe.value = control.value.trim().slice(0, 1) || '国'
  probe.style.cssText = `${control.style.cssText};position:absolute;visibility:hidden;height:0`
  control.after(probe)
  const height = probe.scrollHeight
  probe.remove()
  return height || 20
}
