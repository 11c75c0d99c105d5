import { mediaError } from './media-errors.ts'

/** The last part before the end is not told as the end. */
const ALMOST = 0.99

/** What an application's progress bar is told: growing numbers from 0 to 1, and 1 once, when all is done. */
export class UploadProgress {
  private readonly listen: ((part: number) => void) | undefined
  private told = 0
  private hasThrown = false

  constructor(listen: ((part: number) => void) | undefined) {
    this.listen = listen
  }

  tell(part: number): void {
    const next = Math.min(part, ALMOST)
    if (next > this.told) this.call(next)
  }

  /** Rejects 2109 if the application's function has thrown. */
  finish(): void {
    this.call(1)
    if (this.hasThrown) throw mediaError(2109)
  }

  private call(part: number): void {
    if (this.hasThrown) return
    this.told = part
    try {
      this.listen?.(part)
    } catch {
      this.hasThrown = true
    }
  }
}
