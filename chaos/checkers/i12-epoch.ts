import type { Evidence } from '../record/evidence.ts'
import { Blame, type Checker } from './checker.ts'

/** I12: a store that was put back has another epoch, and every device comes to it, never to an earlier one. */
export function checkI12Epoch(evidence: Evidence): Checker {
  const blame = new Blame()
  const chain = chainOf(evidence)
  const at = new Map<string, number>()
  return {
    id: 'I12',
    promise: 'a store that was put back is noticed',
    see: (event) => {
      if (event.kind !== 'epoch') return
      blame.judged++
      const place = chain.indexOf(event.epoch)
      const before = at.get(event.device) ?? -1
      if (place < 0) blame.add(`${event.device} is in ${event.epoch}, which there never was`)
      else if (place <= before) blame.add(`${event.device} went back from ${chain[before]} to ${event.epoch}`)
      at.set(event.device, Math.max(before, place))
    },
    finish: () => {
      for (const { from, to } of evidence.rewinds) if (from === to) blame.add(`a store that was put back kept ${from}`)
      for (const { name } of evidence.run.devices) {
        blame.judged++
        const epoch = chain[at.get(name) ?? -1]
        if (epoch !== evidence.store.epoch) blame.add(`${name} is in ${epoch}, the store in ${evidence.store.epoch}`)
      }
      for (const { device, epoch } of evidence.sent) {
        if (!chain.includes(epoch)) blame.add(`${device} was acknowledged something in ${epoch || 'no epoch'}`)
      }
      return blame.verdict()
    },
  }
}

function chainOf({ rewinds, store }: Evidence): readonly string[] {
  const [first] = rewinds
  return first === undefined ? [store.epoch] : [first.from, ...rewinds.map(({ to }) => to)]
}
