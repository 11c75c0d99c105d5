import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLOSE, ERRORS, isFinalClose } from '@hongyan/protocol'
import { format } from 'prettier'
import { ROOT } from './root.ts'

// Writes docs/errors.md from the error catalogue and the close codes.

/** Where the document is kept, from the repository's root. */
export const ERRORS_DOC_PATH = 'docs/errors.md'

/** The document as the catalogue wants it. */
export function errorsDoc(): Promise<string> {
  const text = [
    '# Errors and close codes',
    'Made from `protocol/src/errors.ts` and `protocol/src/close-codes.ts` by `tools/generate-errors-doc.ts`; do not edit.',
    '## Errors',
    'A request that cannot be served is answered with an `error` frame. Numbers are never reused. “Again” says whether ' +
      'the same request may succeed later without being changed.',
    table(
      ['Code', 'Name', 'HTTP', 'Again', 'What is wrong', 'What to do'],
      Object.entries(ERRORS).map(([name, { code, http, retryable, text: wrong, remedy }]) => [
        String(code),
        `\`${name}\``,
        String(http),
        retryable ? 'yes' : 'no',
        wrong,
        remedy,
      ]),
    ),
    '## Close codes',
    'After 4000–4499 a client comes back with back-off; after 4500–4999 it does not come back by itself ([CLOSE-1]).',
    table(
      ['Code', 'Name', 'Comes back'],
      Object.entries(CLOSE).map(([name, code]) => [String(code), `\`${name}\``, isFinalClose(code) ? 'no' : 'yes']),
    ),
  ]
  return format(text.join('\n\n'), { parser: 'markdown', printWidth: 120 })
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

if (import.meta.filename === process.argv[1]) writeFileSync(join(ROOT, ERRORS_DOC_PATH), await errorsDoc())
