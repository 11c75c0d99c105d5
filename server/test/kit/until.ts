/** Waits for a fact: asks again and again until the answer is truthy. Rejects with what it waited for when it takes too long. */
export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 8_000): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
