/** The server cannot start here as it is; the message says in one line what is wrong and what to do. */
export class StartRefused extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'StartRefused'
  }
}
