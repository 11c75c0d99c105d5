import type { Typed } from '../../im/events'

/** A field to search a list with; `search` tells what stands in it, at every key. */
Component({
  properties: { placeholder: String },
  data: { text: '' },
  methods: {
    onInput({ detail }: Typed) {
      this.tell(detail.value)
    },
    onClear() {
      this.tell('')
    },
    tell(text: string) {
      this.setData({ text })
      this.triggerEvent('search', { text: text.trim() })
    },
  },
})
