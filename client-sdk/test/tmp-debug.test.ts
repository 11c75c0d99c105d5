import { test } from 'vitest'
import { World } from './world.ts'
const FAULTS = { lose: 0.04, duplicate: 0.04, swap: 0.04, mute: 0.01, cut: 0.01 }
test('debug', async () => {
  const ops = [{"kind":"send","by":0,"to":3,"sort":0},{"kind":"send","by":0,"to":0,"sort":59},{"kind":"send","by":0,"to":1,"sort":0},{"kind":"send","by":0,"to":3,"sort":0},{"kind":"wait","ms":3000},{"kind":"backUp"},{"kind":"send","by":1,"to":0,"sort":0},{"kind":"restore"},{"kind":"wait","ms":700},{"kind":"wait","ms":700},{"kind":"send","by":0,"to":0,"sort":82},{"kind":"wait","ms":700},{"kind":"restore"},{"kind":"send","by":0,"to":0,"sort":0}] as any[]
  const world = new World(308597667, { users: 2, devicesEach: 2, faults: FAULTS, catchUpEntries: 50, pageSize: 2 })
  for (const [i, d] of world.devices.entries()) {
    const t = d.transport as any
    const dial = t.dial.bind(t)
    if (i > 1) continue
    t.dial = (url: string, ev: any) => {
      console.log(world.clock.monotonicMs(), i, 'DIAL')
      const s = dial(url, { onOpen: ev.onOpen, onText: (x: string) => { console.log(world.clock.monotonicMs(), i, '<', x.slice(0, 400)); ev.onText(x) }, onClose: (c: number, r: string) => { console.log(world.clock.monotonicMs(), i, 'CLOSE', c); ev.onClose(c, r) } })
      return { send: (x: string) => { console.log(world.clock.monotonicMs(), i, '>', x.slice(0, 300)); s.send(x) }, close: s.close }
    }
  }
  await world.start()
  for (const op of ops) { console.log('----', JSON.stringify(op)); await world.take(op) }
  console.log('---- heal')
  await world.heal()
  for (const d of world.devices) console.log(d.userId, d.client.stateDigest(), world.server.digest(d.userId), JSON.stringify(d.client.conversations()))
})
