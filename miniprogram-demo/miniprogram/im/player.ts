/** Plays one recording at a time. `onChange` is told which one plays; empty for none. */
export class Player {
  private readonly onChange: (id: string) => void
  private readonly onFailed: () => void
  private audio: WechatMiniprogram.InnerAudioContext | undefined
  private playing = ''

  constructor(onChange: (id: string) => void, onFailed: () => void) {
    this.onChange = onChange
    this.onFailed = onFailed
  }

  /** A second touch on the same one stops it. */
  toggle(id: string, url: string): void {
    const wasPlaying = this.playing
    this.stop()
    if (wasPlaying === id) return
    const audio = wx.createInnerAudioContext()
    audio.onEnded(() => this.stop())
    audio.onError(() => {
      this.stop()
      this.onFailed()
    })
    audio.src = url
    audio.play()
    this.audio = audio
    this.tell(id)
  }

  stop(): void {
    this.audio?.destroy()
    this.audio = undefined
    if (this.playing !== '') this.tell('')
  }

  private tell(id: string): void {
    this.playing = id
    this.onChange(id)
  }
}
