/** What is wrong with the program's source, and where. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
  /** Relative to the directory of app.json. */
  readonly file: string
  /** From 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined

  constructor(file: string, line: number | undefined, reason: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${reason}`)
    this.file = file
    this.line = line
  }
}
