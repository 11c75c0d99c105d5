import { netState, type NetState } from './chat'
import { session, type Session } from './session'
import { createStore } from './store'

/** What is wrong with the connection, as the banner tells it. */
export type Trouble = 'none' | 'disconnected' | 'connecting' | 'signingIn' | 'offline'

/** Short losses mend themselves: a line that flashes would only alarm. */
const PATIENCE_MS = 1_500

export const trouble = createStore<Trouble>('none')

let timer: number | undefined

function update(): void {
  if (timer !== undefined) clearTimeout(timer)
  timer = undefined
  const now = troubleOf(netState.get(), session.get())
  if (now === 'none' || trouble.get() !== 'none') trouble.set(now)
  else timer = setTimeout(() => trouble.set(troubleOf(netState.get(), session.get())), PATIENCE_MS)
}

export function troubleOf(net: NetState, { state }: Session): Trouble {
  if (state === 'waiting') return 'offline'
  if (state === 'signingIn') return 'signingIn'
  if (state !== 'signedIn' || net === 'connected') return 'none'
  return net
}

netState.subscribe(update)
session.subscribe(update)
