/** What an answer other than 200 rejects with; the status tells the client what the server refused. */
export function httpFailure(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status })
}

/** Text that is uploaded like a file: the one content that all platforms take. */
export function textIn(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || !('text' in content)) return undefined
  // A Blob has a method of this name.
  return typeof content.text === 'string' ? content.text : undefined
}
