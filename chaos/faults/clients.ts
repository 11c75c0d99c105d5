import { FaultProxy } from '../../server/test/kit/fault-proxy.ts'
import { pause } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

const SLOW_SHARE = 0.1
const MIB = 2 ** 20

export const CLIENT_FAULTS: readonly Scenario[] = [
  {
    id: 'F-13',
    what: 'a black hole between clients and a gateway, each direction by itself',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      for (const direction of isBrief
        ? [random.pick(['toServer', 'toClient'] as const)]
        : (['toServer', 'toClient'] as const)) {
        const { front } = rig.cluster.gateway(random.whole(0, 2))
        front.set({ kind: 'blackHole', directions: [direction] })
        // 45 s: the client has asked for a sign of life and given up; 65 s: the server has, too.
        await pause(isBrief ? 2_500 : 65_000)
        front.heal()
        await rig.untilCaughtUp(`a black hole ${direction}`)
        finding.note(direction)
      }
      return finding
    },
  },
  {
    id: 'F-14',
    what: 'cut the TCP after n bytes of server output, n random from 1 to 5,000',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const endMs = performance.now() + (isBrief ? 1_500 : 10_000)
      while (performance.now() < endMs) {
        for (const { front } of rig.cluster.gateways) front.set({ kind: 'cut', afterBytes: random.whole(1, 5_000) })
        await pause(250)
      }
      return finding
    },
  },
  {
    id: 'F-15',
    what: '10 % of the clients stop reading for 5 min',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      const gateway = rig.cluster.gateway(random.whole(0, 2))
      const narrow = await FaultProxy.start({ port: gateway.port })
      const rssBefore = gateway.rss()
      rig.crew.narrow(SLOW_SHARE, narrow.port)
      await pause(1_500)
      narrow.set({ kind: 'stall', directions: ['toClient'] })
      await pause(isBrief ? 2_500 : 300_000)
      finding.goal('memory of the gateway grew by, MiB', 200, (gateway.rss() - rssBefore) / MIB)
      const dropped = (await gateway.ask('/metrics')) ?? ''
      finding.note(`closed as too slow: ${/closed_total\{name="SLOW_CONSUMER"\} (\d+)/.exec(dropped)?.[1] ?? 0}`)
      rig.crew.narrow(0, 0)
      await narrow.stop()
      return finding
    },
  },
  {
    id: 'F-23',
    what: 'mini-programs lie in the background for 4/6/300 s, networks change',
    isMixable: true,
    run: async (rig, { random, isBrief }) => {
      const finding = new Finding()
      for (const forMs of isBrief ? [random.pick([1_500, 6_000])] : [4_000, 6_000, 300_000]) {
        await rig.crew.doze(0.3, forMs)
        await rig.untilCaughtUp(`${forMs} ms in the background`)
        rig.crew.flap(0.5)
        finding.note(`${forMs} ms in the background`)
      }
      finding.note('killed in the middle of a send: e2e/miniprogram/life.e2e.test.ts')
      finding.effect = Math.round(rig.population.users.length * 2 * 0.3)
      return finding
    },
  },
]
