import type { Element } from 'glass-easel'
import type { Host } from '../host.ts'
import { numberIn, optionsOf } from './options.ts'

/** VideoContext, and the scroll and animation contexts of nodes: commands to an element that is looked up when used. */
export function createContextOf(host: Host, find: () => Element | undefined): object {
  const video = (): HTMLVideoElement | undefined => {
    const backend: unknown = find()?.getBackendElement()
    const found = backend instanceof HTMLElement ? backend.querySelector('video') : undefined
    return found ?? undefined
  }
  const scrollBox = (): globalThis.Element | undefined => {
    const backend: unknown = find()?.getBackendElement()
    if (!(backend instanceof HTMLElement)) return undefined
    return backend.querySelector(':scope > .wx-scroll') ?? backend
  }
  const report = (what: string) => (err: unknown) => host.report.error(what, err)
  return {
    play: () => void video()?.play().catch(report('VideoContext.play')),
    pause: () => video()?.pause(),
    stop: () => {
      const found = video()
      if (found === undefined) return
      found.pause()
      found.currentTime = 0
    },
    seek: (seconds: unknown) => {
      const found = video()
      if (found !== undefined) found.currentTime = Number(seconds)
    },
    playbackRate: (rate: unknown) => {
      const found = video()
      if (found !== undefined) found.playbackRate = Number(rate)
    },
    requestFullScreen: () => video()?.parentElement?.classList.add('wx-video-full'),
    exitFullScreen: () => video()?.parentElement?.classList.remove('wx-video-full'),
    scrollTo: (given?: unknown) => {
      const options = optionsOf(given)
      scrollBox()?.scrollTo({
        top: numberIn(options, 'top') ?? 0,
        left: numberIn(options, 'left') ?? 0,
        behavior: options['animated'] === false ? 'instant' : 'smooth',
      })
    },
    scrollIntoView: (selector: unknown) => scrollBox()?.querySelector(String(selector))?.scrollIntoView(),
  }
}
