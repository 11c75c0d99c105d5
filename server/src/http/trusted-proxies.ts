import { BlockList, isIP } from 'node:net'

/**
 * Whether a peer is one of the listed addresses and networks. Fastify asks from the socket's end of `X-Forwarded-For`
 * backwards, and the first address that is not trusted is the client's: what a client has written into the header itself
 * stands before it and counts for nothing. An IPv4 address is known in its IPv6 spelling, too.
 */
export function trustsProxy(ranges: readonly string[]): (address: string | undefined) => boolean {
  const trusted = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    trusted.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  // A socket that is gone has no address.
  return (address = '') => {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}
