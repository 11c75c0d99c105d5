/** A hash of all that a build is made from: the same sources give the same hash, whenever and wherever written. */
export function hashBuildInputs(root: string): string
/** What the last whole build was made from; undefined without one, or when a part of its output is gone. */
export function readBuildStamp(root: string): string | undefined
/** To be called last: a build that was interrupted leaves no stamp. */
export function writeBuildStamp(root: string, hash: string): void
/** To be called first: from now on nothing counts as built. */
export function removeBuildStamp(root: string): void
