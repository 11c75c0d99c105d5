/** WXS's name for the type of a value, which the runtime defines as a getter (runtime/wxs.ts). */
const WXS_TYPE = '__wxsType'

/**
 * WXS as JavaScript. It looks like JavaScript and differs in what libraries rely on:
 * `x.constructor` is the type's name as text; a backslash in getRegExp's text need not be doubled; a required file is
 * named with its extension.
 */
export function translateWxs(source: string): string {
  const out: string[] = []
  let last = ''
  for (const token of tokenize(source)) {
    out.push(translateToken(token, last))
    if (token.kind !== 'comment') last = (last + token.text).slice(-32)
  }
  return out.join('')
}

interface Token {
  readonly kind: 'code' | 'string' | 'comment'
  readonly text: string
}

const TOKENS = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/g

/** WXS has no template strings and no regular expression literals, so strings and comments are all there is to skip. */
function* tokenize(source: string): Generator<Token> {
  let at = 0
  for (const match of source.matchAll(TOKENS)) {
    if (match.index > at) yield { kind: 'code', text: source.slice(at, match.index) }
    yield { kind: match[0].startsWith('/') ? 'comment' : 'string', text: match[0] }
    at = match.index + match[0].length
  }
  if (at < source.length) yield { kind: 'code', text: source.slice(at) }
}

function translateToken(token: Token, before: string): string {
  if (token.kind === 'comment') return token.text.includes('\n') ? '\n' : ' '
  if (token.kind === 'code') return token.text.replaceAll(/\.\s*constructor\b/g, `.${WXS_TYPE}`)
  if (/require\(\s*$/.test(before)) return token.text.replace(/\.wxs(['"])$/, '$1')
  if (/getRegExp\(\s*$/.test(before)) return doubleBackslashes(token.text)
  return token.text
}

/** `'\d'` is `\d` in WXS; what is doubled already, and a quote's escape, stay. */
function doubleBackslashes(literal: string): string {
  return literal.replaceAll(/\\([\s\S])/g, (escape, next: string) =>
    next === '\\' || /['"]/.test(next) ? escape : `\\${escape}`,
  )
}
