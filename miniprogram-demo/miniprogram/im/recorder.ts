import { needsConsent } from './promise'

/** What came of holding the button. */
export type Recording =
  | { readonly end: 'recorded'; readonly file: WechatMiniprogram.OnStopListenerResult }
  | { readonly end: 'cancelled' }
  | { readonly end: 'tooShort' }
  /** The microphone is denied; or consent to the privacy notice is missing. */
  | { readonly end: 'denied' }
  | { readonly end: 'needsConsent' }

const SHORTEST_MS = 800
const LONGEST_MS = 60_000

/** WeChat has one recorder for the whole application, whose listeners cannot be taken off. */
export class Recorder {
  private readonly recorder = wx.getRecorderManager()
  private settle: ((recording: Recording) => void) | undefined
  private isCancelled = false

  constructor() {
    this.recorder.onStop((file) => {
      if (this.isCancelled) this.finish({ end: 'cancelled' })
      else this.finish(file.duration < SHORTEST_MS ? { end: 'tooShort' } : { end: 'recorded', file })
    })
    this.recorder.onError((error) => {
      if (this.isCancelled) this.finish({ end: 'cancelled' })
      else this.finish(needsConsent(error) ? { end: 'needsConsent' } : { end: 'denied' })
    })
  }

  /** Records until `stop`, a minute at most. */
  record(): Promise<Recording> {
    this.finish({ end: 'cancelled' })
    this.isCancelled = false
    return new Promise((resolve) => {
      this.settle = resolve
      this.recorder.start({
        format: 'mp3',
        duration: LONGEST_MS,
        sampleRate: 16_000,
        numberOfChannels: 1,
        encodeBitRate: 48_000,
      })
    })
  }

  stop(): void {
    if (this.settle !== undefined) this.recorder.stop()
  }

  cancel(): void {
    this.isCancelled = true
    this.stop()
  }

  private finish(recording: Recording): void {
    const settle = this.settle
    this.settle = undefined
    settle?.(recording)
  }
}
