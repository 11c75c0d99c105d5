import { words } from '../../text/words'

/** What the mini-program does with people's data. */
Page({
  data: { paragraphs: [] as readonly string[] },
  onLoad() {
    const { title, paragraphs } = words().privacy
    void wx.setNavigationBarTitle({ title })
    this.setData({ paragraphs })
  },
})
