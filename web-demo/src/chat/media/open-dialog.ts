import { h, render, type Component } from 'vue'

/**
 * Shows the dialog until it says `closed`. Outside of the thread: the row from which it was opened may leave the page while
 * it is open.
 */
export function openDialog(dialog: Component, props: object): void {
  const place = document.body.appendChild(document.createElement('div'))
  const close = (): void => {
    render(null, place)
    place.remove()
  }
  render(h(dialog, { ...props, onClosed: close }), place)
}
