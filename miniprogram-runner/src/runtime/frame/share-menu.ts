import { make, makeIcon } from './dom.ts'

const FORWARD = 'M13 5l7 6.5-7 6.5v-4c-5 0-7.5 1.5-9.5 4.5.5-5 3.5-8.800 9.5-9.5z'

export interface ShareMenuActions {
  readonly share: () => void
  readonly canShare: () => boolean
}

/** The sheet behind the capsule's dots; it can forward the page when the page allows it. */
export class ShareMenu {
  private readonly overlay: HTMLElement
  private readonly actions: ShareMenuActions
  private isForced = false

  constructor(overlay: HTMLElement, actions: ShareMenuActions) {
    this.overlay = overlay
    this.actions = actions
  }

  setForced(isForced: boolean): void {
    this.isForced = isForced
  }

  open(): void {
    const sheet = make('div', 'mp-menu-sheet')
    const mask = make('div', 'mp-menu-mask')
    const layer = make('div', 'mp-menu-layer', mask, sheet)
    const close = (): void => layer.remove()
    const forward = make('button', 'mp-menu-item', makeIcon('mp-menu-icon', FORWARD), make('span', '', '转发给朋友'))
    forward.toggleAttribute('disabled', !this.actions.canShare() && !this.isForced)
    forward.addEventListener('click', () => {
      close()
      this.actions.share()
    })
    const cancel = make('button', 'mp-menu-cancel', '取消')
    for (const each of [mask, cancel]) each.addEventListener('click', close)
    sheet.append(make('div', 'mp-menu-items', forward), cancel)
    this.overlay.append(layer)
  }
}
