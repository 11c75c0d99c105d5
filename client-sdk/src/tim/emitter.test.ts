import { describe, expect, test } from 'vitest'
import { TimEmitter } from './emitter.ts'

function make() {
  const thrown: unknown[] = []
  return { thrown, emitter: new TimEmitter((error) => thrown.push(error)) }
}

describe('an emitter', () => {
  test('gives a name and the very data, with the context as this', () => {
    const { emitter } = make()
    const context = {}
    const data = [1]
    const seen: unknown[] = []
    const handler = function (this: unknown, event: unknown): void {
      seen.push(this, event)
    }
    emitter.on('a', handler, context)
    emitter.emit('a', data, { isSyncCompleted: true })
    expect(seen[0]).toBe(context)
    expect(seen[1]).toEqual({ name: 'a', data: [1], isSyncCompleted: true })
    expect((seen[1] as { data: unknown }).data).toBe(data)
  })

  test('calls a handler as often as it was registered, and takes all of that off at once', () => {
    const { emitter } = make()
    let count = 0
    const handler = (): void => {
      count++
    }
    emitter.on('a', handler, undefined)
    emitter.on('a', handler, { some: 'context' })
    emitter.on('b', handler, undefined)
    emitter.emit('a', undefined)
    expect(count).toBe(2)
    emitter.off('a', handler)
    emitter.emit('a', undefined)
    expect(count).toBe(2)
    emitter.emit('b', undefined)
    expect(count).toBe(3)
  })

  test('goes on to the others when one throws', () => {
    const { emitter, thrown } = make()
    const error = new Error('mine')
    let isCalled = false
    emitter.on(
      'a',
      () => {
        throw error
      },
      undefined,
    )
    emitter.on('a', () => (isCalled = true), undefined)
    emitter.emit('a', undefined)
    expect(isCalled).toBe(true)
    expect(thrown).toEqual([error])
  })

  test('once means once, also when the handler emits the same again', () => {
    const { emitter } = make()
    let count = 0
    emitter.once(
      'a',
      () => {
        count++
        emitter.emit('a', undefined)
      },
      undefined,
    )
    emitter.emit('a', undefined)
    emitter.emit('a', undefined)
    expect(count).toBe(1)
  })

  test('a handler added or taken off during an event counts from the next on', () => {
    const { emitter } = make()
    const calls: string[] = []
    const late = (): void => {
      calls.push('late')
    }
    const first = (): void => {
      calls.push('first')
      emitter.off('a', first)
      emitter.on('a', late, undefined)
    }
    emitter.on('a', first, undefined)
    emitter.emit('a', undefined)
    expect(calls).toEqual(['first'])
    emitter.emit('a', undefined)
    expect(calls).toEqual(['first', 'late'])
  })
})
