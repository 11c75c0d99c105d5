import type { MediaToken, ReplyOf } from '@hongyan/protocol'
import type { Platform } from './client-api.ts'

const SOONEST_MS = 5_000
/** Timers of browsers go wrong beyond 24 days. */
const LATEST_MS = 24 * 3600_000
const RETRY_MS = 30_000

export interface MediaTokenPorts {
  readonly clock: Platform['clock']
  readonly serverNowMs: () => number
  readonly renew: () => Promise<ReplyOf<'media.token'>>
}

/**
 * The right to open files, kept fresh: asked for anew when half of its time is over, so that an address made of it is
 * good for at least the other half.
 */
export class MediaTokenKeeper {
  /** Empty before the first session. */
  token = ''
  private readonly ports: MediaTokenPorts
  private isStopped = false
  private cancel: () => void = () => undefined

  constructor(ports: MediaTokenPorts) {
    this.ports = ports
  }

  /** A session's opening brought one, or the server gave it. */
  take({ token, expiresAtMs }: MediaToken): void {
    if (this.isStopped) return
    this.token = token
    this.renewIn(Math.max(SOONEST_MS, Math.min(LATEST_MS, (expiresAtMs - this.ports.serverNowMs()) / 2)))
  }

  stop(): void {
    this.isStopped = true
    this.cancel()
  }

  private renewIn(delayMs: number): void {
    this.cancel()
    this.cancel = this.ports.clock.after(delayMs, () => {
      this.ports.renew().then(
        (media) => this.take(media),
        // Without a session there is no answer; the next session brings one of its own.
        () => this.isStopped || this.renewIn(RETRY_MS),
      )
    })
  }
}
