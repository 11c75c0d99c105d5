import type { Profile } from './operations.ts'
import type { StoreFlaws } from './sim-transaction.ts'

/** A mistake made on purpose, for as long as a run lasts. The rig that does not find it is broken. */
export interface PlantedBug {
  readonly name: string
  /** The world in which it shows. */
  readonly profile: Profile
  readonly length: 'short' | 'deep' | number
  /** Returns what takes it out again. */
  readonly plant: (flaws: StoreFlaws) => () => void
}

export type Method = (this: never, ...args: never[]) => unknown

/** Replaces methods of a real class; `original` is what they were. */
export function patch<Name extends string>(
  owner: { readonly prototype: object },
  methods: Readonly<Record<Name, (original: Method) => Method>>,
): () => void {
  const target = owner.prototype as Record<string, Method>
  const originals = Object.keys(methods).map((name) => [name, target[name] as Method] as const)
  for (const [name, original] of originals) target[name] = methods[name as Name](original)
  return () => {
    for (const [name, original] of originals) target[name] = original
  }
}

/** A mistake in what the database is asked, or in what it promises. */
export function flaw(...names: readonly (keyof StoreFlaws)[]): PlantedBug['plant'] {
  return (flaws) => {
    for (const name of names) flaws[name] = true
    return () => {}
  }
}

/** What the patches below reach into: the inside of real classes, which no type of ours names. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Any = Record<string, any>
