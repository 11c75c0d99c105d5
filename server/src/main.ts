import { readEnvironment } from './config/env.ts'
import { runServer } from './run-server.ts'

// Nothing calls process.exit: when everything is closed the event loop is empty and the process ends by itself.
process.exitCode = await runServer(readEnvironment)
