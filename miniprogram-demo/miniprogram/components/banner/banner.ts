import { hold, release } from '../../im/held'
import { retryNow } from '../../im/session'
import { trouble } from '../../im/trouble'
import { words } from '../../text/words'

/** What is wrong with the connection, as long as something is. Pages need do nothing but show it. */
Component({
  data: { text: '', canRetry: false, retry: '' },

  lifetimes: {
    attached() {
      const show = trouble.subscribe((what) => {
        const { banner } = words()
        const text = what === 'none' ? '' : banner[what]
        if (text !== this.data.text) this.setData({ text, canRetry: what === 'offline', retry: banner.retry })
      })
      hold(this, show)
    },
    detached() {
      release(this)
    },
  },

  methods: {
    onRetry() {
      retryNow()
    },
  },
})
