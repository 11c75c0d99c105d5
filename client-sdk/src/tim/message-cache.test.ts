import { describe, expect, test } from 'vitest'
import { Message } from './mapping/message.ts'
import { MessageCache } from './message-cache.ts'

function message(sequence: number, peer = 'a'): Message {
  return new Message({
    ID: `${peer}-${sequence}`,
    conversationID: `C2C${peer}`,
    to: 'me',
    from: peer,
    flow: 'in',
    elements: [{ type: 'TIMTextElem', content: { text: String(sequence) } }],
    time: sequence,
    clientTime: sequence,
    sequence,
    clientSequence: sequence,
    random: 0,
    status: 'success',
    senderTinyID: '1',
  })
}

const range = (from: number, to: number, peer?: string): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index, peer))
const sequences = (cache: MessageCache, peer = 'a'): number[] => cache.list(`C2C${peer}`).map((m) => m.sequence)

describe('the message cache', () => {
  test('keeps the first object of an ID, in the order of arrival with older pages before', () => {
    const cache = new MessageCache()
    const [five, six] = [message(5), message(6)]
    cache.append(five)
    cache.append(six)
    cache.append(message(5))
    cache.prepend('C2Ca', [...range(3, 4), message(5)])
    expect(sequences(cache)).toEqual([3, 4, 5, 6])
    expect(cache.find('a-5')).toBe(five)
  })

  test('drops the oldest of a conversation, whichever end grows, and still finds them for a while', () => {
    const cache = new MessageCache({ perConversation: 4, inAll: 100, aside: 3 })
    for (const one of range(5, 8)) cache.append(one)
    cache.append(message(9))
    expect(sequences(cache)).toEqual([6, 7, 8, 9])
    expect(cache.isListed('a-5')).toBe(false)
    expect(cache.find('a-5')).toBeDefined()
    const page = range(1, 5)
    cache.prepend('C2Ca', page)
    expect(sequences(cache)).toEqual([6, 7, 8, 9])
    expect(page.map(({ ID }) => cache.find(ID) !== undefined)).toEqual([false, false, true, true, true])
  })

  test('drops the conversation that was not touched for longest when all together are too many', () => {
    const cache = new MessageCache({ perConversation: 100, inAll: 6, aside: 0 })
    for (const peer of ['a', 'b', 'c']) for (const one of range(1, 2, peer)) cache.append(one)
    cache.append(message(3, 'a'))
    expect([sequences(cache, 'a'), sequences(cache, 'b'), sequences(cache, 'c')]).toEqual([[1, 2, 3], [], [1, 2]])
    expect(cache.find('b-1')).toBeUndefined()
  })

  test('removes one message by its ID, from wherever the object came', () => {
    const cache = new MessageCache()
    for (const one of range(1, 3)) cache.append(one)
    cache.remove(message(2))
    expect(sequences(cache)).toEqual([1, 3])
    expect(cache.find('a-2')).toBeUndefined()
  })

  test('gives back what was in a conversation when it is emptied, and then finds none of it', () => {
    const cache = new MessageCache()
    const all = range(1, 3)
    for (const one of all) cache.append(one)
    expect(cache.clear('C2Ca')).toEqual(all)
    expect(cache.find('a-1')).toBeUndefined()
    cache.append(message(4))
    cache.keepAside(range(7, 8))
    cache.clearAll()
    expect([sequences(cache), cache.find('a-7'), cache.find('a-4')]).toEqual([[], undefined, undefined])
  })
})
