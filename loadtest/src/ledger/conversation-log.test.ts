import { expect, test } from 'vitest'
import { identityOf } from '../wire/mark.ts'
import { emptyBooks, type Books } from './books.ts'
import { Budget, ConversationLog, FOREIGN } from './conversation-log.ts'

const one = (number: number): number => identityOf({ sender: 1, number })
const two = (number: number): number => identityOf({ sender: 2, number })

function begin(followers = 2): { readonly books: Books; readonly log: ConversationLog } {
  const books = emptyBooks()
  return { books, log: new ConversationLog(books, new Budget(100), followers) }
}

test('what is told and seen in the same place is in order, whichever comes first', () => {
  const { books, log } = begin()
  log.see(1, FOREIGN)
  log.tell(2, one(1))
  log.see(2, one(1))
  log.see(3, two(1))
  log.see(3, two(1))
  log.tell(3, two(1))
  expect(books).toEqual(emptyBooks())
  expect(log.toldAfter(0)).toBe(2)
  expect(log.toldAfter(2)).toBe(1)
  expect(log.toldAfter(3)).toBe(0)
})

test('two clients who are given different entries in one place are noticed', () => {
  const { books, log } = begin()
  log.see(1, one(1))
  log.see(1, two(1))
  expect(books.diverged).toBe(1)
})

test('a sender who was told of a place that holds something else is noticed', () => {
  const { books, log } = begin()
  log.see(1, FOREIGN)
  log.tell(1, one(1))
  log.tell(2, two(1))
  log.see(2, two(2))
  expect(books.diverged).toBe(2)
})

test('a message that stands in a conversation twice is noticed, and one that overtook another', () => {
  const { books, log } = begin()
  log.see(1, one(1))
  log.see(2, one(1))
  expect(books.doubled).toBe(1)
  log.see(3, one(3))
  log.see(4, one(2))
  expect(books.reordered).toBe(1)
})

test('what everybody is past is forgotten, however long it goes on; what is open is not', () => {
  const books = emptyBooks()
  // Room for two parts at a time.
  const log = new ConversationLog(books, new Budget(2), 2)
  for (let offset = 1; offset <= 10_000; offset++) {
    log.see(offset, one(offset))
    log.passed(offset - 1, offset)
    log.see(offset, one(offset))
    log.passed(offset - 1, offset)
    log.tell(offset, one(offset))
  }
  expect(books).toEqual(emptyBooks())
})

test('beyond its bound the log says what it did not compare', () => {
  const books = emptyBooks()
  const log = new ConversationLog(books, new Budget(1), 2)
  for (let offset = 1; offset <= 100; offset++) log.see(offset, one(offset))
  expect(books.unchecked).toBe(100 - 63)
})
