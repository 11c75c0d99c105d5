import { Resolver } from 'node:dns/promises'
import { expect, onTestFinished, test } from 'vitest'
import { answerTo, startNameServer } from './name-server.ts'

async function resolverOf(addressesOf: (name: string) => readonly string[]): Promise<Resolver> {
  const server = await startNameServer(addressesOf)
  onTestFinished(() => server.stop())
  const resolver = new Resolver()
  resolver.setServers([server.address])
  return resolver
}

test('a name has all addresses that it has at the moment', async () => {
  let addresses = ['127.87.0.11']
  const resolver = await resolverOf((name) => (name === 'gateway' ? addresses : []))
  expect(await resolver.resolve4('gateway')).toEqual(['127.87.0.11'])
  addresses = ['127.87.0.12', '127.87.0.13']
  expect(await resolver.resolve4('GATEWAY')).toEqual(addresses)
})

test('what has no address is no name', async () => {
  const resolver = await resolverOf(() => [])
  await expect(resolver.resolve4('gateway')).rejects.toThrow('ENOTFOUND')
})

test('nonsense gets no answer', () => {
  for (const bytes of [0, 3, 12, 13]) expect(answerTo(Buffer.alloc(bytes, 1), () => [])).toBeUndefined()
})
