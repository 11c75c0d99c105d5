import type { Typed } from '../../im/events'
import { decoded } from '../../im/places'
import { tell, trying } from '../../im/tell'
import { words } from '../../text/words'
import { editableOf, type Editable, type What } from './editable'

/** One text, changed. */
Page({
  data: { save: words().common.save, text: '', hint: '', isLong: false, most: 20, isChanged: false, isBusy: false },

  original: '',
  editable: undefined as Editable | undefined,

  onLoad({ what, id }: { what?: What; id?: string }) {
    const editable = editableOf(what ?? 'nick', decoded(id))
    const { title, isLong, mostCharacters, hint } = editable
    this.editable = editable
    void wx.setNavigationBarTitle({ title })
    this.setData({ isLong, hint, most: mostCharacters, save: words().common.save })
    void trying(() => this.read(editable))
  },

  async read(editable: Editable) {
    this.original = await editable.read()
    this.setData({ text: this.original })
  },

  onText({ detail }: Typed) {
    this.setData({ text: detail.value, isChanged: detail.value !== this.original })
  },

  async onSave() {
    const { editable } = this
    if (editable === undefined || this.data.isBusy || !this.data.isChanged) return
    this.setData({ isBusy: true })
    const done = await trying(() => editable.write(this.data.text.trim()))
    this.setData({ isBusy: false })
    if (done === undefined) return
    void wx.navigateBack()
    tell(words().common.saved)
  },
})
