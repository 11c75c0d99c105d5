import { listenerPairs } from './listeners.ts'
import type { WxParts } from './parts.ts'

const EVENTS = [
  'Canplay',
  'Play',
  'Pause',
  'Stop',
  'Ended',
  'TimeUpdate',
  'Error',
  'Waiting',
  'Seeking',
  'Seeked',
] as const

/** createInnerAudioContext over a real <audio>; phone files play from their bytes. */
export function createAudio(parts: WxParts): Readonly<Record<string, unknown>> {
  return {
    createInnerAudioContext: () => createAudioContext(parts),
    setInnerAudioOption: parts.calls.async('setInnerAudioOption', () => undefined),
    getAvailableAudioSources: parts.calls.async('getAvailableAudioSources', () => ({ audioSources: ['auto', 'mic'] })),
  }
}

function createAudioContext(parts: WxParts): object {
  const audio = new Audio()
  const { of, methods } = listenerPairs(EVENTS, parts.calls)
  let source = ''
  let startTime = 0
  const plain = [
    ['canplay', of.Canplay],
    ['play', of.Play],
    ['ended', of.Ended],
    ['timeupdate', of.TimeUpdate],
    ['waiting', of.Waiting],
    ['seeking', of.Seeking],
    ['seeked', of.Seeked],
  ] as const
  for (const [name, listeners] of plain) audio.addEventListener(name, () => listeners.tell({}))
  let isStopping = false
  audio.addEventListener('pause', () => {
    // The browser pauses a finished or stopped sound too, which WeChat does not call a pause.
    if (!audio.ended && !isStopping) of.Pause.tell({})
    isStopping = false
  })
  const fail = (): void => of.Error.tell({ errCode: 10_003, errMsg: `play audio fail: ${source}` })
  audio.addEventListener('error', fail)
  parts.host.life.on('hide', () => audio.pause())
  const controls = {
    play: () => void audio.play().catch((err: unknown) => (isAborted(err) ? undefined : fail())),
    pause: () => audio.pause(),
    stop: () => {
      isStopping = !audio.paused
      audio.pause()
      audio.currentTime = 0
      of.Stop.tell({})
    },
    seek: (seconds: unknown) => {
      audio.currentTime = Number(seconds)
    },
    destroy: () => {
      for (const listeners of Object.values(of)) listeners.off()
      audio.pause()
      audio.removeAttribute('src')
    },
  }
  return Object.defineProperties(
    { ...methods, ...controls },
    {
      src: {
        enumerable: true,
        get: () => source,
        set: (value: unknown) => {
          source = String(value)
          audio.src = parts.files.urlOf(source) ?? source
          if (startTime > 0) audio.currentTime = startTime
        },
      },
      startTime: {
        enumerable: true,
        get: () => startTime,
        set: (value: unknown) => {
          startTime = Number(value)
        },
      },
      ...mirrored(audio),
      // Until its length is known a sound has none, where the browser says NaN.
      duration: { enumerable: true, get: () => (Number.isFinite(audio.duration) ? audio.duration : 0) },
      paused: { enumerable: true, get: () => audio.paused },
      currentTime: { enumerable: true, get: () => audio.currentTime },
      buffered: {
        enumerable: true,
        get: () => (audio.buffered.length > 0 ? audio.buffered.end(audio.buffered.length - 1) : 0),
      },
      obeyMuteSwitch: { enumerable: true, writable: true, value: true },
      referrerPolicy: { enumerable: true, writable: true, value: 'no-referrer' },
    },
  )
}

function mirrored(audio: HTMLAudioElement): PropertyDescriptorMap {
  return {
    autoplay: {
      enumerable: true,
      get: () => audio.autoplay,
      set: (value: unknown) => {
        audio.autoplay = value === true
      },
    },
    loop: {
      enumerable: true,
      get: () => audio.loop,
      set: (value: unknown) => {
        audio.loop = value === true
      },
    },
    volume: {
      enumerable: true,
      get: () => audio.volume,
      set: (value: unknown) => {
        audio.volume = Number(value)
      },
    },
    playbackRate: {
      enumerable: true,
      get: () => audio.playbackRate,
      set: (value: unknown) => {
        audio.playbackRate = Number(value)
      },
    },
  }
}

function isAborted(err: unknown): boolean {
  return err instanceof DOMException && err.name === 'AbortError'
}
