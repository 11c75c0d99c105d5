import type { Row } from '../../views/message-row'
import type { Touch } from '../../im/events'

/** What the user did with a row; the page acts. */
export type RowAction = 'open' | 'menu' | 'resend' | 'quote' | 'readers' | 'person' | 'reedit' | 'mention'

/** One message of a chat. */
Component({
  options: { pureDataPattern: /^_/ },
  properties: {
    row: { type: Object, value: {} as Row },
    /** Whether its recording plays now. */
    isPlaying: Boolean,
    reedit: String,
  },
  methods: {
    tell({ currentTarget }: Touch<{ act: RowAction }>) {
      this.triggerEvent('act', { action: currentTarget.dataset.act, id: this.data.row.id })
    },
  },
})
