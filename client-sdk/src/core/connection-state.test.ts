import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { step, type Input, type State } from './connection-state.ts'

const STATES: readonly State[] = ['idle', 'dialling', 'opening', 'syncing', 'ready', 'waiting', 'closed']
const INPUTS: readonly Input[] = [
  'open',
  'dialled',
  'opened',
  'caughtUp',
  'lost',
  'timer',
  'wake',
  'failed',
  'ended',
  'close',
]

// The table of docs/SDK-STATES.md, cell by cell: next state and effects; a dot stays and does nothing.
const EXPECTED: Record<State, string> = {
  idle: 'open→dialling:resetBackoff,dial · · · · · · · · close→closed:',
  dialling:
    '· dialled→opening:authenticate · · lost→waiting:drop,wait · · failed→idle:drop ended→closed:drop close→closed:drop',
  opening:
    '· · opened→syncing:catchUp · lost→waiting:drop,wait · · failed→idle:drop ended→closed:drop close→closed:drop',
  syncing:
    '· · · caughtUp→ready:flow lost→waiting:drop,wait · wake→syncing:probe · ended→closed:drop close→closed:drop',
  ready: '· · · · lost→waiting:drop,wait · wake→ready:probe · ended→closed:drop close→closed:drop',
  waiting:
    'open→dialling:stopWaiting,resetBackoff,dial · · · · timer→dialling:dial wake→dialling:stopWaiting,resetBackoff,dial · · close→closed:stopWaiting',
  closed: 'open→dialling:resetBackoff,dial · · · · · · · · ·',
}

describe('the table', () => {
  for (const state of STATES) {
    const cells = EXPECTED[state].split(' ')
    for (const [index, input] of INPUTS.entries()) {
      const cell = cells[index] ?? ''
      test(`[STATE-1] ${state} × ${input} is decided: ${cell === '·' ? 'nothing happens' : cell}`, () => {
        const { state: next, effects } = step(state, input)
        if (cell === '·') expect({ next, effects }).toEqual({ next: state, effects: [] })
        else expect(`${input}→${next}:${effects.join(',')}`).toBe(cell)
      })
    }
  }
})

describe('whatever comes in whatever order', () => {
  const inputs = fc.array(fc.constantFrom(...INPUTS), { maxLength: 60 })

  function walk(from: State, list: readonly Input[]): { states: State[]; effects: string[] } {
    const states = [from]
    const effects: string[] = []
    let state = from
    for (const input of list) {
      const next = step(state, input)
      state = next.state
      states.push(state)
      effects.push(...next.effects)
    }
    return { states, effects }
  }

  test('[STATE-2] nothing but a login leaves idle or closed for a state with a socket', () => {
    fc.assert(
      fc.property(fc.constantFrom<State>('idle', 'closed'), inputs, (from, list) => {
        const { states } = walk(
          from,
          list.filter((input) => input !== 'open'),
        )
        expect(states.every((state) => state === 'idle' || state === 'closed')).toBe(true)
      }),
    )
  })

  test('[STATE-3] a socket is dialled only when there is none, and dropped before the next', () => {
    fc.assert(
      fc.property(inputs, (list) => {
        let sockets = 0
        for (const effect of walk('idle', list).effects) {
          if (effect === 'dial') sockets++
          if (effect === 'drop') sockets--
          expect(sockets === 0 || sockets === 1).toBe(true)
        }
      }),
    )
  })

  test('[STATE-4] a wait runs exactly while waiting: it is started on the way in and spent or stopped on the way out', () => {
    fc.assert(
      fc.property(inputs, (list) => {
        let state: State = 'idle'
        for (const input of list) {
          const next = step(state, input)
          const starts = next.effects.includes('wait')
          expect(starts).toBe(state !== 'waiting' && next.state === 'waiting')
          const stops = next.effects.includes('stopWaiting')
          expect(stops).toBe(state === 'waiting' && next.state !== 'waiting' && input !== 'timer')
          state = next.state
        }
      }),
    )
  })

  test('[STATE-5] requests flow only on the way from syncing to ready', () => {
    for (const state of STATES) {
      for (const input of INPUTS) {
        const next = step(state, input)
        expect(next.effects.includes('flow')).toBe(state === 'syncing' && next.state === 'ready')
      }
    }
  })

  test('[STATE-6] from every state with a login, its end and a logout lead to closed or stay without a socket', () => {
    for (const state of STATES) expect(['closed', 'idle']).toContain(step(step(state, 'close').state, 'ended').state)
    for (const state of ['dialling', 'opening', 'syncing', 'ready'] as const) {
      expect(step(state, 'ended')).toEqual({ state: 'closed', effects: ['drop'] })
    }
  })
})
