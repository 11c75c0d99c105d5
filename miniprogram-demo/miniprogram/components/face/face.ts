/** Somebody's picture, or the letters that stand for him (views/face.ts). */
Component({
  properties: {
    url: String,
    letters: String,
    tone: Number,
    size: { type: Number, value: 96 },
  },
  data: { isBroken: false },
  observers: {
    url() {
      this.setData({ isBroken: false })
    },
  },
  methods: {
    onBroken() {
      this.setData({ isBroken: true })
    },
  },
})
