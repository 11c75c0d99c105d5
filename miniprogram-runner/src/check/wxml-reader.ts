import { lineAt } from './fault.ts'

export interface WxmlAttribute {
  readonly name: string
  /** As written, bindings included; undefined for an attribute without `=`. */
  readonly value: string | undefined
  readonly line: number
}

export interface WxmlTag {
  readonly name: string
  readonly attributes: readonly WxmlAttribute[]
  readonly line: number
}

const COMMENT = /<!--[\s\S]*?-->/g
const WXS = /(<wxs\b[^>]*>)([\s\S]*?)(<\/wxs\s*>)/g
const TAG = /<([A-Za-z][\w.-]*)((?:\{\{[\s\S]*?\}\}|"[^"]*"|'[^']*'|[^<>"'])*)>/g
const ATTRIBUTE = /([^\s"'=<>/]+)(?:\s*=\s*("[^"]*"|'[^']*'))?/g

/**
 * The opening tags of a template, in order. Syntax is the template compiler's to judge; this only lists names
 * and attributes, which the compiler does not give away.
 */
export function readWxmlTags(source: string): readonly WxmlTag[] {
  const text = withoutCommentsAndScripts(source)
  return [...text.matchAll(TAG)].map((match) => {
    const attributesAt = match.index + 1 + (match[1] ?? '').length
    return {
      name: match[1] ?? '',
      attributes: readAttributes(text, match[2] ?? '', attributesAt),
      line: lineAt(text, match.index),
    }
  })
}

/** Comments and inline WXS blanked out, every line where it was. */
export function withoutCommentsAndScripts(source: string): string {
  const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')
  return source
    .replaceAll(COMMENT, blank)
    .replaceAll(WXS, (_all, open: string, body: string, close: string) => open + blank(body) + close)
}

function readAttributes(text: string, part: string, offset: number): readonly WxmlAttribute[] {
  return [...part.matchAll(ATTRIBUTE)].map((match) => ({
    name: match[1] ?? '',
    value: match[2]?.slice(1, -1),
    line: lineAt(text, offset + match.index),
  }))
}
