import type { Host } from '../host.ts'
import { callbackIn, optionsOf, type Options } from './options.ts'

/** A refusal in WeChat's words: `errMsg` becomes `<name>:fail <reason>`. */
export class WxFailure extends Error {
  readonly errno: number | undefined

  constructor(reason: string, errno?: number) {
    super(reason)
    this.name = 'WxFailure'
    this.errno = errno
  }
}

export interface Answer {
  readonly errMsg: string
  readonly [field: string]: unknown
}

export type WxFunction = (options?: unknown) => Promise<Answer> | undefined
export type Run = (options: Options) => object | void | Promise<object | void>

/** Makes wx functions of one host: the same manners for all of them. */
export interface Calls {
  /** success, fail and complete when the app gives one of them, else a promise. Callbacks never run synchronously. */
  async(name: string, run: Run): WxFunction
  /** Throws `Error('<name>:fail <reason>')`. */
  sync<T>(name: string, run: () => T): T
  /** Tells the callbacks of an app without a promise, as functions that give a task do. */
  settle(name: string, options: Options, outcome: Promise<object | void>): Promise<void>
  /** Runs a listener of the app; what it throws is the app's error, not ours. */
  guard(where: string, run: () => unknown): void
}

export function createCalls(host: Host): Calls {
  const guard = (where: string, run: () => unknown): void => {
    try {
      run()
    } catch (err) {
      host.report.error(where, err)
    }
  }
  const settle = async (name: string, options: Options, outcome: Promise<object | void>): Promise<void> => {
    const { kind, answer } = await outcomeOf(name, outcome)
    guard(`wx.${name} ${kind}`, () => callbackIn(options, kind)?.(answer))
    guard(`wx.${name} complete`, () => callbackIn(options, 'complete')?.(answer))
  }
  return {
    guard,
    settle,
    async(name, run) {
      return (given) => {
        const options = optionsOf(given)
        const outcome = invoke(run, options)
        const wantsCallbacks = ['success', 'fail', 'complete'].some((key) => callbackIn(options, key) !== undefined)
        if (wantsCallbacks) {
          void settle(name, options, outcome)
          return undefined
        }
        return outcomeOf(name, outcome).then(({ kind, answer }) => {
          // WeChat rejects with this plain object, and apps read errMsg and errno from it.
          // oxlint-disable-next-line typescript/only-throw-error
          if (kind === 'fail') throw answer
          return answer
        })
      }
    },
    sync(name, run) {
      try {
        return run()
      } catch (err) {
        if (err instanceof WxFailure) throw new Error(`${name}:fail ${err.message}`, { cause: err })
        throw err
      }
    },
  }
}

async function invoke(run: Run, options: Options): Promise<object | void> {
  return run(options)
}

interface Outcome {
  readonly kind: 'success' | 'fail'
  readonly answer: Answer
}

async function outcomeOf(name: string, outcome: Promise<object | void>): Promise<Outcome> {
  try {
    const fields = (await outcome) ?? {}
    return { kind: 'success', answer: { errMsg: `${name}:ok`, ...fields } }
  } catch (err) {
    return { kind: 'fail', answer: failureAnswer(name, err) }
  }
}

/** `{ errMsg: 'request:fail timeout', errno: 5 }`; an Error that already speaks so (the router's) keeps its words. */
export function failureAnswer(name: string, err: unknown): Answer {
  const text = err instanceof Error ? err.message : String(err)
  const errMsg = /^\w+:fail/.test(text) ? text : `${name}:fail ${text}`.trimEnd()
  return err instanceof WxFailure && err.errno !== undefined ? { errMsg, errno: err.errno } : { errMsg }
}
