import { BUILTIN_TAGS } from '../check/builtin-tags.ts'

/**
 * A WXSS selector for the DOM of the runner: tags become `wx-…`, `#id` and `.class` match whatever prefix the framework
 * puts in front of an id or a component's class (which keeps its own words in `wx-class`). Playwright's own engines (`text=…`) pass as they are.
 */
export function translateSelector(selector: string): string {
  if (/^(text|xpath|css|role)=/.test(selector)) return selector
  return selector.replaceAll(
    /("[^"]*"|'[^']*'|\[[^\]]*\])|#([\w-]+)|\.([\w-]+)|(?<![\w-:])([a-z][\w-]*)(?![\w-]*\()/g,
    rewrite,
  )
}

function rewrite(all: string, kept?: string, id?: string, className?: string, tag?: string): string {
  if (kept !== undefined) return kept
  if (id !== undefined) return `[exparser\\:info-attr-id="${id}"]`
  if (className !== undefined) return `:is(.${className}, [wx-class~="${className}"])`
  if (tag === undefined || tag.startsWith('wx-')) return all
  return BUILTIN_TAGS.has(tag) || tag.includes('-') || tag === 'page' ? `wx-${tag}` : all
}
