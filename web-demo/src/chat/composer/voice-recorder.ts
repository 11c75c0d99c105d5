/** Sound that phones and browsers can all play comes first. */
const TYPES = ['audio/mp4;codecs=mp4a.40.2', 'audio/mp4', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus']
const ENDINGS: Readonly<Record<string, string>> = { 'audio/mp4': 'm4a', 'audio/webm': 'webm', 'audio/ogg': 'ogg' }
const BITS_PER_SECOND = 32_000
const SLICE_MS = 250

export interface Recording {
  readonly file: File
  readonly durationMs: number
}

export interface Recorder {
  /** How loud it is now, 0 to 1. */
  level(): number
  elapsedMs(): number
  /** Ends it and gives what was recorded. */
  stop(): Promise<Recording>
  /** Ends it and forgets what was recorded. */
  cancel(): void
}

/** Whether this browser records: over plain http, away from the machine itself, none does. */
export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && 'mediaDevices' in navigator && supportedType() !== undefined
}

/** Asks for the microphone and begins. Rejects when it may not be used or there is none. */
export async function startRecording(): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const mimeType = supportedType() ?? ''
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND })
  const chunks: Blob[] = []
  const meter = levelMeter(stream)
  const startedMs = performance.now()
  recorder.addEventListener('dataavailable', ({ data }) => data.size > 0 && chunks.push(data))
  recorder.start(SLICE_MS)

  function release(): void {
    for (const track of stream.getTracks()) track.stop()
    meter.close()
  }

  return {
    level: () => meter.level(),
    elapsedMs: () => performance.now() - startedMs,
    async stop() {
      const durationMs = performance.now() - startedMs
      await new Promise((resolve) => {
        recorder.addEventListener('stop', resolve, { once: true })
        recorder.stop()
      })
      release()
      const [type = 'audio/webm'] = recorder.mimeType.split(';')
      return { file: new File(chunks, `voice.${ENDINGS[type] ?? 'webm'}`, { type }), durationMs }
    },
    cancel() {
      recorder.stop()
      release()
    },
  }
}

function supportedType(): string | undefined {
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type))
}

function levelMeter(stream: MediaStream): { level(): number; close(): void } {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Uint8Array(analyser.fftSize)
  return {
    level() {
      analyser.getByteTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + ((sample - 128) / 128) ** 2, 0) / samples.length
      return Math.min(1, Math.sqrt(power) * 3)
    },
    close: () => void context.close(),
  }
}
