import type { Evidence } from '../record/evidence.ts'
import { Blame, userOf, type Checker } from './checker.ts'

/** I4: at every checkpoint all devices of a user show the same, and that is what a naive count of the rows gives. */
export function checkI4Convergence(evidence: Evidence): Checker {
  const blame = new Blame()
  const views = new Map<string, { readonly device: string; readonly digest: string }>()
  const seen = new Set<string>()
  return {
    id: 'I4',
    promise: 'all devices agree, and with the database',
    see: (event) => {
      if (event.kind !== 'view') return
      blame.judged++
      const key = `${event.checkpoint} ${userOf(event.device)}`
      seen.add(`${event.checkpoint} ${event.device}`)
      const other = views.get(key)
      if (other === undefined) views.set(key, event)
      else if (other.digest !== event.digest) {
        blame.add(
          `checkpoint ${event.checkpoint}: ${other.device} and ${event.device} differ: ${firstDifference(other.digest, event.digest)}`,
        )
      }
      const truth = evidence.store.truths.get(key) ?? '[]'
      if (truth === event.digest) return
      blame.add(
        `checkpoint ${event.checkpoint}: ${event.device} differs from the rows: ${firstDifference(truth, event.digest)}`,
      )
    },
    finish: () => {
      const checkpoints = new Set([...evidence.store.truths.keys()].map((key) => key.split(' ')[0]))
      for (const checkpoint of checkpoints) {
        for (const { name } of evidence.run.devices) {
          if (!seen.has(`${checkpoint} ${name}`)) blame.add(`checkpoint ${checkpoint}: ${name} shows nothing`)
        }
      }
      return blame.verdict()
    },
  }
}

/** The first conversations that are not the same, of the one and of the other. */
function firstDifference(one: string, other: string): string {
  const [left, right] = [rowsOf(one), rowsOf(other)]
  const different = [...new Set([...left.keys(), ...right.keys()])].filter((id) => left.get(id) !== right.get(id))
  const [first] = different
  return `${different.length} conversations; ${left.get(first ?? '')} | ${right.get(first ?? '')}`
}

function rowsOf(digest: string): ReadonlyMap<string, string> {
  const rows = JSON.parse(digest) as readonly (readonly unknown[])[]
  return new Map(rows.map((row) => [String(row[0]), JSON.stringify(row)]))
}
