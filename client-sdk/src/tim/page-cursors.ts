/** Lists whose pages are remembered. */
const MAX_LISTS = 200

/**
 * TIM pages through lists by offsets, our server by words of its own: remembers which word leads to which offset. An
 * offset that nobody gave is reached by paging there.
 */
export class PageCursors {
  private readonly lists = new Map<string, Map<number, string>>()

  /**
   * A page from an offset; `next` is the offset behind it, 0 at the end. `fetch` gives at most `limit` items and the word
   * for what follows.
   */
  async page<Item>(
    list: string,
    offset: number,
    limit: number,
    fetch: (after: string | undefined, limit: number) => Promise<{ items: readonly Item[]; next: string | undefined }>,
  ): Promise<{ items: readonly Item[]; next: number }> {
    let at = this.nearest(list, offset)
    while (at < offset) {
      const { items, next } = await fetch(this.wordFor(list, at), Math.min(limit, offset - at))
      at += items.length
      if (next === undefined || items.length === 0) return { items: [], next: 0 }
      this.remember(list, at, next)
    }
    const { items, next } = await fetch(this.wordFor(list, offset), limit)
    if (next === undefined || items.length === 0) return { items, next: 0 }
    this.remember(list, offset + items.length, next)
    return { items, next: offset + items.length }
  }

  private nearest(list: string, offset: number): number {
    return Math.max(0, ...[...(this.lists.get(list)?.keys() ?? [])].filter((known) => known <= offset))
  }

  private wordFor(list: string, offset: number): string | undefined {
    return offset === 0 ? undefined : this.lists.get(list)?.get(offset)
  }

  private remember(list: string, offset: number, word: string): void {
    const words = this.lists.get(list) ?? new Map<number, string>()
    words.set(offset, word)
    this.lists.delete(list)
    this.lists.set(list, words)
    for (const oldest of this.lists.keys()) {
      if (this.lists.size <= MAX_LISTS) return
      this.lists.delete(oldest)
    }
  }
}
