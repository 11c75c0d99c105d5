import { UsersFileInvalid } from './accounts/users-file.ts'
import { ConfigInvalid } from './config/read-options.ts'
import { StartRefused } from './db/start-refused.ts'
import { Outage } from './kit/outage.ts'

/** What a person reads when the server does not start: a line each, without a stack. */
export function explainStartError(err: unknown): readonly string[] {
  if (err instanceof ConfigInvalid) return err.problems.map((problem) => `setting ${problem}`)
  if (err instanceof StartRefused || err instanceof UsersFileInvalid) return [err.message]
  if (err instanceof Outage) return [`the database cannot be reached: ${oneLine(causeOf(err))}`]
  if (isListenError(err)) return [listenProblem(err)]
  return [oneLine(err)]
}

interface ListenError extends Error {
  readonly code: string
  readonly port?: number
  readonly address?: string
}

function isListenError(err: unknown): err is ListenError {
  return err instanceof Error && 'syscall' in err && err.syscall === 'listen' && 'code' in err
}

function listenProblem({ code, port, address }: ListenError): string {
  const where = `${address ?? ''}:${port ?? ''}`
  if (code === 'EADDRINUSE') return `port ${port ?? ''} is taken by another program; choose another with PORT`
  if (code === 'EACCES') return `${where} may not be listened on by this user; choose a PORT above 1023`
  if (code === 'EADDRNOTAVAIL') return `${where} is not an address of this machine; check HOST`
  return `cannot listen on ${where}: ${code}`
}

/** The innermost cause: what the operating system or PostgreSQL said. */
function causeOf(err: Error): unknown {
  return err.cause instanceof Error ? causeOf(err.cause) : err
}

function oneLine(err: unknown): string {
  const text = err instanceof Error ? err.message || err.name : String(err)
  return text.replaceAll(/\s+/g, ' ').trim()
}
