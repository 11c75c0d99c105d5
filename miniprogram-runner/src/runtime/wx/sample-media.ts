/** Real bytes that the phone's camera and microphone would give, made in the browser. */
export interface SampleMedia {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
}

/** A JPEG of `width` × `height` pixels; `label` makes two pictures differ. */
export async function samplePicture(width: number, height: number, label: string): Promise<SampleMedia> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  drawScene(canvas, label, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
  if (blob === null) throw new Error('this browser draws no JPEG')
  return { bytes: new Uint8Array(await blob.arrayBuffer()), type: 'image/jpeg' }
}

const FRAMES_PER_SECOND = 10

/** A film of `seconds`, recorded from a canvas: MP4 where the browser can, else WebM. */
export async function sampleVideo(seconds: number): Promise<SampleMedia> {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 240
  drawScene(canvas, '0', 0)
  const type = ['video/mp4', 'video/webm'].find((each) => MediaRecorder.isTypeSupported(each)) ?? 'video/webm'
  const recorder = new MediaRecorder(canvas.captureStream(FRAMES_PER_SECOND), { mimeType: type })
  const chunks: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data))
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }))
  recorder.start()
  for (let frame = 1; frame <= seconds * FRAMES_PER_SECOND; frame += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000 / FRAMES_PER_SECOND))
    drawScene(canvas, String(frame), frame)
  }
  recorder.stop()
  await stopped
  return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), type }
}

function drawScene(canvas: HTMLCanvasElement, label: string, frame: number): void {
  const { width, height } = canvas
  const draw = canvas.getContext('2d')
  if (draw === null) throw new Error('this browser has no canvas')
  const sky = draw.createLinearGradient(0, 0, 0, height)
  sky.addColorStop(0, '#8ec5ff')
  sky.addColorStop(1, '#fff3d6')
  draw.fillStyle = sky
  draw.fillRect(0, 0, width, height)
  draw.fillStyle = '#ffb74d'
  draw.beginPath()
  draw.arc(width * (0.2 + 0.02 * frame), height * 0.25, height * 0.1, 0, Math.PI * 2)
  draw.fill()
  draw.fillStyle = '#4a9d6f'
  draw.beginPath()
  draw.ellipse(width / 2, height * 1.05, width * 0.8, height * 0.45, 0, 0, Math.PI * 2)
  draw.fill()
  draw.fillStyle = '#ffffff'
  draw.font = `${Math.floor(height / 8)}px sans-serif`
  draw.fillText(label, width * 0.42, height * 0.85)
}

export type VoiceFormat = 'mp3' | 'aac' | 'wav' | 'PCM'

/** A recording of `ms`: a soft tone as WAV or PCM; silence in valid frames as MP3 or AAC, for browsers encode neither. */
export function sampleVoice(ms: number, format: VoiceFormat): SampleMedia {
  switch (format) {
    case 'mp3':
      return { bytes: repeat(MP3_FRAME, Math.ceil(ms / MP3_FRAME_MS)), type: 'audio/mpeg' }
    case 'aac':
      return { bytes: repeat(AAC_FRAME, Math.ceil(ms / AAC_FRAME_MS)), type: 'audio/aac' }
    case 'wav':
      return { bytes: wav(tone(ms)), type: 'audio/wav' }
    case 'PCM':
      return { bytes: new Uint8Array(tone(ms).buffer), type: 'application/octet-stream' }
  }
}

// MPEG-1 layer III, 64 kbit/s, 44.1 kHz, mono: 208 bytes of 26.12 ms, all-zero side information is silence.
const MP3_FRAME = Uint8Array.from({ length: 208 }, (_, index) => [0xff, 0xfb, 0x50, 0xc4][index] ?? 0)
const MP3_FRAME_MS = 1152 / 44.1
// ADTS header (AAC-LC, 44.1 kHz, mono, 13 bytes in all) and a silent raw block.
const AAC_FRAME = Uint8Array.from([0xff, 0xf1, 0x50, 0x40, 0x01, 0xbf, 0xfc, 0x00, 0xc8, 0x00, 0x80, 0x23, 0x80])
const AAC_FRAME_MS = 1024 / 44.1

function repeat(frame: Uint8Array, times: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frame.length * times)
  for (let index = 0; index < times; index += 1) bytes.set(frame, index * frame.length)
  return bytes
}

const WAV_RATE = 8_000

function tone(ms: number): Int16Array<ArrayBuffer> {
  const samples = Math.ceil((ms / 1000) * WAV_RATE)
  return Int16Array.from({ length: samples }, (_, index) => 4_000 * Math.sin((index / WAV_RATE) * 440 * 2 * Math.PI))
}

function wav(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + samples.byteLength)
  const view = new DataView(bytes.buffer)
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at)
  text(0, 'RIFF')
  view.setUint32(4, 36 + samples.byteLength, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, WAV_RATE, true)
  view.setUint32(28, WAV_RATE * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, samples.byteLength, true)
  bytes.set(new Uint8Array(samples.buffer), 44)
  return bytes
}
