import type { Environment } from '../config/config.ts'

/** Where a verb reads its settings and writes its answers. */
export interface CliIo {
  readonly environment: Environment
  /** Writes what was asked for. */
  readonly out: (text: string) => void
  /** Writes what stands in the way. */
  readonly err: (text: string) => void
}

/** One verb of the command `hongyan`. */
export interface CliCommand {
  readonly name: string
  /** Its arguments, as in `hongyan audit [--sample N]`. */
  readonly usage: string
  /** What it does, in one line each. */
  readonly help: string
  readonly helpZh: string
  /** Resolves with the exit code: 0 all is well, 1 the answer is no, 2 it could not be carried out. A rejection becomes a line and 2. */
  run(args: readonly string[], io: CliIo): Promise<number>
}

/** The arguments are not those of the verb; the message says what is wrong with them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments'
}
