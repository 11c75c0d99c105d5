/** May a page of this origin connect? Clients that are no pages (mini-programs, Node) send none and may (S-WS3). */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true
  const parsed = parseOrigin(origin)
  if (parsed === undefined) return false
  return allowed.includes(parsed.origin) || (host !== undefined && parsed.host === host.toLowerCase())
}

function parseOrigin(origin: string): URL | undefined {
  try {
    const url = new URL(origin)
    // Only what a browser would write: nothing after the host, no spelling tricks.
    return url.origin === origin.toLowerCase() ? url : undefined
  } catch {
    return undefined
  }
}
