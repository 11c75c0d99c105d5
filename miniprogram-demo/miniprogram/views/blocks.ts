/** What is handed to `setData`: paths and their values. */
export type Patch = { readonly [path: string]: unknown }

interface WithId {
  readonly id: string
}

/** So many rows in a block: one block goes over the bridge in a few kilobytes. */
const BLOCK_ROWS = 30

/**
 * A long list in blocks, so that it grows at both ends by small patches: an array could grow at its end only, because
 * a path names a place by its number. A page shows `order`, the names of the blocks, and in each `blocks[name]`.
 */
export class Blocks<Row extends WithId> {
  private order: readonly string[] = ['b0']
  private readonly rows = new Map<string, Row[]>([['b0', []]])
  private next = 1

  /** What a page begins with. */
  static readonly EMPTY: Patch = { order: ['b0'], blocks: { b0: [] } }

  get size(): number {
    return this.all().length
  }

  /** All rows, from the top to the bottom. */
  all(): readonly Row[] {
    return this.order.reduce<Row[]>((all, name) => all.concat(this.rows.get(name) ?? []), [])
  }

  find(id: string): Row | undefined {
    const place = this.placeOf(id)
    return place && this.rows.get(place.name)?.[place.index]
  }

  reset(rows: readonly Row[]): Patch {
    this.rows.clear()
    this.rows.set('b0', [...rows])
    this.order = ['b0']
    return { order: this.order, blocks: { b0: rows } }
  }

  prepend(rows: readonly Row[]): Patch {
    if (rows.length === 0) return {}
    const name = this.newName()
    this.rows.set(name, [...rows])
    this.order = [name, ...this.order]
    return { [`blocks.${name}`]: rows, order: this.order }
  }

  append(row: Row): Patch {
    const last = this.order[this.order.length - 1] ?? 'b0'
    const block = this.rows.get(last) ?? []
    if (block.length < BLOCK_ROWS) {
      block.push(row)
      return { [`blocks.${last}[${block.length - 1}]`]: row }
    }
    const name = this.newName()
    this.rows.set(name, [row])
    this.order = [...this.order, name]
    return { [`blocks.${name}`]: [row], order: this.order }
  }

  /** Only the fields that differ. */
  replace(row: Row): Patch {
    const place = this.placeOf(row.id)
    const block = place && this.rows.get(place.name)
    const old = place && block?.[place.index]
    if (place === undefined || block === undefined || old === undefined) return {}
    block[place.index] = row
    return changedFields(`blocks.${place.name}[${place.index}]`, old, row)
  }

  remove(id: string): Patch {
    const place = this.placeOf(id)
    const block = place && this.rows.get(place.name)
    if (place === undefined || block === undefined) return {}
    block.splice(place.index, 1)
    return { [`blocks.${place.name}`]: [...block] }
  }

  private newName(): string {
    return `b${this.next++}`
  }

  private placeOf(id: string): { readonly name: string; readonly index: number } | undefined {
    // Changes are mostly at the end.
    for (let at = this.order.length - 1; at >= 0; at--) {
      const name = this.order[at] ?? ''
      const index = (this.rows.get(name) ?? []).findIndex((row) => row.id === id)
      if (index >= 0) return { name, index }
    }
    return undefined
  }
}

function changedFields(path: string, old: object, row: object): Patch {
  const before = new Map(Object.entries(old))
  const after = new Map(Object.entries(row))
  // A field that goes has no path of its own.
  if ([...before.keys()].some((key) => !after.has(key))) return { [path]: row }
  const patch: { [path: string]: unknown } = {}
  for (const [key, value] of after) {
    if (JSON.stringify(before.get(key)) !== JSON.stringify(value)) patch[`${path}.${key}`] = value
  }
  return patch
}
