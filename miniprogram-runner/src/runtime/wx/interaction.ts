import type { Host } from '../host.ts'
import { WxFailure } from './calls.ts'
import { element, openLayer } from './overlay.ts'
import { isTrue, numberIn, textIn, textsIn, type Options } from './options.ts'
import type { WxParts } from './parts.ts'

const TOAST_MS = 1_500
const MAX_SHEET_ITEMS = 6

/** showToast, showLoading, showModal, showActionSheet, drawn in the phone as WeChat draws them. */
export function createInteraction(parts: WxParts): Readonly<Record<string, unknown>> {
  const { calls, host } = parts
  const toast = new Toast(parts)
  return {
    showToast: calls.async('showToast', (options) => toast.show(options, numberIn(options, 'duration') ?? TOAST_MS)),
    hideToast: calls.async('hideToast', () => toast.hide()),
    showLoading: calls.async('showLoading', (options) => toast.show({ ...options, icon: 'loading' }, undefined)),
    hideLoading: calls.async('hideLoading', () => toast.hide()),
    showModal: calls.async('showModal', (options) => showModal(host, options)),
    showActionSheet: calls.async('showActionSheet', (options) => showActionSheet(host, options)),
  }
}

/** Toast and loading share one place: the later replaces the earlier. */
class Toast {
  readonly #parts: WxParts
  #shown: HTMLElement | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: WxParts) {
    this.#parts = parts
  }

  show(options: Options, durationMs: number | undefined): void {
    this.hide()
    const parent = this.#parts.host.frame.overlay
    const title = textIn(options, 'title')
    if (title === undefined) throw new WxFailure('parameter error: parameter.title should be String')
    const icon = textIn(options, 'icon') ?? 'success'
    const image = textIn(options, 'image')
    const box = element(`mp-toast mp-toast-${image === undefined ? icon : 'image'}`)
    if (image !== undefined) box.append(pictureOf(this.#parts, image))
    else if (icon !== 'none') box.append(element(`mp-toast-icon mp-icon-${icon}`))
    box.append(element('mp-toast-text', title))
    if (isTrue(options, 'mask')) {
      this.#shown = openLayer(parent, 'mp-clear')
      this.#shown.append(box)
    } else {
      parent.append(box)
      this.#shown = box
    }
    if (durationMs !== undefined) this.#timer = setTimeout(() => this.hide(), durationMs)
  }

  hide(): void {
    clearTimeout(this.#timer)
    this.#shown?.remove()
    this.#shown = undefined
  }
}

function pictureOf({ files }: WxParts, source: string): HTMLImageElement {
  const picture = document.createElement('img')
  picture.className = 'mp-toast-icon'
  picture.src = files.urlOf(source) ?? source
  return picture
}

function showModal(host: Host, options: Options): Promise<object> {
  return new Promise((resolve) => {
    const layer = openLayer(host.frame.overlay, 'mp-center')
    const box = element('mp-modal')
    const title = textIn(options, 'title') ?? ''
    if (title !== '') box.append(element('mp-modal-title', title))
    const content = textIn(options, 'content') ?? ''
    const input = isTrue(options, 'editable') ? editableField(options, content) : undefined
    if (input !== undefined) box.append(input)
    else if (content !== '') box.append(element('mp-modal-content', content))
    const finish = (confirm: 'confirm' | 'cancel'): void => {
      layer.remove()
      const answer = { confirm: confirm === 'confirm', cancel: confirm === 'cancel' }
      resolve({ ...answer, content: confirm === 'confirm' ? (input?.value ?? null) : null })
    }
    const buttons = element('mp-modal-buttons')
    if (options['showCancel'] !== false)
      buttons.append(button('mp-modal-cancel', textIn(options, 'cancelText') ?? '取消', () => finish('cancel')))
    const confirm = button('mp-modal-confirm', textIn(options, 'confirmText') ?? '确定', () => finish('confirm'))
    confirm.style.color = textIn(options, 'confirmColor') ?? ''
    buttons.append(confirm)
    box.append(buttons)
    layer.append(box)
    input?.focus()
  })
}

function editableField(options: Options, content: string): HTMLInputElement {
  const input = document.createElement('input')
  input.className = 'mp-modal-input'
  input.placeholder = textIn(options, 'placeholderText') ?? ''
  input.value = content
  return input
}

function showActionSheet(host: Host, options: Options): Promise<object> {
  const items = textsIn(options, 'itemList')
  if (items.length === 0) throw new WxFailure('parameter error: parameter.itemList should have at least 1 item')
  if (items.length > MAX_SHEET_ITEMS)
    throw new WxFailure(`parameter error: itemList should not be larger than ${MAX_SHEET_ITEMS}`)
  return new Promise((resolve, reject) => {
    const close = (): void => layer.remove()
    const cancel = (): void => {
      close()
      reject(new WxFailure('cancel'))
    }
    const layer = openLayer(host.frame.overlay, 'mp-bottom', cancel)
    const sheet = element('mp-sheet')
    const alert = textIn(options, 'alertText')
    if (alert !== undefined) sheet.append(element('mp-sheet-title', alert))
    items.forEach((item, tapIndex) => {
      const row = button('mp-sheet-item', item, () => {
        close()
        resolve({ tapIndex })
      })
      row.style.color = textIn(options, 'itemColor') ?? ''
      sheet.append(row)
    })
    sheet.append(button('mp-sheet-item mp-sheet-cancel', '取消', cancel))
    layer.append(sheet)
  })
}

function button(className: string, text: string, onTap: () => void): HTMLDivElement {
  const made = element(className, text)
  made.setAttribute('role', 'button')
  made.addEventListener('click', onTap)
  return made
}
