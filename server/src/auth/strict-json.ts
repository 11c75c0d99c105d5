type JsonObject = ReadonlyMap<string, unknown>

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/**
 * Parses a JSON object; undefined for anything else, and for an object that names a key twice at any depth: two
 * parsers could read two different tokens out of it. Never throws. The caller has bounded the length.
 */
export function parseStrictObject(text: string): JsonObject | undefined {
  const value = parseOrUndefined(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return hasKeyTwice(text) ? undefined : new Map(Object.entries(value))
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** For text that `JSON.parse` has accepted, so that a string before a colon is a key and brackets match. */
function hasKeyTwice(text: string): boolean {
  const open: Set<unknown>[] = []
  let previous = ''
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set())
    if (token === '}' || token === ']') open.pop()
    if (token === ':') {
      const keys = open.at(-1)
      const key: unknown = JSON.parse(previous)
      if (keys?.has(key)) return true
      keys?.add(key)
    }
    previous = token
  }
  return false
}
