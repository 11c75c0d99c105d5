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
  /** Counts a refusal by name; of what the client called the command, it need not be one. */
  readonly onRefused: (name: ErrorName, command: string) => void
}

/** Whose request it is, for the log. */
export interface Requester {
  readonly session: string
  readonly user?: string | undefined
}

/** From a checked request to the text of its answer; the one place where errors are caught. */
export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #served = new Map<string, number>()

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
  }

  /** The reply or error frame; never rejects. */
  async answer(frame: RequestFrame, serve: () => unknown, from?: Requester): Promise<string> {
    try {
      const body = await serve()
      const { log } = this.#deps
      if (log.isLevelEnabled('trace')) log.trace({ ...from, request: frame.id, command: frame.command }, 'answered')
      return `{"type":"reply","id":${frame.id},"body":${JSON.stringify(body)}}`
    } catch (err) {
      return this.refusal(frame, err, from)
    }
  }

  /** Requests whose form was right, by command, since the start. */
  served(): ReadonlyMap<string, number> {
    return this.#served
  }

  serve(caller: Caller, frame: RequestFrame): unknown {
    checkBody(frame)
    this.#served.set(frame.command, (this.#served.get(frame.command) ?? 0) + 1)
    return this.#call(frame.command as HandledCommand, caller, frame.body)
  }

  refusal(frame: RequestFrame, err: unknown, from?: Requester): string {
    const name = this.#nameOf(frame, err, from)
    this.#deps.onRefused(name, frame.command)
    const { code, retryable, text } = ERRORS[name]
    const hint = err instanceof Refused && err.retryAfterMs !== undefined && { retryAfterMs: err.retryAfterMs }
    return JSON.stringify({ type: 'error', id: frame.id, error: { name, code, retryable, text, ...hint } })
  }

  #nameOf({ command, id }: RequestFrame, err: unknown, from: Requester | undefined): ErrorName {
    const { log } = this.#deps
    const facts = { ...from, request: id, command: CHECKS.has(command) ? command : undefined }
    if (err instanceof Refused) {
      if (log.isLevelEnabled('debug')) log.debug({ ...facts, name: err.code }, 'a request was refused')
      return err.code
    }
    if (err instanceof Outage) {
      log.warn({ err, ...facts }, 'what the server stands on did not answer')
      return 'BUSY'
    }
    log.error({ err, ...facts }, 'a command failed')
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
