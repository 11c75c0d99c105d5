/**
 * Bad parameters throw at once, without a code, as TIM's do: the one kind of failure that is not a rejected promise
 * (tim-semantics §2.1 rule 9).
 */
export function assertParameter(isGood: boolean, method: string, wanted: string): asserts isGood {
  if (!isGood) throw new Error(`[${method}] 参数校验失败 (invalid parameters): ${wanted}`)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}
