/**
 * Makes an element. A string child becomes a text node, so nothing that a user wrote is ever read as markup.
 * An attribute `onclick` takes a function; `true` sets an empty attribute, `false` and `undefined` none.
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value)
  element.append(...children.flat().filter((child) => child !== undefined && child !== false))
  return element
}

function setAttribute(element, name, value) {
  if (typeof value === 'function') element.addEventListener(name.slice(2), value)
  else if (value === true) element.setAttribute(name, '')
  else if (value !== false && value !== undefined) element.setAttribute(name, String(value))
}

const shown = new WeakMap()

/**
 * Shows one node per item in `parent`, in order. A node stays as it is while the item's `version` stays the same, so
 * that focus, selection and a screen reader's place survive.
 */
export function showList(parent, items, { key, version, render }) {
  const before = shown.get(parent) ?? new Map()
  const focused = parent.contains(document.activeElement) ? document.activeElement : undefined
  const after = new Map()
  for (const item of items) {
    const old = before.get(key(item))
    const current = version(item)
    after.set(key(item), old?.version === current ? old : { version: current, node: render(item), replaces: old?.node })
  }
  for (const [id, { node }] of before) if (!after.has(id)) node.remove()
  let place = parent.firstChild
  for (const entry of after.values()) {
    if (entry.replaces) {
      if (entry.replaces === place) place = entry.replaces.nextSibling
      entry.replaces.remove()
      delete entry.replaces
    }
    if (entry.node === place) place = place.nextSibling
    else parent.insertBefore(entry.node, place)
  }
  shown.set(parent, after)
  restoreFocus(parent, focused)
}

/** A replaced node's control is found again by its `data-focus`. */
function restoreFocus(parent, focused) {
  if (!focused || document.activeElement === focused) return
  const name = focused.dataset.focus
  const target = focused.isConnected ? focused : name && parent.querySelector(`[data-focus="${CSS.escape(name)}"]`)
  target?.focus?.({ preventScroll: true })
}
