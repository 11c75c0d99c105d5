import { reactive, readonly } from 'vue'

/** The one voice message that is playing, or was stopped in the middle. */
export interface Playing {
  /** Empty when none is. */
  messageID: string
  isPlaying: boolean
  /** The part that has been heard, 0 to 1. */
  part: number
  hasFailed: boolean
}

const state = reactive<Playing>({ messageID: '', isPlaying: false, part: 0, hasFailed: false })
export const playing: Readonly<Playing> = readonly(state)

let audio: HTMLAudioElement | undefined

/** Plays it, goes on where it was stopped, or stops it; whatever else was playing ends. */
export function toggleVoice(messageID: string, url: string, seconds: number): void {
  if (audio && state.messageID === messageID && !state.hasFailed) {
    if (state.isPlaying) audio.pause()
    else void audio.play().catch(fail)
    return
  }
  stopVoice()
  Object.assign(state, { messageID, hasFailed: false })
  audio = start(url, seconds)
}

export function stopVoice(): void {
  audio?.pause()
  audio = undefined
  Object.assign(state, { messageID: '', isPlaying: false, part: 0 })
}

function start(url: string, seconds: number): HTMLAudioElement {
  const player = new Audio(url)
  const whenCurrent = (act: () => void) => () => {
    if (player === audio) act()
  }
  player.addEventListener(
    'play',
    whenCurrent(() => (state.isPlaying = true)),
  )
  player.addEventListener(
    'pause',
    whenCurrent(() => (state.isPlaying = false)),
  )
  player.addEventListener('ended', whenCurrent(stopVoice))
  player.addEventListener('error', whenCurrent(fail))
  player.addEventListener(
    'timeupdate',
    whenCurrent(() => {
      // A recording of a browser's own does not know how long it is.
      const whole = Number.isFinite(player.duration) ? player.duration : seconds
      state.part = whole > 0 ? Math.min(1, player.currentTime / whole) : 0
    }),
  )
  void player.play().catch(() => player === audio && fail())
  return player
}

function fail(): void {
  Object.assign(state, { isPlaying: false, part: 0, hasFailed: true })
}
