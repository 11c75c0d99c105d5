import type { StoreFlaws } from './sim-transaction.ts'
export interface PlantedBug {
  readonly name: string
  plant(flaws: StoreFlaws): () => void
}
