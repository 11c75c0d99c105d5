import { describe, expect, test } from 'vitest'
import { createChannelPair } from '../src/runtime/event-channel.ts'

describe('createChannelPair', () => {
  test('what one end emits the other hears, and not itself', () => {
    const [opener, opened] = createChannelPair()
    const heard: unknown[] = []
    opener.on('hello', (text) => heard.push(`opener ${String(text)}`))
    opened.on('hello', (text) => heard.push(`opened ${String(text)}`))
    opener.emit('hello', 1)
    expect(heard).toEqual(['opened 1'])
  })

  test('waits for the first listener', () => {
    const [opener, opened] = createChannelPair()
    opener.emit('question', 'a')
    opener.emit('question', 'b')
    const heard: unknown[] = []
    opened.on('question', (text) => heard.push(text))
    expect(heard).toEqual(['a', 'b'])
  })

  test('once hears once, off hears no more', () => {
    const [opener, opened] = createChannelPair()
    const heard: unknown[] = []
    const listener = (text: unknown): void => void heard.push(text)
    opened.once('x', listener)
    opener.emit('x', 1)
    opener.emit('x', 2)
    opened.off('x')
    opened.on('y', listener)
    opened.off('y', listener)
    opener.emit('y', 3)
    expect(heard).toEqual([1])
  })
})
