import type { ByteRange } from '../blobs/blobs.ts'

/**
 * The part that a Range header asks for. `whole` where there is none, and where it asks for several parts or in units we do
 * not know, which a server may ignore; `unsatisfiable` for a part that begins behind the end.
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  const [, from = '', to = ''] = match ?? []
  if (!match || (from === '' && to === '')) return 'whole'
  if (from === '') {
    const last = Math.min(Number(to), bytes)
    return last === 0 ? 'unsatisfiable' : { start: bytes - last, end: bytes - 1 }
  }
  const start = Number(from)
  const end = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)
  if (to !== '' && Number(to) < start) return 'whole'
  return start >= bytes ? 'unsatisfiable' : { start, end }
}
