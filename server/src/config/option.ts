/** What became of an option's text: its value, or what it should have been ("a whole number from 0 to 65535"). */
export type Parsed<Value> = { readonly value: Value } | { readonly wanted: string }

export type Parse<Value> = (text: string) => Parsed<Value>

/** One setting, declared once: read, checked and documented from here. */
export interface Option<Value> {
  readonly group: OptionGroup
  readonly parse: Parse<Value>
  /** As one would write it in the environment; '' is "not set". */
  readonly default: string
  /** One sentence for the table in the documents; it says the unit and what an absent value means. */
  readonly help: string
  readonly helpZh: string
  /** Its text appears in no message and no log, and it may come from a file; see `fileVariableOf`. */
  readonly isSecret?: true
}

/** The variable that names a file with a secret option's text in it, as containers hand secrets over. */
export function fileVariableOf(name: string): string {
  return `${name}_FILE`
}

/** Groups in the order in which documents show them. */
export const OPTION_GROUPS = {
  network: 'Where the server listens',
  storage: 'Where data lives',
  application: 'The application and its users',
  messaging: 'Messaging',
  limits: 'Limits',
  operation: 'Operation',
} as const

export type OptionGroup = keyof typeof OPTION_GROUPS
