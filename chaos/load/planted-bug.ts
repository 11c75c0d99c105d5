/**
 * Violations that the rig makes itself, so that a run can prove that its checkers see: CHAOS_PLANT=<name>[,<name>].
 * `dropped-push`: one device takes a message's push for one that is not for it. `phantom-ack`: an acknowledgement of a
 * message that was never sent. `told-twice`: a device tells one message twice. `revived`: a device shows a mark that went back.
 */
export const PLANTED_BUGS = ['dropped-push', 'phantom-ack', 'told-twice', 'revived'] as const
export type PlantedBug = (typeof PLANTED_BUGS)[number]

export function plantedBugs(env: NodeJS.ProcessEnv): ReadonlySet<PlantedBug> {
  const names = (env['CHAOS_PLANT'] ?? '').split(',').filter((name) => name !== '')
  return new Set(
    names.map((named) => {
      const found = PLANTED_BUGS.find((name) => name === named)
      if (found === undefined) throw new Error(`CHAOS_PLANT=${named}: there are ${PLANTED_BUGS.join(', ')}`)
      return found
    }),
  )
}

/** True once, at the n-th call. */
export function onceAt(nth: number): () => boolean {
  let calls = 0
  return () => ++calls === nth
}
