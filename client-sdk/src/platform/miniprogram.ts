import type { Platform } from '../core/client-api.ts'
import { miniprogramTransport, type WxSockets } from '../transport/miniprogram.ts'
import { miniprogramInspector, postFile, requestText, type WxFiles } from './miniprogram-media.ts'
import { neverBack, timerClock } from './timers.ts'
import { joinWakes } from './wakes.ts'

/** What is used of `wx` beside its sockets and files. */
export interface Wx extends WxSockets, WxFiles {
  onAppShow(listen: () => void): void
  offAppShow?(listen: () => void): void
  onNetworkStatusChange(listen: (status: { readonly isConnected: boolean }) => void): void
  offNetworkStatusChange?(listen: (status: { readonly isConnected: boolean }) => void): void
}

declare const wx: Wx

/** A WeChat mini-program. */
export function miniprogramPlatform(api: Wx = wx): Platform {
  return {
    device: 'wx',
    // Old base libraries have no performance.now; a clock that was set back must not stop our deadlines.
    clock: timerClock(neverBack(() => Date.now())),
    random: () => Math.random(),
    transport: miniprogramTransport(api),
    onWake: (wake) => onWake(api, wake),
    upload: (request) => postFile(api, request),
    fetchText: (url) => requestText(api, url),
    media: miniprogramInspector(api),
  }
}

function onWake(api: Wx, wake: () => void): () => void {
  const joined = joinWakes(wake)
  const onNetwork = (status: { readonly isConnected: boolean }): void => {
    if (status.isConnected) joined.wake()
  }
  api.onAppShow(joined.wake)
  api.onNetworkStatusChange(onNetwork)
  return () => {
    joined.stop()
    api.offAppShow?.(joined.wake)
    api.offNetworkStatusChange?.(onNetwork)
  }
}
