/** TIM's number of what went wrong; -1 for what is none of the SDK's. */
export function codeOf(error: unknown): number {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'number' ? code : -1
}
