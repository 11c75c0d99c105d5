import type { Reporter } from './host.ts'

/** `wx` for the program: a name that the runner does not have is undefined, and in the report. */
export function watchUnknownNames(wx: Record<string, unknown>, report: Reporter): Record<string, unknown> {
  return new Proxy(wx, {
    get(target, name, receiver): unknown {
      if (typeof name === 'string' && !(name in target)) report.unknownApi(name)
      return Reflect.get(target, name, receiver)
    },
  })
}
