import type { Pair } from './clients.ts'

export interface Saturation {
  readonly perSecond: number
  /** All messages that were sent, with those before and after the measured time. */
  readonly sent: number
}

export interface Latency {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** As many messages as the server takes: each pair keeps `inFlight` on their way. */
export async function saturate(pairs: readonly Pair[], inFlight: number, seconds: number): Promise<Saturation> {
  const warmUpMs = 1_000
  const startMs = performance.now() + warmUpMs
  const endMs = startMs + seconds * 1000
  let done = 0
  let sent = 0
  await Promise.all(
    pairs.map(
      (pair) =>
        new Promise<void>((resolve) => {
          let next = numbers.next
          let pending = inFlight
          pair.onDone(() => {
            const now = performance.now()
            if (now >= startMs && now < endMs) done++
            sent++
            if (now < endMs) pair.send(next++)
            else if (--pending === 0) {
              numbers.next = Math.max(numbers.next, next)
              resolve()
            }
          })
          for (let i = 0; i < inFlight; i++) pair.send(next++)
        }),
    ),
  )
  return { perSecond: done / seconds, sent }
}

// Message numbers go on over all runs, so that no run resends what another has sent.
const numbers = { next: 1 }

/** An even rate over all pairs, whatever the server does; the time from sending to done. */
export async function measureLatency(pairs: readonly Pair[], perSecond: number, seconds: number): Promise<Latency> {
  const sentAt = new Map<string, number>()
  const latencies: number[] = []
  pairs.forEach((pair, index) => {
    pair.onDone((number) => {
      const key = `${index} ${number}`
      const sent = sentAt.get(key)
      if (sent !== undefined) latencies.push(performance.now() - sent)
      sentAt.delete(key)
    })
  })
  const startMs = performance.now()
  let sent = 0
  while (performance.now() - startMs < seconds * 1000) {
    const due = ((performance.now() - startMs) / 1000) * perSecond
    for (; sent < due; sent++) {
      const index = sent % pairs.length
      const number = numbers.next + Math.floor(sent / pairs.length)
      sentAt.set(`${index} ${number}`, performance.now())
      pairs[index]?.send(number)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  numbers.next += Math.ceil(sent / pairs.length) + 1
  for (let waited = 0; sentAt.size > 0 && waited < 5_000; waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20))
  if (sentAt.size > 0) throw new Error(`${sentAt.size} messages did not arrive`)
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0
  return { perSecond: sent / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}
