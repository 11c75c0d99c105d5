// Ends with 0 when the gateway of this container takes traffic. The image has no curl.
const ANSWER_WITHIN_MS = 4_000

try {
  const { ok } = await fetch(`http://127.0.0.1:${process.env.PORT ?? '3000'}/readyz`, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
  process.exitCode = ok ? 0 : 1
} catch {
  process.exitCode = 1
}
