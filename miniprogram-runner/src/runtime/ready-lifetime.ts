import { ShadowRoot, type ComponentSpace, type Element, type GeneralBehavior, type GeneralComponent } from 'glass-easel'

/**
 * The `ready` lifetime, which the framework leaves to its host: after the tree that a component came with is laid out,
 * inner components before those around them.
 */
export function createReadyBehavior(space: ComponentSpace): GeneralBehavior {
  let waiting: GeneralComponent[] = []
  const flush = (): void => {
    const ready = innerFirst(waiting)
    waiting = []
    for (const component of ready) component.triggerLifetime('ready', [])
  }
  const definition = {
    lifetimes: {
      attached(this: object): void {
        if (waiting.length === 0) queueMicrotask(flush)
        waiting.push(componentOf(this))
      },
    },
  }
  return space.defineBehavior(definition)
}

/** Inner components before those around them, siblings in their order; the given order is that of the attaching. */
function innerFirst(attached: readonly GeneralComponent[]): readonly GeneralComponent[] {
  const order: GeneralComponent[] = []
  const open: GeneralComponent[] = []
  for (const component of attached) {
    for (let last = open.at(-1); last !== undefined && !isAround(last, component); last = open.at(-1)) {
      order.push(last)
      open.pop()
    }
    open.push(component)
  }
  return [...order, ...open.toReversed()]
}

function isAround(outer: GeneralComponent, inner: GeneralComponent): boolean {
  for (let node = parentOf(inner); node !== undefined; node = parentOf(node)) if (node === outer) return true
  return false
}

function parentOf(node: Element): Element | undefined {
  if (ShadowRoot.isShadowRoot(node)) return node.getHostNode()
  return node.parentNode ?? undefined
}

/** Lifetimes run on the adapter's caller object; the framework's component is under it. */
function componentOf(caller: object): GeneralComponent {
  return Reflect.get(caller, '_$') as GeneralComponent
}
