/** `<div class="…">text</div>`, the one way these layers make elements. */
export function element(className: string, text?: string): HTMLDivElement {
  const made = document.createElement('div')
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** A dark layer over the phone that keeps touches; `onBackdrop` when it is tapped beside its content. */
export function openLayer(parent: HTMLElement, className: string, onBackdrop?: () => void): HTMLDivElement {
  const layer = element(`mp-layer ${className}`)
  layer.addEventListener('click', (event) => {
    if (event.target === layer) onBackdrop?.()
  })
  // The page below must not hear of touches that the layer got.
  for (const name of ['touchstart', 'touchmove', 'touchend', 'mousedown', 'mouseup']) {
    layer.addEventListener(name, (event) => event.stopPropagation())
  }
  parent.append(layer)
  return layer
}
