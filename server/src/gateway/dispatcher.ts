import { COMMANDS, ERRORS, Refused, type CommandName, type ErrorName, type RequestFrame } from '@hongyan/protocol'
import { Compile } from 'typebox/compile'
import type { Caller, HandledCommand, Handlers } from '../commands/handler.ts'
import type { Logger } from '../kit/logger.ts'
import { Outage } from '../kit/outage.ts'

/** Checks of all commands' bodies, compiled once. */
const CHECKS: ReadonlyMap<string, { Check(body: unknown): boolean }> = new Map(
  Object.entries(COMMANDS).map(([name, spec]) => [name, Compile(spec.request)]),
)

/** The body if it has the form its command demands. Refuses UNKNOWN_COMMAND and BAD_REQUEST. */
export function checkBody(frame: RequestFrame): void {
  const check = CHECKS.get(frame.command)
  if (!check) throw new Refused('UNKNOWN_COMMAND')
  if (!check.Check(frame.body)) throw new Refused('BAD_REQUEST')
}

export interface DispatcherDeps {
  readonly handlers: Handlers
  readonly log: Logger
  /** Counts a refusal by name. */
  readonly onRefused: (name: ErrorName) => void
}

/** From a checked request to the text of its answer; the one place where errors are caught. */
export class Dispatcher {
  readonly #deps: DispatcherDeps

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
  }

  /** The reply or error frame; never rejects. */
  async answer(frame: RequestFrame, serve: () => unknown): Promise<string> {
    try {
      const body = await serve()
      return `{"type":"reply","id":${frame.id},"body":${JSON.stringify(body)}}`
    } catch (err) {
      return this.refusal(frame, err)
    }
  }

  serve(caller: Caller, frame: RequestFrame): unknown {
    checkBody(frame)
    return this.#call(frame.command as HandledCommand, caller, frame.body)
  }

  refusal(frame: RequestFrame, err: unknown): string {
    const name = this.#nameOf(frame, err)
    this.#deps.onRefused(name)
    const { code, retryable, text } = ERRORS[name]
    return JSON.stringify({ type: 'error', id: frame.id, error: { name, code, retryable, text } })
  }

  #nameOf(frame: RequestFrame, err: unknown): ErrorName {
    if (err instanceof Refused) return err.code
    if (err instanceof Outage) {
      this.#deps.log.warn({ err, command: frame.command }, 'what the server stands on did not answer')
      return 'BUSY'
    }
    this.#deps.log.error({ err, command: frame.command }, 'a command failed')
    return 'INTERNAL'
  }

  /** The body has passed the schema of this very command, so its type is right whatever the command is. */
  #call<Name extends HandledCommand>(name: Name, caller: Caller, body: unknown): unknown {
    const handler = this.#deps.handlers[name] as (caller: Caller, body: unknown) => unknown
    return handler(caller, body)
  }
}

/** Commands that may be served side by side; see inbox.ts. */
export function isPipelined(command: string): boolean {
  return command === ('message.send' satisfies CommandName)
}
