/**
 * The connection as one table: state × input → next state and what is to be done. Pure; `connection.ts` carries the
 * effects out. Described with its invariants in docs/SDK-STATES.md.
 */
export type State =
  /** Nobody is logged in. */
  | 'idle'
  /** A socket is being opened. */
  | 'dialling'
  /** The socket is open; session.open waits for its answer. */
  | 'opening'
  /** The session is open; the store is being brought up to date. */
  | 'syncing'
  /** Up to date and live. */
  | 'ready'
  /** The connection was lost; the next attempt has its time. */
  | 'waiting'
  /** The login is over: logged out, displaced, expired. */
  | 'closed'

export type Input =
  /** The application logs in. */
  | 'open'
  /** The socket is open. */
  | 'dialled'
  /** The server accepted the session. */
  | 'opened'
  /** The snapshot or the resume is complete. */
  | 'caughtUp'
  /** The socket died, or was given up. */
  | 'lost'
  /** The wait is over. */
  | 'timer'
  /** The device woke up or its network came back. */
  | 'wake'
  /** The first attempt of a login failed, for whatever reason. */
  | 'failed'
  /** The server ended the login for good: displaced, expired, disabled. */
  | 'ended'
  /** The application logs out. */
  | 'close'

export type Effect =
  | 'dial'
  /** Send session.open. */
  | 'authenticate'
  /** Start the snapshot or the resume, and watch the connection. */
  | 'catchUp'
  /** Let requests flow, all of them at the latest now. */
  | 'flow'
  /** Close the socket and forget it. */
  | 'drop'
  /** Start the wait before the next attempt. */
  | 'wait'
  | 'stopWaiting'
  | 'resetBackoff'
  /** Ask for a sign of life with a short deadline. */
  | 'probe'

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** What follows from an input in a state. */
export function step(state: State, input: Input): Step {
  return TABLE[state][input]
}

function to(state: State, ...effects: Effect[]): Step {
  return { state, effects }
}

// Every cell is written down: a new state or input does not compile until each of its cells is decided. [STATE-1]
const TABLE: Record<State, Record<Input, Step>> = {
  idle: {
    open: to('dialling', 'resetBackoff', 'dial'),
    dialled: to('idle'),
    opened: to('idle'),
    caughtUp: to('idle'),
    lost: to('idle'),
    timer: to('idle'),
    wake: to('idle'),
    failed: to('idle'),
    ended: to('idle'),
    close: to('closed'),
  },
  dialling: {
    open: to('dialling'),
    dialled: to('opening', 'authenticate'),
    opened: to('dialling'),
    caughtUp: to('dialling'),
    lost: to('waiting', 'drop', 'wait'),
    timer: to('dialling'),
    wake: to('dialling'),
    failed: to('idle', 'drop'),
    ended: to('closed', 'drop'),
    close: to('closed', 'drop'),
  },
  opening: {
    open: to('opening'),
    dialled: to('opening'),
    opened: to('syncing', 'catchUp'),
    caughtUp: to('opening'),
    lost: to('waiting', 'drop', 'wait'),
    timer: to('opening'),
    wake: to('opening'),
    failed: to('idle', 'drop'),
    ended: to('closed', 'drop'),
    close: to('closed', 'drop'),
  },
  syncing: {
    open: to('syncing'),
    dialled: to('syncing'),
    opened: to('syncing'),
    caughtUp: to('ready', 'flow'),
    lost: to('waiting', 'drop', 'wait'),
    timer: to('syncing'),
    wake: to('syncing', 'probe'),
    failed: to('syncing'),
    ended: to('closed', 'drop'),
    close: to('closed', 'drop'),
  },
  ready: {
    open: to('ready'),
    dialled: to('ready'),
    opened: to('ready'),
    caughtUp: to('ready'),
    lost: to('waiting', 'drop', 'wait'),
    timer: to('ready'),
    wake: to('ready', 'probe'),
    failed: to('ready'),
    ended: to('closed', 'drop'),
    close: to('closed', 'drop'),
  },
  waiting: {
    open: to('dialling', 'stopWaiting', 'resetBackoff', 'dial'),
    dialled: to('waiting'),
    opened: to('waiting'),
    caughtUp: to('waiting'),
    lost: to('waiting'),
    timer: to('dialling', 'dial'),
    wake: to('dialling', 'stopWaiting', 'resetBackoff', 'dial'),
    failed: to('waiting'),
    ended: to('waiting'),
    close: to('closed', 'stopWaiting'),
  },
  closed: {
    open: to('dialling', 'resetBackoff', 'dial'),
    dialled: to('closed'),
    opened: to('closed'),
    caughtUp: to('closed'),
    lost: to('closed'),
    timer: to('closed'),
    wake: to('closed'),
    failed: to('closed'),
    ended: to('closed'),
    close: to('closed'),
  },
}
