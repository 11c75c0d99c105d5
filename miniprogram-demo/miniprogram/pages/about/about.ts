import { readConfig, VERSION } from '../../config'
import { TIM } from '../../im/sdk'
import { words } from '../../text/words'

/** What this is, and which server it talks to. */
Page({
  data: { t: words().about, app: words().app, version: '', server: '' },
  onLoad() {
    const { about, app } = words()
    void wx.setNavigationBarTitle({ title: about.title })
    const version = `${VERSION} · SDK ${TIM.HONGYAN_VERSION}`
    this.setData({ t: about, app, version, server: readConfig().endpoint.replace(/^\w+:\/\//, '') })
  },
})
