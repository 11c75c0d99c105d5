/** Resolves after so many milliseconds. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/** Looks again and again until there is something; rejects, naming what was waited for, when there is nothing in time. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { deadlineMs = 30_000, everyMs = 50 } = {},
): Promise<Exclude<T, false | undefined>> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>
    if (performance.now() > endMs) throw new Error(`not so within ${deadlineMs} ms: ${what}`)
    await pause(everyMs)
  }
}

/** The promise's outcome, or a rejection when it does not come in time. */
export async function within<T>(deadlineMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${deadlineMs} ms: ${what}`)), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
