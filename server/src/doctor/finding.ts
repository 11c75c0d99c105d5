/** Words for an administrator, in both languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** What was found at one place. */
export interface Finding {
  /** Which part was looked at, such as `database` or `redis`. */
  readonly check: string
  readonly status: 'ok' | 'warning' | 'problem'
  readonly said: Words
  /** What to do about it; absent where nothing is to be done. */
  readonly todo?: Words
}

/** What a look at something found; which check it belongs to is added by the doctor. */
export type Symptom = Omit<Finding, 'check'>

export function ok(zh: string, en: string): Symptom {
  return { status: 'ok', said: { zh, en } }
}

export function warning(said: Words, todo: Words): Symptom {
  return { status: 'warning', said, todo }
}

export function problem(said: Words, todo: Words): Symptom {
  return { status: 'problem', said, todo }
}
