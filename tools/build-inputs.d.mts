/** The packages of a checkout that are built, each after those it needs. */
export function partsOf(root: string): string[]
/** A hash of all that a part is built from, other parts included: the same sources give the same hash, whenever and wherever written. */
export function hashBuildInputs(root: string, part: string): string
/** What each part that is built was built from. */
export function readBuildStamps(root: string): Record<string, string>
/** A part's stamp is to be written last, and taken away first: an interrupted build leaves none. */
export function writeBuildStamps(root: string, stamps: Readonly<Record<string, string>>): void
/** The parts that are not built, or from other sources, in the order in which to build them. */
export function staleParts(root: string): string[]
