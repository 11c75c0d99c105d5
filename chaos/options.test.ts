import { describe, expect, test } from 'vitest'
import { BadCommand, parseTask } from './options.ts'

describe('what npm run chaos is asked to do', () => {
  test('rows of the matrix, at the load of the matrix with --long', () => {
    expect(parseTask(['--fault', 'F-03,F-07', '--long', '--seed', '7', '--pairs', '9'])).toMatchObject({
      kind: 'faults',
      ids: ['F-03', 'F-07'],
      isBrief: false,
      run: { seed: 7, topology: 'three', scale: { users: 200, pairs: 9, rate: 500 } },
    })
  })

  test('a mix, and less of it', () => {
    const mix = { name: 'short', faults: 3, messages: 60_000, deadlineMs: 120_000 }
    expect(parseTask(['--short', '--faults', '3', '--minutes', '2'])).toMatchObject({ kind: 'mix', mix })
  })

  test('one gateway with everything in itself', () => {
    expect(parseTask(['--short', '--one'])).toMatchObject({ kind: 'mix', run: { topology: 'one' } })
    expect(parseTask(['--fault', 'E-02'])).toMatchObject({ kind: 'faults', run: { topology: 'one' } })
  })

  test('help, the list and the checkers need nothing else', () => {
    expect(parseTask(['--help']).kind).toBe('help')
    expect(parseTask(['--list']).kind).toBe('list')
    expect(parseTask(['--check', '/records'])).toEqual({ kind: 'check', folder: '/records' })
  })

  test.each([
    ['nothing', [], /npm run chaos/],
    ['an unknown option', ['--nope'], /--nope[^]*npm run chaos/],
    ['a number that is none', ['--short', '--seed', '1.5'], /not a whole number: 1\.5/],
  ])('%s is told in words', (_what, args, message) => {
    expect(() => parseTask(args)).toThrow(BadCommand)
    expect(() => parseTask(args)).toThrow(message)
  })
})
