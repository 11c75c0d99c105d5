import { describe, expect, test } from 'vitest'
import { Blocks, type Patch } from './blocks.ts'

interface Row {
  readonly id: string
  readonly text: string
  readonly more?: object
}

function row(id: string, text = id): Row {
  return { id, text }
}

/** What a page would show after these patches: `setData` as WeChat's documentation has it. */
class Page {
  data: Record<string, unknown> = structuredClone(Blocks.EMPTY) as Record<string, unknown>

  apply(patch: Patch): void {
    for (const [path, value] of Object.entries(structuredClone(patch))) {
      const keys = path.split(/[.[\]]+/).filter((key) => key !== '')
      const last = keys.pop() ?? ''
      const target = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, this.data)
      target[last] = value
    }
  }

  texts(): readonly string[] {
    const { order, blocks } = this.data as { order: string[]; blocks: Record<string, Row[]> }
    return order.flatMap((name) => (blocks[name] ?? []).map(({ text }) => text))
  }
}

describe('a list in blocks', () => {
  test('shows what it holds after growing at both ends, changing and losing rows', () => {
    const [blocks, page] = [new Blocks<Row>(), new Page()]
    page.apply(blocks.reset([row('c'), row('d')]))
    page.apply(blocks.prepend([row('a'), row('b')]))
    page.apply(blocks.append(row('e')))
    page.apply(blocks.replace(row('b', 'B')))
    page.apply(blocks.remove('d'))
    expect(page.texts()).toEqual(['a', 'B', 'c', 'e'])
    expect(blocks.all().map(({ text }) => text)).toEqual(page.texts())
  })

  test('grows by one row a patch, however long it is', () => {
    const [blocks, page] = [new Blocks<Row>(), new Page()]
    const sizes = Array.from({ length: 500 }, (_, index) => {
      const patch = blocks.append(row(`m${index}`))
      page.apply(patch)
      return JSON.stringify(patch).length
    })
    expect(page.texts()).toHaveLength(500)
    expect(Math.max(...sizes)).toBeLessThan(300)
  })

  test('sends only the fields of a row that differ', () => {
    const blocks = new Blocks<Row>()
    blocks.reset([row('a'), row('b')])
    expect(blocks.replace(row('b', 'changed'))).toEqual({ 'blocks.b0[1].text': 'changed' })
    expect(blocks.replace(row('b', 'changed'))).toEqual({})
  })

  test('sends the whole row when a field has gone, for a path cannot take one away', () => {
    const blocks = new Blocks<Row>()
    blocks.reset([{ id: 'a', text: 'a', more: {} }])
    expect(blocks.replace(row('a'))).toEqual({ 'blocks.b0[0]': row('a') })
  })

  test('leaves unknown rows alone', () => {
    const blocks = new Blocks<Row>()
    expect([blocks.replace(row('x')), blocks.remove('x'), blocks.prepend([])]).toEqual([{}, {}, {}])
  })

  test('begins anew without the blocks of before', () => {
    const [blocks, page] = [new Blocks<Row>(), new Page()]
    page.apply(blocks.reset([row('a')]))
    page.apply(blocks.prepend([row('b')]))
    page.apply(blocks.reset([row('c')]))
    expect(page.texts()).toEqual(['c'])
    expect(blocks.find('a')).toBeUndefined()
  })
})
