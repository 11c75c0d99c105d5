import { words } from '../../text/words'
import { EMOJI, withoutLast, withRecent } from '../../views/emoji'
import type { Touch, Typed } from '../../im/events'

type Panel = 'none' | 'emoji' | 'more'

const RECENT = 'recentEmoji'
/** So far above the window's lower edge, in pixels, a finger has left the button and cancels. */
const CANCEL_PX = 160

/** Where messages are made: text, emoji, recordings, pictures and files. The page sends them. */
Component({
  properties: {
    /** What the page puts into the field: a draft, a text to edit again, a mention. Each is a new object. */
    given: { type: Object, value: { text: '', isFocused: false } },
    /** Why nothing can be written; empty when it can. */
    closed: String,
    isGroup: Boolean,
    quote: { type: Object, value: { id: '', sender: '', text: '' } },
    keyboardPx: Number,
    /** Counted up when the user turns to the messages. */
    folds: Number,
  },

  data: {
    t: words().chat,
    text: '',
    panel: 'none',
    isVoice: false,
    /** 'none', or how the finger is on the button. */
    hold: 'none',
    isFocused: false,
    emoji: EMOJI,
    recent: [] as readonly string[],
  },

  observers: {
    folds() {
      if (this.data.panel !== 'none') this.open('none')
    },
    given({ text, isFocused }: { readonly text: string; readonly isFocused: boolean }) {
      this.setData({ text, ...(isFocused ? { isFocused, isVoice: false, panel: 'none' } : {}) })
    },
  },

  lifetimes: {
    attached() {
      const stored = wx.getStorageSync<unknown>(RECENT)
      this.setData({ t: words().chat, recent: Array.isArray(stored) ? stored.map(String) : [] })
    },
  },

  methods: {
    onInput({ detail }: Typed) {
      this.change(detail.value)
    },

    change(text: string) {
      this.setData({ text })
      this.triggerEvent('change', { text })
    },

    onSend() {
      const { text } = this.data
      if (text.trim() === '') return
      this.setData({ text: '' })
      this.triggerEvent('send', { text })
    },

    onFocus() {
      this.open('none', { isFocused: true })
    },

    onBlur() {
      this.setData({ isFocused: false })
    },

    onPanel({ currentTarget }: Touch<{ panel: Panel }>) {
      const { panel } = currentTarget.dataset
      const isOpen = this.data.panel === panel
      this.open(isOpen ? 'none' : panel, { isVoice: false, isFocused: isOpen && panel === 'emoji' })
    },

    /** Tells the page how much room is left. */
    open(panel: Panel, more: { readonly isFocused?: boolean; readonly isVoice?: boolean } = {}) {
      this.setData({ panel, ...more })
      this.triggerEvent('panel', { isOpen: panel !== 'none' })
    },

    onVoice() {
      this.open('none', { isVoice: !this.data.isVoice, isFocused: this.data.isVoice })
    },

    onEmoji({ currentTarget }: Touch<{ emoji: string }>) {
      const { emoji } = currentTarget.dataset
      this.change(this.data.text + emoji)
      const recent = withRecent(this.data.recent, emoji)
      void wx.setStorage({ key: RECENT, data: recent })
      // What is under the finger must not move.
      if (!this.data.recent.includes(emoji)) this.setData({ recent })
    },

    onErase() {
      this.change(withoutLast(this.data.text))
    },

    onAttach({ currentTarget }: Touch<{ kind: string }>) {
      this.open('none')
      this.triggerEvent('attach', { kind: currentTarget.dataset.kind })
    },

    onUnquote() {
      this.triggerEvent('unquote')
    },

    onHold() {
      wx.vibrateShort({ type: 'light', fail: () => undefined })
      this.setData({ hold: 'talking' })
      this.triggerEvent('record', { phase: 'start' })
    },

    onHoldMove({ touches }: WechatMiniprogram.TouchEvent) {
      const [touch] = touches
      if (this.data.hold === 'none' || touch === undefined) return
      const isAway = wx.getWindowInfo().windowHeight - touch.clientY > CANCEL_PX
      const hold = isAway ? 'cancelling' : 'talking'
      if (hold !== this.data.hold) this.setData({ hold })
    },

    onRelease() {
      if (this.data.hold === 'none') return
      const phase = this.data.hold === 'cancelling' ? 'cancel' : 'stop'
      this.setData({ hold: 'none' })
      this.triggerEvent('record', { phase })
    },

    onHoldCancel() {
      if (this.data.hold === 'none') return
      this.setData({ hold: 'none' })
      this.triggerEvent('record', { phase: 'cancel' })
    },
  },
})
