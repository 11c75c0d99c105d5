import {
  Element as WxElement,
  type ComponentSpace,
  type EventOptions,
  type GeneralComponent,
  type templateEngine,
} from 'glass-easel'
import type { Host } from '../host.ts'

type PropertyKind = StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | ObjectConstructor
type Listener = Parameters<GeneralComponent['addListener']>[1]

/** A property with its default; `null` takes any type. */
export type Property = readonly [kind: PropertyKind | null, value: unknown]

/** What a builtin component is made of. */
export interface Builtin {
  readonly tag: string
  readonly properties?: Readonly<Record<string, Property>>
  /** Classes of the app that inner nodes may bear (`placeholder-class`). */
  readonly externalClasses?: readonly string[]
  /** Classes of nested boxes between the component and its slot, outermost first. */
  readonly boxes?: readonly string[]
  /** A component without a slot shows none of its children. */
  readonly isLeaf?: boolean
  /** Called once for every instance; what it returns hears of changes. */
  readonly create?: (face: BuiltinFace) => BuiltinLife | void
}

export interface BuiltinLife {
  attached?(): void
  detached?(): void
  /** A property has another value; also before `attached`, for every value given by the template. */
  changed?(name: string): void
}

/** One instance of a builtin, as its code sees it. */
export interface BuiltinFace {
  readonly host: Host
  readonly component: GeneralComponent
  /** `<wx-tag>`. */
  readonly dom: HTMLElement
  /** The innermost box, or `dom` when there is none. */
  readonly inner: HTMLElement
  readonly text: (name: string) => string
  readonly number: (name: string) => number
  readonly flag: (name: string) => boolean
  readonly value: (name: string) => unknown
  /** Changes own properties; tells `model:` bindings, not `changed`. */
  readonly set: (values: Readonly<Record<string, unknown>>) => void
  /** An event of the component, not bubbling unless asked. */
  readonly trigger: (name: string, detail: object, options?: EventOptions) => void
  readonly on: (name: string, listener: Listener, options?: { readonly capture: boolean }) => void
  /** Adds an element of the app's class `externalClass`, in front of the slot. */
  readonly addNode: (tag: string, className: string, externalClass?: string) => HTMLElement
}

const COMMON: Readonly<Record<string, Property>> = {
  hidden: [Boolean, false],
  ariaLabel: [String, ''],
  ariaRole: [String, ''],
  ariaHidden: [null, undefined],
  ariaDisabled: [null, undefined],
  ariaChecked: [null, undefined],
  ariaLive: [String, ''],
}

/** Registers a builtin in the space; every page and component may use its tag from now on. */
export function defineBuiltin(space: ComponentSpace, host: Host, builtin: Builtin): void {
  const instances = new WeakMap<GeneralComponent, Instance>()
  const properties = Object.fromEntries(
    Object.entries({ ...COMMON, ...builtin.properties }).map(([name, [type, value]]) => [
      name,
      {
        ...(type === null ? { type: null } : { type }),
        value,
        observer(this: GeneralComponent) {
          instances.get(this)?.changed(name)
        },
      },
    ]),
  )
  const definition = space.defineComponent({
    is: `wx/${builtin.tag}`,
    options: { templateEngine: boxEngine(builtin) },
    externalClasses: [...(builtin.externalClasses ?? [])],
    properties,
    lifetimes: {
      created(this: GeneralComponent) {
        instances.set(this, new Instance(host, this, builtin))
      },
      attached(this: GeneralComponent) {
        instances.get(this)?.attached()
      },
      detached(this: GeneralComponent) {
        instances.get(this)?.detached()
      },
    },
  })
  space.setGlobalUsingComponent(builtin.tag, definition.general())
}

class Instance {
  readonly #life: BuiltinLife
  readonly #face: BuiltinFace
  #isSetting = false

  constructor(host: Host, component: GeneralComponent, builtin: Builtin) {
    const dom = domOf(component)
    this.#face = {
      host,
      component,
      dom,
      inner: innermostBox(dom, builtin.boxes?.length ?? 0),
      value: (name) => component.data[name] as unknown,
      text: (name) => textOf(component.data[name]),
      number: (name) => Number(component.data[name]),
      flag: (name) => Boolean(component.data[name]),
      set: (values) => {
        this.#isSetting = true
        component.setData({ ...values })
        this.#isSetting = false
      },
      trigger: (name, detail, options) => component.triggerEvent(name, detail, options),
      on: (name, listener, options) => component.addListener(name, listener, options),
      addNode: (tag, className, externalClass) => addNode(component, tag, className, externalClass),
    }
    this.#life = builtin.create?.(this.#face) ?? {}
  }

  attached(): void {
    this.#life.attached?.()
  }

  detached(): void {
    this.#life.detached?.()
  }

  changed(name: string): void {
    if (name in COMMON) applyCommon(this.#face, name)
    else if (!this.#isSetting) this.#life.changed?.(name)
  }
}

function applyCommon({ dom, component }: BuiltinFace, name: string): void {
  const value: unknown = component.data[name]
  if (name === 'hidden') {
    dom.toggleAttribute('hidden', Boolean(value))
    return
  }
  const attribute = name === 'ariaRole' ? 'role' : name.replace('aria', 'aria-').toLowerCase()
  if (value === undefined || value === '') dom.removeAttribute(attribute)
  else dom.setAttribute(attribute, textOf(value))
}

/** WeChat shows null and undefined as nothing. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Builds the boxes and the slot by hand: a builtin needs no template that changes with its data. */
function boxEngine(builtin: Builtin): templateEngine.TemplateEngine {
  const create = (
    component: GeneralComponent,
    makeRoot: (component: GeneralComponent) => ShadowRootOf,
  ): ShadowRootOf => {
    const root = makeRoot(component)
    let parent: WxElement = root
    for (const className of builtin.boxes ?? []) {
      const box = root.createNativeNode('native-div')
      domOf(box).className = className
      parent.appendChild(box)
      parent = box
    }
    if (builtin.isLeaf !== true) {
      const slot = root.createVirtualNode('slot')
      WxElement.setSlotName(slot, '')
      parent.appendChild(slot)
    }
    return root
  }
  const nothing = (): void => undefined
  return {
    create: () => ({
      createInstance: (component, makeRoot) => ({
        shadowRoot: create(component, makeRoot),
        initValues: nothing,
        updateValues: nothing,
      }),
    }),
  }
}

type ShadowRootOf = Extract<ReturnType<GeneralComponent['getShadowRoot']>, WxElement>

function innermostBox(dom: HTMLElement, depth: number): HTMLElement {
  let box = dom
  for (let level = 0; level < depth; level += 1) {
    const next = box.firstElementChild
    if (next instanceof HTMLElement) box = next
  }
  return box
}

function addNode(component: GeneralComponent, tag: string, className: string, externalClass?: string): HTMLElement {
  const root = component.getShadowRoot()
  if (!root) throw new Error(`${component.is} has no shadow tree`)
  const node = root.createNativeNode(`native-${tag}`)
  const dom = domOf(node)
  if (externalClass !== undefined) node.class = externalClass
  // Afterwards, for the framework writes the whole attribute.
  for (const each of className.split(' ')) dom.classList.add(each)
  const first = root.childNodes[0]
  if (first === undefined) root.appendChild(node)
  else root.insertBefore(node, first)
  return dom
}

/** The DOM element of the framework's element. */
export function domOf(element: WxElement): HTMLElement {
  const backend: unknown = element.getBackendElement()
  if (!(backend instanceof HTMLElement)) throw new Error('the element has no DOM element')
  return backend
}
