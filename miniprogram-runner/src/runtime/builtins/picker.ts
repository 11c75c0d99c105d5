import { element, openLayer } from '../wx/overlay.ts'
import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'
import { registerField } from './fields.ts'
import { clampDate, dateWheels, timeWheels, wheelOf, type DateFields, type Wheel } from './picker-rules.ts'

export const PICKER: Builtin = {
  tag: 'picker',
  properties: {
    mode: [String, 'selector'],
    range: [null, []],
    rangeKey: [String, ''],
    value: [null, 0],
    start: [String, ''],
    end: [String, ''],
    fields: [String, 'day'],
    disabled: [Boolean, false],
    headerText: [String, ''],
    customItem: [String, ''],
    level: [String, 'region'],
    name: [String, ''],
  },
  create: createPicker,
}

function createPicker(face: BuiltinFace): BuiltinLife {
  const { flag, text, trigger, host } = face
  registerField(face.dom, {
    name: () => text('name'),
    value: () => face.value('value'),
    reset: () => face.set({ value: text('mode').endsWith('elector') ? 0 : '' }),
  })
  face.on('tap', () => {
    if (flag('disabled')) return
    const model = modelOf(face)
    if (model === undefined) return host.report.warn(`<picker mode="${text('mode')}"> is not in the runner`)
    openSheet(face, model)
  })
  return { detached: () => trigger('cancel', {}) }
}

/** The wheels of a mode: what they show for given positions, and the value that positions mean. */
interface PickerModel {
  readonly positions: readonly number[]
  wheels(positions: readonly number[]): readonly Wheel[]
  valueOf(positions: readonly number[]): unknown
}

function modelOf(face: BuiltinFace): PickerModel | undefined {
  switch (face.text('mode')) {
    case 'selector': {
      const wheel = wheelOf(face.value('range'), face.text('rangeKey'))
      return {
        positions: [Number(face.value('value')) || 0],
        wheels: () => [wheel],
        valueOf: ([at]) => String(at ?? 0),
      }
    }
    case 'multiSelector': {
      const wheels = (): readonly Wheel[] => {
        const range: unknown = face.value('range')
        return Array.isArray(range) ? range.map((each: unknown) => wheelOf(each, face.text('rangeKey'))) : []
      }
      const value: unknown = face.value('value')
      const positions = wheels().map((_wheel, index) => Number(Array.isArray(value) ? value[index] : 0) || 0)
      return { positions, wheels, valueOf: (at) => [...at] }
    }
    case 'time':
      return textModel(timeWheels(face.text('start'), face.text('end')), face.text('value').split(':'), ':')
    case 'date':
      return dateModel(face)
    default:
      return undefined
  }
}

function textModel(wheels: readonly Wheel[], parts: readonly string[], joint: string): PickerModel {
  return {
    positions: wheels.map((wheel, index) => Math.max(0, wheel.indexOf(parts[index] ?? ''))),
    wheels: () => wheels,
    valueOf: (positions) => positions.map((at, index) => wheels[index]?.[at] ?? '').join(joint),
  }
}

function dateModel(face: BuiltinFace): PickerModel {
  const given = face.text('fields')
  const fields: DateFields = given === 'year' || given === 'month' ? given : 'day'
  const [start, end] = [face.text('start'), face.text('end')]
  const asked = /^\d{4}(-\d{2}){0,2}$/.test(face.text('value')) ? face.text('value') : isoToday()
  const parts = clampDate(asked, start, end).split('-').map(Number)
  const wheelsFor = (value: readonly number[]): readonly Wheel[] => dateWheels(value, start, end, fields)
  const texts = (positions: readonly number[]): readonly string[] => {
    const years = wheelsFor(parts)[0] ?? []
    const year = years[positions[0] ?? 0] ?? ''
    const month = (positions[1] ?? 0) + 1
    const wheels = wheelsFor([Number(year), month])
    // A month with fewer days keeps its last one.
    return wheels.map((wheel, index) => wheel[Math.min(positions[index] ?? 0, wheel.length - 1)] ?? '')
  }
  return {
    positions: wheelsFor(parts).map((wheel, index) =>
      Math.max(
        0,
        wheel.findIndex((each) => Number(each) === parts[index]),
      ),
    ),
    wheels: (positions) => wheelsFor(texts(positions).map(Number)),
    valueOf: (positions) => clampDate(texts(positions).join('-'), start, end),
  }
}

function isoToday(): string {
  const now = new Date()
  const pad = (value: number): string => String(value).padStart(2, '0')
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`
}

/** The sheet from below: wheels as lists that snap; a tap on a row chooses it. */
function openSheet(face: BuiltinFace, model: PickerModel): void {
  const { host, text, trigger } = face
  const positions = [...model.positions]
  const cancel = (): void => {
    layer.remove()
    trigger('cancel', {})
  }
  const confirm = (): void => {
    layer.remove()
    const value = model.valueOf(positions)
    face.set({ value })
    trigger('change', { value })
  }
  const layer = openLayer(host.frame.overlay, 'mp-bottom', cancel)
  const sheet = element('mp-picker')
  const head = element('mp-picker-head')
  const buttons = [
    { className: 'mp-picker-cancel', label: '取消', act: cancel },
    { className: 'mp-picker-confirm', label: '确定', act: confirm },
  ].map(({ className, label, act }) => {
    const button = element(className, label)
    button.addEventListener('click', act)
    return button
  })
  head.append(...buttons.slice(0, 1), element('mp-picker-title', text('headerText')), ...buttons.slice(1))
  const wheels = element('mp-picker-wheels')
  const draw = (): void => {
    wheels.replaceChildren(
      ...model.wheels(positions).map((wheel, column) => {
        const list = element('mp-picker-wheel')
        list.append(
          ...wheel.map((label, row) => {
            const item = element(`mp-picker-item${row === positions[column] ? ' mp-picker-chosen' : ''}`, label)
            item.addEventListener('click', () => {
              positions[column] = row
              if (text('mode') === 'multiSelector') trigger('columnchange', { column, value: row })
              draw()
            })
            return item
          }),
        )
        return list
      }),
    )
    for (const chosen of wheels.querySelectorAll('.mp-picker-chosen')) chosen.scrollIntoView({ block: 'center' })
  }
  sheet.append(head, wheels)
  layer.append(sheet)
  draw()
}
