/** What the process of a crowd is told. */
export type CrowdOrder =
  | {
      readonly kind: 'come'
      readonly name: string
      readonly count: number
      readonly isNaive: boolean
      readonly ports: readonly number[]
    }
  /** Where to dial from now on. `isLoss`: what is lost from now on counts. */
  | { readonly kind: 'ports'; readonly ports: readonly number[]; readonly isLoss: boolean }
  | { readonly kind: 'leave' }

/** What it tells. */
export type CrowdNews =
  | { readonly kind: 'came' }
  | {
      readonly kind: 'state'
      readonly present: number
      readonly attempts: number
      /** How long those took who were lost and are back, sorted. */
      readonly resumedMs: readonly number[]
    }
