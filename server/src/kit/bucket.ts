/** A name's bucket, the same on every node and in every version: what is kept or published by bucket is found again by it. */
export function bucketOf(name: string, buckets: number): number {
  // FNV-1a over UTF-16 units: no bytes need be made of the name, and it is even enough.
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % buckets
}
