import type { FromPlayer, ToPlayer } from './orders.ts'
import { Player } from './player.ts'

// A process of a run with several; the conductor forks it.

const player = new Player((message: FromPlayer) => {
  process.send?.(message)
})
process.on('message', (message: ToPlayer) => player.take(message))
// Without the conductor there is nobody to tell.
process.on('disconnect', () => process.exit(1))
// Ctrl-C reaches all processes of a terminal; the conductor decides what happens then.
process.on('SIGINT', () => {})
