import type { Host } from '../host.ts'

interface Told {
  readonly height: number
  readonly duration: number
}

const DURATION_S = 0.25

/**
 * The soft keyboard. Chromium has none, so it is 0 high unless the mock `keyboardHeight` says otherwise; then a grey
 * panel of that height lies over the phone while a field has the focus, and the program hears of its height.
 */
export class Keyboard {
  private static readonly byHost = new WeakMap<Host, Keyboard>()
  private readonly host: Host
  private panel: HTMLElement | undefined
  private closing: ReturnType<typeof setTimeout> | undefined

  private constructor(host: Host) {
    this.host = host
  }

  static of(host: Host): Keyboard {
    const known = Keyboard.byHost.get(host)
    if (known !== undefined) return known
    const keyboard = new Keyboard(host)
    Keyboard.byHost.set(host, keyboard)
    return keyboard
  }

  get height(): number {
    const mocked = this.host.mocks.get('keyboardHeight')
    return typeof mocked === 'number' ? mocked : 0
  }

  open(tell: (told: Told) => void): void {
    clearTimeout(this.closing)
    if (this.height > 0 && this.panel === undefined) {
      this.panel = document.createElement('div')
      this.panel.className = 'mp-keyboard'
      this.panel.style.height = `${this.height}px`
      this.host.frame.element.append(this.panel)
      this.announce(this.height)
    }
    tell({ height: this.height, duration: DURATION_S })
  }

  /** In a moment: when the focus only moves to another field the keyboard stays. */
  close(tell: (told: Told) => void): void {
    clearTimeout(this.closing)
    this.closing = setTimeout(() => {
      if (this.panel !== undefined) {
        this.panel.remove()
        this.panel = undefined
        this.announce(0)
      }
      tell({ height: 0, duration: DURATION_S })
    }, 0)
  }

  private announce(height: number): void {
    this.host.frame.element.dispatchEvent(new CustomEvent('mp-keyboard', { detail: height }))
  }
}
