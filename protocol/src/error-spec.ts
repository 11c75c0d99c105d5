/** What the catalogue says about one error. */
export interface ErrorSpec {
  /** The number on the wire. Never reused, never changed. */
  readonly code: number
  /** The status an HTTP edge answers with. */
  readonly http: number
  /** True when the same request may succeed later without being changed. */
  readonly retryable: boolean
  /** What is wrong. */
  readonly text: string
  /** What the caller can do. */
  readonly remedy: string
}
