import type { DomainLists } from '../host.ts'

/**
 * Whether WeChat would let the address through. An https address must match an entry's host and port; a wss address
 * its host only (any port). The schemes of the test server count as their secure kin, or nothing could run on loopback.
 */
export function isListed(lists: DomainLists | undefined, kind: keyof DomainLists, url: string): boolean {
  if (lists === undefined) return true
  const asked = parseAddress(url)
  if (asked === undefined) return false
  return lists[kind].some((entry) => {
    const allowed = parseAddress(entry)
    if (allowed === undefined || allowed.hostname !== asked.hostname) return false
    return kind === 'socket' || allowed.port === asked.port
  })
}

export function isAddress(url: string, kind: keyof DomainLists): boolean {
  const address = parseAddress(url)
  return address !== undefined && (kind === 'socket' ? /^wss?:$/ : /^https?:$/).test(address.protocol)
}

function parseAddress(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
