/** What one page gives the next where an address has no room for it; each is taken once. */
const waiting = new Map<string, unknown>()
const MOST_WAITING = 10

export function handOver(key: string, value: unknown): void {
  waiting.delete(key)
  waiting.set(key, value)
  const [oldest] = waiting.keys()
  if (waiting.size > MOST_WAITING && oldest !== undefined) waiting.delete(oldest)
}

export function takeOver(key: string): unknown {
  const value = waiting.get(key)
  waiting.delete(key)
  return value
}
