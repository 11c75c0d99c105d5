/**
 * Work that may be done twice: a transaction is repeated when the word of its commit was lost. What is refused then because
 * it is so already is its own doing, and `grant` gives the result instead; undefined where the refusal says something else.
 * The first time every refusal stands.
 */
export function granting<Input, Result extends object>(
  work: (input: Input) => Promise<Result>,
  grant: (refusal: unknown) => Result | undefined,
): (input: Input) => Promise<Result> {
  let tries = 0
  return async (input) => {
    const isRepeated = tries++ > 0
    try {
      return await work(input)
    } catch (err) {
      const granted = isRepeated ? grant(err) : undefined
      if (granted === undefined) throw err
      return granted
    }
  }
}
