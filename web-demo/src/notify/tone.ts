/** Two short notes, made here: no file to load. Browsers allow it once the person has touched the page. */

const NOTES_HZ = [880, 1174.66]
const NOTE_SECONDS = 0.11
const LOUDNESS = 0.08
/** A busy group is not a doorbell. */
const QUIET_MS = 1_500

let context: AudioContext | undefined
let lastAtMs = -Infinity

/** From the first touch on, `playTone` is heard. */
export function allowTones(): void {
  const open = (): void => {
    context ??= new AudioContext()
    removeEventListener('pointerdown', open)
    removeEventListener('keydown', open)
  }
  addEventListener('pointerdown', open)
  addEventListener('keydown', open)
}

/** Says whether it was played: not before the first touch, and not twice at once. */
export function playTone(): boolean {
  const nowMs = performance.now()
  if (!context || nowMs - lastAtMs < QUIET_MS) return false
  lastAtMs = nowMs
  const { currentTime, destination } = context
  NOTES_HZ.forEach((hertz, index) => {
    if (!context) return
    const beginsAt = currentTime + index * NOTE_SECONDS
    const note = new OscillatorNode(context, { type: 'sine', frequency: hertz })
    const gain = new GainNode(context, { gain: 0 })
    gain.gain.setTargetAtTime(LOUDNESS, beginsAt, 0.01)
    gain.gain.setTargetAtTime(0, beginsAt + NOTE_SECONDS, 0.06)
    note.connect(gain).connect(destination)
    note.start(beginsAt)
    note.stop(beginsAt + NOTE_SECONDS * 4)
  })
  void context.resume()
  return true
}
