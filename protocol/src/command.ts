import type { Static, TSchema } from 'typebox'

/** A command: the form of its request's body and of its reply's. */
export interface CommandSpec<Request extends TSchema = TSchema, Reply extends TSchema = TSchema> {
  readonly request: Request
  readonly reply: Reply
}

/** Declares a command; the types of request and reply are inferred from the schemas. */
export function defineCommand<Request extends TSchema, Reply extends TSchema>(
  spec: CommandSpec<Request, Reply>,
): CommandSpec<Request, Reply> {
  return spec
}

export type RequestOfSpec<Spec> = Spec extends CommandSpec<infer Request, TSchema> ? Static<Request> : never
export type ReplyOfSpec<Spec> = Spec extends CommandSpec<TSchema, infer Reply> ? Static<Reply> : never
