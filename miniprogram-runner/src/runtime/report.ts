import type { Report, Reporter, ShareMessage } from './host.ts'

/** Beyond this many of a kind the rest is counted away: a failing program must not fill the memory. */
const MAX_LINES = 500

/** What a test reads afterwards. */
export class RunReport implements Reporter {
  private readonly errors: string[] = []
  private readonly warnings: string[] = []
  private readonly libraryWarnings: string[] = []
  private readonly notes: string[] = []
  private readonly shares: ShareMessage[] = []
  private readonly unknownApis = new Set<string>()
  private setDataCount = 0
  private largestBytes = 0
  private largestAt = ''
  private mostSockets = 0

  error(where: string, err: unknown): void {
    add(this.errors, `${where}: ${describeError(err)}`)
  }

  warn(text: string): void {
    const lines = text.includes('miniprogram_npm/') ? this.libraryWarnings : this.warnings
    if (!lines.includes(text)) add(lines, text)
  }

  unknownApi(name: string): void {
    this.unknownApis.add(name)
  }

  note(text: string): void {
    add(this.notes, text)
  }

  setData(where: string, bytes: number): void {
    this.setDataCount += 1
    if (bytes <= this.largestBytes) return
    this.largestBytes = bytes
    this.largestAt = where
  }

  sockets(count: number): void {
    this.mostSockets = Math.max(this.mostSockets, count)
  }

  share(message: ShareMessage): void {
    if (this.shares.length < MAX_LINES) this.shares.push(message)
  }

  snapshot(): Report {
    return {
      errors: [...this.errors],
      warnings: [...this.warnings],
      libraryWarnings: [...this.libraryWarnings],
      unknownApis: [...this.unknownApis].toSorted(),
      setData: { count: this.setDataCount, largestBytes: this.largestBytes, largestAt: this.largestAt },
      mostSockets: this.mostSockets,
      shares: [...this.shares],
      notes: [...this.notes],
    }
  }
}

/** Message and stack of what was thrown, whatever it is. */
export function describeError(err: unknown): string {
  if (err instanceof Error) return err.stack ?? err.message
  return typeof err === 'string' ? err : (JSON.stringify(err) ?? String(err))
}

function add(lines: string[], line: string): void {
  if (lines.length < MAX_LINES) lines.push(line)
}
