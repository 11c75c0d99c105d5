import { listenerPairs } from './listeners.ts'
import { numberIn, optionsOf, textIn } from './options.ts'
import { sampleVoice, type VoiceFormat } from './sample-media.ts'
import type { WxParts } from './parts.ts'

const DEFAULT_DURATION_MS = 60_000
const MAX_DURATION_MS = 600_000
const FORMATS: readonly VoiceFormat[] = ['mp3', 'aac', 'wav', 'PCM']
const EVENTS = [
  'Start',
  'Pause',
  'Resume',
  'Stop',
  'FrameRecorded',
  'Error',
  'InterruptionBegin',
  'InterruptionEnd',
] as const

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'asking'; readonly stopWanted: 'no' | 'yes' }
  | { readonly state: 'recording'; readonly sinceMs: number; readonly beforeMs: number }
  | { readonly state: 'paused'; readonly beforeMs: number }

/** getRecorderManager: one recorder, whose recordings have the length that passed between start and stop. */
export function createRecorder(parts: WxParts): Readonly<Record<string, unknown>> {
  const recorder = new Recorder(parts)
  return { getRecorderManager: () => recorder.face }
}

class Recorder {
  readonly face: object
  readonly #parts: WxParts
  readonly #events: ReturnType<typeof recorderEvents>['of']
  #state: State = { state: 'idle' }
  #format: VoiceFormat = 'aac'
  #limitMs = DEFAULT_DURATION_MS
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: WxParts) {
    this.#parts = parts
    const { of, methods } = recorderEvents(parts)
    this.#events = of
    this.face = {
      ...methods,
      start: (given?: unknown) => void this.#start(given),
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      stop: () => this.#stop(),
    }
    // A hidden mini-program may not listen: WeChat pauses the recording.
    parts.host.life.on('hide', () => {
      if (this.#state.state !== 'recording') return
      this.#pause()
      this.#events.InterruptionBegin.tell()
    })
    parts.host.life.on('show', () => {
      if (this.#state.state === 'paused') this.#events.InterruptionEnd.tell()
    })
  }

  async #start(given: unknown): Promise<void> {
    if (this.#state.state !== 'idle') return this.#fail('operateRecorder:fail is recording or paused')
    const options = optionsOf(given)
    const format = textIn(options, 'format') ?? 'aac'
    const known = FORMATS.find((each) => each === format)
    if (known === undefined) return this.#fail(`operateRecorder:fail format ${format} is not supported`)
    this.#format = known
    this.#limitMs = Math.min(MAX_DURATION_MS, numberIn(options, 'duration') ?? DEFAULT_DURATION_MS)
    this.#state = { state: 'asking', stopWanted: 'no' }
    try {
      await this.#parts.permissions.requirePrivacy('getRecorderManager')
      this.#parts.permissions.requireScope('scope.record')
    } catch (err) {
      this.#state = { state: 'idle' }
      return this.#fail(`operateRecorder:fail ${err instanceof Error ? err.message : String(err)}`)
    }
    const isUnwanted = this.#state.stopWanted === 'yes'
    this.#run(0)
    this.#events.Start.tell()
    if (isUnwanted) this.#stop()
  }

  #run(beforeMs: number): void {
    this.#state = { state: 'recording', sinceMs: Date.now(), beforeMs }
    this.#timer = setTimeout(() => this.#stop(), this.#limitMs - beforeMs)
  }

  #pause(): void {
    if (this.#state.state !== 'recording') return this.#fail('operateRecorder:fail not recording')
    clearTimeout(this.#timer)
    this.#state = { state: 'paused', beforeMs: this.#lengthMs() }
    this.#events.Pause.tell()
  }

  #resume(): void {
    if (this.#state.state !== 'paused') return this.#fail('operateRecorder:fail not paused')
    this.#run(this.#state.beforeMs)
    this.#events.Resume.tell()
  }

  #stop(): void {
    if (this.#state.state === 'asking') this.#state = { state: 'asking', stopWanted: 'yes' }
    if (this.#state.state !== 'recording' && this.#state.state !== 'paused') return
    clearTimeout(this.#timer)
    const duration = Math.max(1, Math.min(this.#limitMs, this.#lengthMs()))
    this.#state = { state: 'idle' }
    const { bytes, type } = sampleVoice(duration, this.#format)
    const tempFilePath = this.#parts.files.addTemp(bytes, { type, url: `voice.${this.#format.toLowerCase()}` })
    setTimeout(() => this.#events.Stop.tell({ tempFilePath, duration, fileSize: bytes.byteLength }), 0)
  }

  #lengthMs(): number {
    if (this.#state.state === 'recording') return this.#state.beforeMs + Date.now() - this.#state.sinceMs
    return this.#state.state === 'paused' ? this.#state.beforeMs : 0
  }

  #fail(errMsg: string): void {
    this.#events.Error.tell({ errMsg })
  }
}

function recorderEvents(parts: WxParts) {
  return listenerPairs(EVENTS, parts.calls)
}
